use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

/// A file that is only added to, with its newest part still in memory.
///
/// When the disk fails, that part simply stays in memory and grows; reading does not see the
/// difference.
#[derive(Debug, Default)]
pub(super) struct Spool {
    file: Option<File>,
    /// How many bytes are in the file.
    written: u64,
    tail: Vec<u8>,
    error: Option<String>,
}

/// How much is gathered before it goes to the file without being asked.
const BUFFER: usize = 64 << 10;

impl Spool {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().create_new(true).read(true).append(true).open(path)?;
        Ok(Self { file: Some(file), ..Self::default() })
    }

    /// A file of before, with room in memory for what is found out later.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let written = file.metadata()?.len();
        Ok(Self { file: Some(file), written, ..Self::default() })
    }

    /// A file of before that is added to further. What stands after `end` is the torn start of
    /// something and goes.
    pub(super) fn extend(path: &Path, end: u64) -> io::Result<Self> {
        let file = File::options().create(true).read(true).append(true).open(path)?;
        file.set_len(end)?;
        Ok(Self { file: Some(file), written: end, ..Self::default() })
    }

    /// Where the next byte goes.
    pub(super) const fn end(&self) -> u64 {
        self.written + self.tail.len() as u64
    }

    /// What to add to; call [`settle`](Self::settle) after.
    pub(super) const fn tail(&mut self) -> &mut Vec<u8> {
        &mut self.tail
    }

    /// Hands on what was added, once it is worth it.
    pub(super) fn settle(&mut self) {
        if self.tail.len() >= BUFFER {
            self.flush();
        }
    }

    /// Hands all of it to the file.
    pub(super) fn flush(&mut self) {
        if self.error.is_some() {
            return;
        }
        let Some(file) = &mut self.file else { return };
        let mut done = 0;
        while done < self.tail.len() {
            match file.write(&self.tail[done..]) {
                Ok(0) => self.error = Some(io::Error::from(io::ErrorKind::WriteZero).to_string()),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => self.error = Some(error.to_string()),
            }
            if self.error.is_some() {
                break;
            }
        }
        self.tail.drain(..done);
        self.written += done as u64;
    }

    /// Why the file takes no more.
    pub(super) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Forgets what the file will never take.
    pub(super) fn give_up(&mut self) {
        self.tail = Vec::new();
    }

    /// Reads `range`, from file and memory.
    pub(super) fn read(&self, range: Range<u64>, into: &mut Vec<u8>) -> io::Result<()> {
        into.clear();
        let length = |from: u64, to: u64| usize::try_from(to - from).unwrap_or(usize::MAX);
        if range.start < self.written {
            let end = range.end.min(self.written);
            into.resize(length(range.start, end), 0);
            let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
            read_exact_at(file, into, range.start)?;
        }
        if range.end > self.written {
            let from = length(self.written, range.start.max(self.written));
            let to = length(self.written, range.end).min(self.tail.len());
            into.extend_from_slice(&self.tail[from..to]);
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut into: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !into.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_read(file, into, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into = &mut into[count..];
        offset += count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_see_file_and_memory_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(&folder.path().join("s")).unwrap();
        spool.tail().extend_from_slice(b"hello ");
        spool.flush();
        spool.tail().extend_from_slice(b"world");
        let mut read = Vec::new();
        for (range, text) in
            [(0..11, "hello world"), (4..8, "o wo"), (6..11, "world"), (0..2, "he")]
        {
            spool.read(range, &mut read).unwrap();
            assert_eq!(read, text.as_bytes());
        }
    }

    #[test]
    fn a_full_disk_loses_nothing() {
        let file = File::options().write(true).open("/dev/full").unwrap();
        let mut spool = Spool { file: Some(file), ..Spool::default() };
        spool.tail().extend_from_slice(b"kept");
        spool.flush();
        assert!(spool.error().unwrap().contains("space"), "{:?}", spool.error());
        let mut read = Vec::new();
        spool.read(0..4, &mut read).unwrap();
        assert_eq!(read, b"kept");
    }
}
