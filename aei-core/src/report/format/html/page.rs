use std::io::{self, Write};

use super::raw::Case;
use super::row::Rows;
use super::still;
use crate::report::format::xml::Content;
use crate::report::format::{Options, WriteError};
use crate::report::{CaseSource, ReadError, ReportHead};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPTS: [&str; 6] = [
    include_str!("assets/data.js"),
    include_str!("assets/dom.js"),
    include_str!("assets/detail.js"),
    include_str!("assets/list.js"),
    include_str!("assets/timeline.js"),
    include_str!("assets/main.js"),
];

/// Runs before anything is drawn, so that nothing flashes.
const FIRST: &str = include_str!("assets/first.js");

pub(in crate::report::format) fn write(
    source: &mut dyn CaseSource,
    out: &mut dyn Write,
    options: &Options<'_>,
) -> Result<(), WriteError> {
    let head = source.head().clone();
    begin(out, &head)?;
    let files: Vec<String> = head.suites.iter().map(|suite| suite.file.clone()).collect();
    let mut rows = Rows::new(files.clone(), head.started_at, options);
    let mut failures = still::Failures::default();
    let mut malformed = None;
    let mut separator = "";
    let result = source.each_case_json(&mut |json| {
        let case: Case<'_> = match serde_json::from_slice(json) {
            Ok(case) => case,
            Err(error) => {
                malformed = Some(ReadError::Malformed(format!("a case: {error}")));
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        rows.case(&case);
        failures.add(&case, files.get(case.suite as usize).map_or("", String::as_str));
        out.write_all(std::mem::replace(&mut separator, ",\n").as_bytes())?;
        out.write_all(&rows.json.bytes)
    });
    malformed.map_or(result, Err)?;
    out.write_all(b"]</script>\n<script type=\"application/json\" id=\"aei-about\">")?;
    about(&mut rows, &head);
    out.write_all(&rows.json.bytes)?;
    out.write_all(b"</script>\n")?;
    out.write_all(still::suites(&head).as_bytes())?;
    out.write_all(failures.section().as_bytes())?;
    end(out, &head)?;
    Ok(out.flush()?)
}

fn begin(out: &mut dyn Write, head: &ReportHead) -> io::Result<()> {
    write!(
        out,
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="AEI {}">
<title>{} · {}</title>
<style>
{STYLE}</style>
<script>{FIRST}</script>
</head>
<body>
{}<a class="skip" href="#cases">Skip to the cases</a>
{}<main id="main">
<script type="application/json" id="aei-rows">["##,
        Content(&head.aei),
        still::word(head.status),
        Content(&head.name),
        still::ICONS,
        still::header(head),
    )
}

/// The pooled texts, and what the script must know of the run.
fn about(rows: &mut Rows<'_>, head: &ReportHead) {
    let json = &mut rows.json;
    json.clear();
    json.open(b'{');
    json.key("pool");
    json.open(b'[');
    rows.pool.texts().iter().for_each(|text| json.text(text));
    json.close(b']');
    json.key("suites");
    json.open(b'[');
    for suite in &head.suites {
        json.open(b'[');
        json.text(&suite.name);
        json.text(&suite.file);
        json.text(suite.description.as_deref().unwrap_or(""));
        json.close(b']');
    }
    json.close(b']');
    json.key("duration");
    json.number(head.duration_us);
    json.key("jobs");
    json.number(head.jobs.into());
    json.close(b'}');
}

fn end(out: &mut dyn Write, head: &ReportHead) -> io::Result<()> {
    writeln!(
        out,
        "</main>\n<footer>AEI {} · run <code>{}</code></footer>\n<script>\n(() => {{\n\"use strict\";",
        Content(&head.aei),
        head.run_id
    )?;
    for script in SCRIPTS {
        out.write_all(script.as_bytes())?;
    }
    out.write_all(b"})();\n</script>\n</body>\n</html>\n")
}
