use std::io::Write;

use super::WriteError;
use crate::report::CaseSource;

/// `{"head":…,"cases":[` and one case a line. [`StoredReport`](crate::report::StoredReport) reads
/// these lines faster than any other layout.
pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    out.write_all(b"{\"head\":")?;
    serde_json::to_writer(&mut *out, source.head()).map_err(std::io::Error::from)?;
    out.write_all(b",\"cases\":[\n")?;
    let mut first = true;
    source.each_case_json(&mut |case| {
        if !std::mem::take(&mut first) {
            out.write_all(b",\n")?;
        }
        out.write_all(case)
    })?;
    out.write_all(b"\n]}\n")?;
    Ok(out.flush()?)
}
