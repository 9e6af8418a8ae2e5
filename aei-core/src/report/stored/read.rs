use std::io::{self, Read, Seek, SeekFrom};

use memchr::memchr;

use super::scan::ValueScan;
use super::window::Window;
use crate::report::{CaseReport, CaseSource, REPORT_VERSION, ReadError, ReportHead};

/// A JSON report in a file, of which one case at a time is in memory.
///
/// `head` must be the first field; the layout is free, but one case a line, as AEI writes it, is
/// read fastest.
#[derive(Debug)]
pub struct StoredReport<R> {
    input: R,
    head: ReportHead,
    cases_at: u64,
}

impl<R: Read + Seek> StoredReport<R> {
    /// Reads the head.
    pub fn open(mut input: R) -> Result<Self, ReadError> {
        input.seek(SeekFrom::Start(0))?;
        let mut reader = Reader { window: Window::new(&mut input), cases: 0 };
        let head = reader.head()?;
        let cases_at = reader.window.consumed();
        Ok(Self { input, head, cases_at })
    }
}

impl<R: Read + Seek> CaseSource for StoredReport<R> {
    fn head(&self) -> &ReportHead {
        &self.head
    }

    fn each_case(
        &mut self,
        visit: &mut dyn FnMut(&CaseReport) -> io::Result<()>,
    ) -> Result<(), ReadError> {
        let mut number = 0_usize;
        let mut bad = None;
        let result = self.each_case_json(&mut |json| {
            number += 1;
            match serde_json::from_slice(json) {
                Ok(case) => visit(&case),
                Err(error) => {
                    bad = Some(ReadError::Malformed(format!("case {number} of the file: {error}")));
                    Err(io::ErrorKind::InvalidData.into())
                }
            }
        });
        bad.map_or(result, Err)
    }

    fn each_case_json(
        &mut self,
        visit: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), ReadError> {
        self.input.seek(SeekFrom::Start(self.cases_at))?;
        let mut reader = Reader { window: Window::new(&mut self.input), cases: 0 };
        while let Some(length) = reader.next_case()? {
            visit(&reader.window.bytes()[..length])?;
            reader.window.consume(length);
        }
        Ok(())
    }
}

struct Reader<R> {
    window: Window<R>,
    cases: u64,
}

impl<R: Read> Reader<R> {
    /// Reads up to the first case.
    fn head(&mut self) -> Result<ReportHead, ReadError> {
        if self.window.peek()? == Some(0xEF) {
            self.window.more()?;
            if self.window.bytes().starts_with(b"\xEF\xBB\xBF") {
                self.window.consume(3);
            }
        }
        match self.window.peek()? {
            Some(b'{') => self.window.consume(1),
            Some(_) => return Err(malformed("it does not begin with `{`")),
            None => return Err(malformed("it is empty")),
        }
        let key = self.key()?;
        if key != "head" {
            return Err(malformed(format!("its first field is `{key}`, not `head`")));
        }
        let json = self.value("its head")?;
        let head: ReportHead = serde_json::from_slice(&json)
            .map_err(|error| malformed(format!("its head: {error}")))?;
        if head.version > REPORT_VERSION {
            let version = head.version;
            return Err(malformed(format!(
                "it has version {version}, and this AEI knows versions up to {REPORT_VERSION}"
            )));
        }
        loop {
            match self.window.peek()? {
                Some(b',') => self.window.consume(1),
                Some(b'}') => return Err(malformed("it has no `cases`")),
                _ => return Err(self.cut("after its head")),
            }
            if self.key()? == "cases" {
                break;
            }
            self.value("a field that is not known")?;
        }
        match self.window.peek()? {
            Some(b'[') => self.window.consume(1),
            Some(_) => return Err(malformed("its `cases` are no list")),
            None => return Err(self.cut("before its cases")),
        }
        Ok(head)
    }

    fn key(&mut self) -> Result<String, ReadError> {
        if self.window.peek()?.is_some_and(|byte| byte != b'"') {
            return Err(malformed(format!("no key at byte {}", self.window.consumed())));
        }
        let json = self.value("its head")?;
        let key = serde_json::from_slice(&json).map_err(|error| malformed(error.to_string()))?;
        match self.window.peek()? {
            Some(b':') => self.window.consume(1),
            Some(_) => return Err(malformed(format!("no `:` after `{key}`"))),
            None => return Err(self.cut("in its head")),
        }
        Ok(key)
    }

    /// Consumes a value.
    fn value(&mut self, what: &str) -> Result<Vec<u8>, ReadError> {
        self.window.peek()?;
        let Some(length) = self.scan()? else { return Err(self.cut(&format!("in {what}"))) };
        let json = self.window.bytes()[..length].to_vec();
        self.window.consume(length);
        Ok(json)
    }

    /// Moves to the next case, which is then at hand whole, and gives its length.
    fn next_case(&mut self) -> Result<Option<usize>, ReadError> {
        let first = match self.window.peek()? {
            Some(b',') if self.cases > 0 => {
                self.window.consume(1);
                self.window.peek()?
            }
            Some(b'{') if self.cases > 0 => {
                return Err(malformed(format!("no `,` after case {} of the file", self.cases)));
            }
            other => other,
        };
        match first {
            Some(b'{') => {}
            Some(b']') => return self.end(),
            Some(_) => {
                return Err(malformed(format!("case {} is no map", self.cases + 1)));
            }
            None => return Err(self.cut(&format!("after {} cases", self.cases))),
        }
        self.cases += 1;
        if let Some(length) = self.whole_line() {
            return Ok(Some(length));
        }
        match self.scan()? {
            Some(length) => Ok(Some(length)),
            None => Err(self.cut(&format!("in the middle of case {}", self.cases))),
        }
    }

    /// The length of a case that stands on a line of its own, as AEI writes it. A line end within
    /// a JSON string is not possible, so it is enough that both this line and the next one begin
    /// as cases do.
    fn whole_line(&self) -> Option<usize> {
        const CASE: &[u8] = br#"{"case":"#;
        let bytes = self.window.bytes();
        if !bytes.starts_with(CASE) {
            return None;
        }
        let line_end = memchr(b'\n', bytes)?;
        let (line, rest) = (&bytes[..line_end], &bytes[line_end + 1..]);
        let case = line.strip_suffix(b",").unwrap_or(line);
        let follows =
            if case.len() < line.len() { rest.starts_with(CASE) } else { rest.starts_with(b"]}") };
        (case.ends_with(b"}") && follows).then_some(case.len())
    }

    fn scan(&mut self) -> io::Result<Option<usize>> {
        let mut scan = ValueScan::default();
        let mut done = 0;
        loop {
            if let Some(length) = scan.feed(&self.window.bytes()[done..]) {
                return Ok(Some(done + length));
            }
            done = self.window.bytes().len();
            if !self.window.more()? {
                return Ok(None);
            }
        }
    }

    fn end(&mut self) -> Result<Option<usize>, ReadError> {
        self.window.consume(1);
        loop {
            match self.window.peek()? {
                Some(b'}') => return Ok(None),
                Some(b',') => {
                    self.window.consume(1);
                    self.key()?;
                    self.value("a field that is not known")?;
                }
                _ => return Err(self.cut("after its cases")),
            }
        }
    }

    fn cut(&self, place: &str) -> ReadError {
        let read = self.window.consumed() + self.window.bytes().len() as u64;
        malformed(format!("it is cut off {place}, after {read} bytes"))
    }
}

fn malformed(what: impl Into<String>) -> ReadError {
    ReadError::Malformed(what.into())
}
