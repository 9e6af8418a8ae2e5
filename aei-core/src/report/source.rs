use super::{CaseReport, Report, ReportHead};

/// A report that is read one case at a time, so that memory does not grow with it.
pub trait CaseSource {
    /// The run as a whole.
    fn head(&self) -> &ReportHead;

    /// Calls `visit` with every case, in the order of the plan, until it fails. May be called
    /// again, from the start.
    fn each_case(
        &mut self,
        visit: &mut dyn FnMut(&CaseReport) -> std::io::Result<()>,
    ) -> Result<(), ReadError>;

    /// Like [`each_case`](Self::each_case), each case as its JSON text, for sources that hold it.
    fn each_case_json(
        &mut self,
        visit: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ReadError> {
        let mut json = Vec::new();
        self.each_case(&mut |case| {
            json.clear();
            serde_json::to_writer(&mut json, case)?;
            visit(&json)
        })
    }
}

/// A report that could not be read, or whose reader gave up.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Reading or the visitor's writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What is stored is no report.
    #[error("not a report: {0}")]
    Malformed(String),
}

impl CaseSource for Report {
    fn head(&self) -> &ReportHead {
        &self.head
    }

    fn each_case(
        &mut self,
        visit: &mut dyn FnMut(&CaseReport) -> std::io::Result<()>,
    ) -> Result<(), ReadError> {
        Ok(self.cases.iter().try_for_each(visit)?)
    }
}
