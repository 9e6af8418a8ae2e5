use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use aei_core::report::CaseSource;
use aei_core::report::format::{self, Format, Options};

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
            format::write(target.format, source, &mut out, &options)
                .map_err(|error| Stop::Infrastructure(error.to_string()))?;
            Ok(out.flush()?)
        }
        Some(dir) if target.format == Format::Allure => folder(source, dir, &options),
        Some(path) => {
            let wrong = |error: &dyn std::fmt::Display| cannot_write(path, error);
            let file =
                make_parent(path).and_then(|()| File::create(path)).map_err(|e| wrong(&e))?;
            let mut out = BufWriter::new(file);
            format::write(target.format, source, &mut out, &options).map_err(|e| wrong(&e))?;
            out.flush().map_err(|e| wrong(&e))
        }
    }
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
