use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// Arguments of `aei sign`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  aei sign keygen ann.key --name ann@laptop
  aei bundle checkout.aei.yaml --output bundled.aei.yaml
  aei sign bundled.aei.yaml --key ann.key
  aei sign verify bundled.aei.yaml --key ann.key.pub

The signature goes to a file of its own beside the template, `<template>.sig`."
)]
pub(crate) struct SignArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SignCommand>,
    /// Templates that need no other file, as `aei bundle` makes them.
    #[arg(required = true, value_name = "TEMPLATE", value_hint = ValueHint::FilePath)]
    pub(crate) templates: Vec<PathBuf>,
    /// The private key.
    #[arg(long, required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignCommand {
    /// Make a private key, and the public key that belongs to it.
    Keygen(KeygenArgs),
    /// Say whether templates are as a key has signed them.
    Verify(VerifyArgs),
}

/// Arguments of `aei sign keygen`.
#[derive(Debug, Args)]
pub(crate) struct KeygenArgs {
    /// Where to write the private key; only its owner may read the file. The public key goes to
    /// `<FILE>.pub` and to standard output.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Whose key it is, for messages: `ann@laptop`.
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// Arguments of `aei sign verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Templates, each with its `.sig` beside it.
    #[arg(required = true, value_name = "TEMPLATE", value_hint = ValueHint::FilePath)]
    pub(crate) templates: Vec<PathBuf>,
    /// A public key that is trusted, or a file with one; may be repeated.
    #[arg(long = "key", value_name = "KEY", required_unless_present = "policy")]
    pub(crate) keys: Vec<String>,
    /// Trusts the keys of this `policy.toml`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
}
