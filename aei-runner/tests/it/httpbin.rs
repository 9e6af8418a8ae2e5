//! The real httpbin as a peer.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A real httpbin on a port of its own, gone when dropped.
pub(crate) struct Httpbin {
    child: Child,
    port: u16,
}

impl Httpbin {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(python())
            .args(["-m", "gunicorn", "--no-control-socket", "-k", "gthread", "--threads", "16"])
            .args(["-b", &format!("127.0.0.1:{port}"), "httpbin:app"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}; scripts/test makes it", python().display())
            });
        let server = Self { child, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_mins(1), "httpbin does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}

impl Drop for Httpbin {
    fn drop(&mut self) {
        // gunicorn ends its workers when it is asked to end; killed, it would leave them.
        #[cfg(unix)]
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let pid = nix::unistd::Pid::from_raw(pid);
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        }
        #[cfg(not(unix))]
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python of the tests' own environment, with what `tests/requirements.txt` names.
fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let venv = std::env::var_os("AEI_TEST_VENV")
        .map_or_else(|| root.join("target/test-venv"), |venv| root.join(venv));
    venv.join("bin/python")
}
