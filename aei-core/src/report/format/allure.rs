use std::io;

use super::{Options, WriteError};
use crate::report::CaseSource;

pub(super) fn write(
    source: &mut dyn CaseSource,
    put: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
    options: &Options<'_>,
) -> Result<(), WriteError> {
    let _ = options;
    Ok(put("head.json", source.head().name.as_bytes())?)
}
