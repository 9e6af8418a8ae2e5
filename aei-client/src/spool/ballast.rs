use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// Room on the disk that is given up when it is full, so that what must still be told — that it is
/// full, and how far each case had come — finds a place.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    size: usize,
}

impl Ballast {
    pub(crate) const fn new(path: PathBuf, size: usize) -> Self {
        Self { path, size }
    }

    /// Makes sure that the room is there.
    ///
    /// # Errors
    /// When it is not: nothing should be begun then.
    pub(crate) fn load(&self) -> io::Result<()> {
        if std::fs::metadata(&self.path).is_ok_and(|data| data.len() == self.size as u64) {
            return Ok(());
        }
        let loaded = self.fill();
        if loaded.is_err() {
            self.give_up();
        }
        loaded
    }

    fn fill(&self) -> io::Result<()> {
        let mut file = File::create(&self.path)?;
        // Not zeros: a file system may keep those for nothing.
        let chunk: Vec<u8> = (0..64 << 10).map(|i: u32| (i.wrapping_mul(167) >> 3) as u8).collect();
        let mut left = self.size;
        while left > 0 {
            let part = left.min(chunk.len());
            file.write_all(&chunk[..part])?;
            left -= part;
        }
        file.sync_data()
    }

    /// Gives the room up.
    pub(crate) fn give_up(&self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
