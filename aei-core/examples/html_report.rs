//! Makes an HTML page of a JSON report: `html_report REPORT.json PAGE.html`, or a JSON report to
//! try it with: `html_report --sample CASES REPORT.json`.

use std::fs::File;
use std::io::{BufWriter, Error};

use aei_core::report::StoredReport;
use aei_core::report::format::{Format, Options, write};

#[expect(clippy::unwrap_used, reason = "what the sample parses is written in it")]
#[path = "../tests/it/sample.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let options =
        Options { artifact: &|path| path.ends_with("scope.png").then(|| sample::PIXEL.to_vec()) };
    match arguments.as_slice() {
        ["--sample", cases, to] => {
            let cases: u32 = cases.parse()?;
            let mut report = if cases <= 10 { sample::small() } else { sample::large(cases) };
            let mut out = BufWriter::new(File::create(to)?);
            write(Format::Json, &mut report, &mut out, &options)?;
        }
        [from, to] => {
            let mut report = StoredReport::open(File::open(from)?)?;
            let mut out = BufWriter::with_capacity(256 * 1024, File::create(to)?);
            write(Format::Html, &mut report, &mut out, &options)?;
        }
        _ => return Err(Error::other("html_report REPORT.json PAGE.html").into()),
    }
    Ok(())
}
