use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use aei_runner::generate::{self, Origin, SourceFormat};
use aei_runner::host::reason;
use url::Url;

use super::writing;
use crate::args::NewArgs;
use crate::exit::{Exit, Stop};
use crate::terminal::{Terminal, plural, shell_word};

/// `aei new`: a template to start from.
pub(super) fn run(args: &NewArgs, terminal: &Terminal) -> Result<Exit, Stop> {
    if let Some(output) = args.output.as_deref().filter(|path| path.exists() && !args.force) {
        return Err(Stop::mistake(format!("`{}` is there already", output.display()))
            .help("choose another name, or overwrite it with `--force`"));
    }
    let (content, origin) = match args.source.as_deref() {
        None => (Vec::new(), Origin::Nowhere),
        Some(source) => read(source)?,
    };
    let format = format(args, &content, &origin)?;
    let made = generate::generate(format, &content, &origin)
        .map_err(|error| Stop::mistake(format!("{origin}: {error}")))?;
    for note in &made.notes {
        terminal.say(&format!("{} {note}", terminal.err().warn("note:")));
    }
    writing::text(args.output.as_deref(), &made.text, terminal)?;
    if let Some(output) = &args.output {
        let notes = match made.notes.len() {
            0 => String::new(),
            count => format!(", with {}", plural(count, "note")),
        };
        let file = shell_word(&output.display().to_string());
        terminal.say(&format!("wrote {file}{notes}; try `aei run {file}`"));
    }
    Ok(Exit::Passed)
}

fn read(source: &str) -> Result<(Vec<u8>, Origin), Stop> {
    if source == "-" {
        let mut content = Vec::new();
        io::stdin().read_to_end(&mut content).map_err(|error| {
            Stop::mistake(format!("cannot read standard input: {}", reason(&error)))
        })?;
        return Ok((content, Origin::Nowhere));
    }
    if source.starts_with("http://") || source.starts_with("https://") {
        let url: Url = source
            .parse()
            .map_err(|error| Stop::mistake(format!("`{source}` is no address: {error}")))?;
        let content = generate::fetch(&url).map_err(|error| Stop::mistake(error.to_string()))?;
        return Ok((content, Origin::Url(url)));
    }
    let content = fs::read(source)
        .map_err(|error| Stop::mistake(format!("cannot read `{source}`: {}", reason(&error))))?;
    Ok((content, Origin::Path(PathBuf::from(source))))
}

fn format(args: &NewArgs, content: &[u8], origin: &Origin) -> Result<SourceFormat, Stop> {
    if args.source.is_none() {
        return Ok(SourceFormat::Blank);
    }
    let format = args.from.or_else(|| SourceFormat::detect(&origin.name(), content));
    format.ok_or_else(|| {
        Stop::mistake(format!("cannot tell what {origin} is"))
            .help("say so: `--from openapi`, `har`, `curl`, `postman` or `hurl`")
    })
}
