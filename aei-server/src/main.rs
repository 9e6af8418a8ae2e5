//! The server as a program.

use std::net::SocketAddr;
use std::path::PathBuf;

use aei_server::{Config, Server};
use anyhow::Context;
use clap::Parser;

/// The AEI server: users, nodes, templates, runs and their results.
#[derive(Debug, Parser)]
#[command(name = "aei-server", version)]
struct Args {
    /// Where to listen.
    #[arg(long, env = "AEI_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder for templates, reports and, without --database, the SQLite database.
    #[arg(long, env = "AEI_DATA_DIR", default_value = "data")]
    data_dir: PathBuf,
    /// The database: `postgres://USER@HOST/NAME` or `sqlite:PATH`.
    #[arg(long, env = "AEI_DATABASE")]
    database: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("AEI_LOG")
                .unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let args = Args::parse();
    let mut config = Config::local(args.data_dir);
    config.listen = args.listen;
    config.database = args.database;
    let server = Server::start(config).await.context("cannot start")?;
    tracing::info!(address = %server.address(), "listening");
    tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")?;
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}
