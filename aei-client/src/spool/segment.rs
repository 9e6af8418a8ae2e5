use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// One file of events.
#[derive(Debug)]
pub(super) struct Segment {
    /// The number of its first event.
    pub(super) first: u64,
    /// The number after its last event.
    pub(super) next: u64,
    /// Its size in bytes, as far as it is in the file.
    pub(super) bytes: u64,
    pub(super) path: PathBuf,
}

impl Segment {
    pub(super) fn create(folder: &Path, first: u64) -> io::Result<(Self, File)> {
        let path = folder.join(format!("{first:020}.ndjson"));
        let file = File::options().create(true).append(true).open(&path)?;
        // What a writer of before left half done under this name.
        file.set_len(0)?;
        Ok((Self { first, next: first, bytes: 0, path }, file))
    }

    /// All segments of a folder, in order. A torn line at the end of one is cut off; what stands
    /// after a gap was never whole and goes.
    pub(super) fn list(folder: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some(first) = name.strip_suffix(".ndjson").and_then(|first| first.parse().ok()) {
                found.push((first, path));
            }
        }
        found.sort_unstable();
        let mut segments: Vec<Self> = Vec::with_capacity(found.len());
        for (first, path) in found {
            let segment = Self::open(first, path)?;
            segments.push(segment);
        }
        Ok(segments)
    }

    fn open(first: u64, path: PathBuf) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(64 << 10, File::open(&path)?);
        let (mut next, mut bytes, mut line) = (first, 0, Vec::new());
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            // Power cuts leave half lines, and blocks of zeros.
            let whole = line.last() == Some(&b'\n') && line.first() == Some(&b'{');
            if !whole {
                break;
            }
            next += 1;
            bytes += length as u64;
        }
        if std::fs::metadata(&path)?.len() != bytes {
            File::options().write(true).open(&path)?.set_len(bytes)?;
        }
        Ok(Self { first, next, bytes, path })
    }

    /// Opens it to read on from a place.
    pub(super) fn read_from(&self, offset: u64) -> io::Result<BufReader<io::Take<File>>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(BufReader::with_capacity(64 << 10, file.take(self.bytes.saturating_sub(offset))))
    }

    /// The offset of an event in it.
    pub(super) fn offset_of(&self, seq: u64) -> io::Result<u64> {
        let mut reader = self.read_from(0)?;
        let (mut offset, mut line) = (0, Vec::new());
        for _ in self.first..seq.min(self.next) {
            line.clear();
            offset += reader.read_until(b'\n', &mut line)? as u64;
        }
        Ok(offset)
    }

    pub(super) fn delete(&self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "cannot delete sent events");
        }
    }
}

/// Adds whole lines to a file, all of them or none.
pub(super) fn add(file: &mut File, size: u64, lines: &[u8]) -> io::Result<()> {
    let written = file.write_all(lines);
    if written.is_err() {
        // Half a line must not stay: the next try would continue it.
        let _ = file.set_len(size);
    }
    written
}
