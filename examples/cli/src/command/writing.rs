use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use aei_core::report::CaseSource;
use aei_core::report::format::{self, Format, Options, WriteError};

use crate::args::Target;
use crate::exit::Stop;
use crate::terminal::Terminal;

/// A file or folder that could not be written.
pub(super) fn cannot_write(path: &Path, error: &dyn std::fmt::Display) -> Stop {
    Stop::Infrastructure(format!("cannot write `{}`: {error}", path.display()))
}

/// Writes a text to a file, or to standard output.
pub(super) fn text(path: Option<&Path>, text: &str, terminal: &Terminal) -> Result<(), Stop> {
    match path {
        None => terminal.print(text),
        Some(path) => make_parent(path)
            .and_then(|()| fs::write(path, text))
            .map_err(|e| cannot_write(path, &e)),
    }
}

/// Writes a report in a format.
pub(super) fn report(
    source: &mut dyn CaseSource,
    target: &Target,
    artifact: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Result<(), Stop> {
    let options = Options { artifact };
    match &target.path {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match format::write(target.format, source, &mut out, &options) {
                Ok(()) => Ok(out.flush()?),
                Err(WriteError::Io(error)) => Err(Stop::Output(error)),
                Err(error) => Err(Stop::Infrastructure(error.to_string())),
            }
        }
        Some(dir) if target.format == Format::Allure => folder(source, dir, &options),
        Some(path) => file(path, &mut |out| format::write(target.format, source, out, &options))
            .map_err(|error| cannot_write(path, &error)),
    }
}

/// Writes a file. One that is there keeps its content until the new one is whole: it may be the
/// very report that is read.
fn file(
    path: &Path,
    write: &mut dyn FnMut(&mut dyn Write) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    make_parent(path)?;
    let old = path.canonicalize().ok().filter(|old| old.is_file());
    let old = old.and_then(|old| Some((beside(&old)?, old)));
    let Some((beside, old)) = old else { return fill(File::create(path)?, write) };
    // A folder that takes no new file may still hold one that can be written.
    let Ok(new) = File::create(&beside) else { return fill(File::create(&old)?, write) };
    let written = fill(new, write).and_then(|()| {
        fs::set_permissions(&beside, fs::metadata(&old)?.permissions())?;
        Ok(fs::rename(&beside, &old)?)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn fill(
    file: File,
    write: &mut dyn FnMut(&mut dyn Write) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    Ok(out.flush()?)
}

/// A hidden name in the same folder, which no other process uses.
fn beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy();
    Some(path.with_file_name(format!(".{name}.{}", std::process::id())))
}

fn folder(source: &mut dyn CaseSource, dir: &Path, options: &Options<'_>) -> Result<(), Stop> {
    let mut put = |name: &str, content: &[u8]| {
        let path = dir.join(name);
        make_parent(&path)?;
        fs::write(path, content)
    };
    format::write_folder(source, &mut put, options).map_err(|error| cannot_write(dir, &error))
}

fn make_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::create_dir_all(parent),
        _ => Ok(()),
    }
}
