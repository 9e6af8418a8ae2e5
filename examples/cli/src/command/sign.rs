use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use aei_core::signature::{Keypair, PublicKey, Unverified, self_contained, verify};
use aei_runner::guard::signature_path;
use aei_runner::host::reason;

use super::writing::cannot_write;
use super::{policy, writing};
use crate::args::{KeygenArgs, SignArgs, SignCommand, VerifyArgs};
use crate::exit::{Exit, Stop};
use crate::terminal::Terminal;

/// `aei sign`.
pub(super) fn run(args: &SignArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    match (&args.command, &args.key) {
        (Some(SignCommand::Keygen(args)), _) => keygen(args, terminal),
        (Some(SignCommand::Verify(args)), _) => check(args, terminal),
        (None, Some(key)) => sign(&args.templates, key, terminal),
        (None, None) => Err(Stop::mistake("a private key is needed").help("name it with `--key`")),
    }
}

fn keygen(args: &KeygenArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let made = Keypair::generate();
    let (pair, pem) = made.map_err(|error| Stop::Infrastructure(error.to_string()))?;
    let key = match &args.name {
        Some(name) => pair.public().named(name.trim()),
        None => pair.public(),
    };
    write_private(&args.file, &pem)?;
    let line = format!("{key}\n");
    let mut public = args.file.clone().into_os_string();
    public.push(".pub");
    writing::text(Some(public.as_ref()), &line, terminal)?;
    terminal.print(&line)?;
    Ok(Exit::Passed)
}

/// A key is never written over: what it has signed could not be signed again.
fn write_private(path: &Path, pem: &str) -> Result<(), Stop> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| file.write_all(pem.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Stop::mistake(format!("`{}` is there already", path.display()))
            .help("choose another name; a key is never written over"),
        _ => cannot_write(path, &reason(&error)),
    })
}

fn sign(templates: &[PathBuf], key: &Path, terminal: &Terminal) -> Result<Exit, Stop> {
    let pair = private(key)?;
    for path in templates {
        let bytes = read(path)?;
        self_contained(path, bytes.clone())?;
        writing::text(Some(&signature_path(path)), &pair.sign(&bytes).to_string(), terminal)?;
    }
    Ok(Exit::Passed)
}

fn private(path: &Path) -> Result<Keypair, Stop> {
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    owned(path)?;
    Keypair::from_pem(&text)
        .map_err(|error| Stop::mistake(format!("`{}`: {error}", path.display())))
}

#[cfg(unix)]
fn owned(path: &Path) -> Result<(), Stop> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode() & 0o777);
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    let name = path.display();
    Err(Stop::mistake(format!("others may read the private key `{name}`: its mode is {mode:04o}"))
        .help(format!("keep it to yourself: `chmod 600 {name}`")))
}

#[cfg(not(unix))]
fn owned(_: &Path) -> Result<(), Stop> {
    Ok(())
}

fn check(args: &VerifyArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    let mut trusted: Vec<PublicKey> =
        args.keys.iter().map(|key| public(key)).collect::<Result<_, _>>()?;
    if let Some(path) = &args.policy {
        let policy = policy::read(path)?;
        let Some(keys) = policy.trusted() else {
            let message = format!("`{}` names no trusted keys", path.display());
            return Err(Stop::mistake(message).help("they stand in `keys` under `[trust]`"));
        };
        trusted.extend(keys.cloned());
    }
    let mut exit = Exit::Passed;
    for path in &args.templates {
        let bytes = read(path)?;
        let signature = match fs::read_to_string(signature_path(path)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&signature_path(path), &error)),
        };
        let name = path.display();
        match verify(&bytes, signature.as_deref(), &trusted) {
            Ok(key) => {
                let owner = key.name().map_or_else(String::new, |name| format!(" ({name})"));
                terminal.print(&format!("{name}: signed by the key {}{owner}\n", key.id()))?;
            }
            Err(error) => {
                terminal.complain(&not_verified(&name.to_string(), &error));
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}

fn not_verified(name: &str, error: &Unverified) -> Stop {
    Stop::mistake(format!("`{name}`: {error}"))
}

/// A public key, or the first line of a file with one.
fn public(text: &str) -> Result<PublicKey, Stop> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let path = Path::new(text);
    let read = String::from_utf8_lossy(&read(path)?).into_owned();
    let line = read.lines().next().unwrap_or_default();
    line.parse().map_err(|error| Stop::mistake(format!("`{text}`: {error}")))
}

fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Stop {
    Stop::mistake(format!("cannot read `{}`: {}", path.display(), reason(error)))
}
