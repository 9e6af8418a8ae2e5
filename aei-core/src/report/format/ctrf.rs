use std::io::Write;

use super::WriteError;
use crate::report::CaseSource;

pub(super) fn write(source: &mut dyn CaseSource, out: &mut dyn Write) -> Result<(), WriteError> {
    let _ = (source.head(), &out);
    Ok(out.flush()?)
}
