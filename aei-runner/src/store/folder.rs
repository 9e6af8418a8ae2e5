use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aei_core::event::{Event, RunId, Sink, SinkError, Summary};
use aei_core::host::Host;
use chrono::{DateTime, Utc};

use super::StoredRun;
use super::recorder::Recorder;

/// A new folder for the results of one run.
pub struct RunFolder {
    run_id: RunId,
    path: PathBuf,
    recorder: Arc<Mutex<Recorder>>,
}

/// A folder that cannot be made, or holds no run.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be made or written.
    #[error("cannot keep results in `{path}`: {source}", path = .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be read.
    #[error("cannot read the results in `{path}`: {source}", path = .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no event in it.
    #[error("there is no run in `{path}`", path = .path.display())]
    Empty {
        /// Which.
        path: PathBuf,
    },
}

impl RunFolder {
    /// Makes a folder under `root`, named after a fresh run id (which sorts by time).
    pub fn create(root: &Path, host: &dyn Host) -> Result<Self, FolderError> {
        let run_id = RunId(host.uuid());
        let path = root.join(run_id.to_string());
        let wrong = |source| FolderError::Write { path: path.clone(), source };
        std::fs::create_dir_all(&path).map_err(wrong)?;
        let recorder = Recorder::create(&path).map_err(wrong)?;
        Ok(Self { run_id, recorder: Arc::new(Mutex::new(recorder)), path })
    }

    /// Makes `path` the folder of a run that has its identity from elsewhere. It keeps the reports
    /// of cases but no journal: whoever calls keeps the events, as a node does until its server
    /// has them.
    pub fn without_journal(path: &Path, run_id: RunId) -> Result<Self, FolderError> {
        let wrong = |source| FolderError::Write { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(wrong)?;
        let recorder = Recorder::without_journal(path).map_err(wrong)?;
        let recorder = Arc::new(Mutex::new(recorder));
        Ok(Self { run_id, recorder, path: path.to_owned() })
    }

    pub(super) fn resumed(path: PathBuf, run_id: RunId, recorder: Recorder) -> Self {
        Self { run_id, recorder: Arc::new(Mutex::new(recorder)), path }
    }

    /// The run's identity.
    pub const fn run_id(&self) -> RunId {
        self.run_id
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What records the events of the run.
    pub(crate) fn sink(&self) -> Box<dyn Sink> {
        Box::new(Recording(Arc::clone(&self.recorder)))
    }

    /// How many cases have ended how, of those whose events were taken.
    pub(crate) fn summary(&self) -> Summary {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        recorder.head.as_ref().map(|head| head.summary).unwrap_or_default()
    }

    /// How long it ran until then, in microseconds.
    pub(crate) fn ran_for(&self, until: DateTime<Utc>) -> u64 {
        let recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        let ran = recorder.head.as_ref().map(|head| until - head.started_at);
        let ran = ran.and_then(|ran| u64::try_from(ran.num_microseconds()?).ok());
        ran.unwrap_or(0)
    }

    /// The report of the run that was recorded here, and what kept it from the disk.
    pub(crate) fn into_report(self) -> (Option<StoredRun>, Option<SinkError>) {
        let recorder =
            std::mem::take(&mut *self.recorder.lock().unwrap_or_else(PoisonError::into_inner));
        let error = recorder.error().map(|reason| SinkError {
            sink: self.path.display().to_string(),
            reason: reason.to_owned(),
        });
        (StoredRun::recorded(self.path, recorder), error)
    }

    /// Opens the folder of an earlier run, finished or not.
    pub fn open(path: &Path) -> Result<StoredRun, FolderError> {
        StoredRun::open(path)
    }
}

/// Never fails: when the disk does, recording goes on in memory, so that a full disk costs nobody
/// the results of what still runs. The error is told at the end.
struct Recording(Arc<Mutex<Recorder>>);

impl Recording {
    fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Recording {
    fn accept(&mut self, event: &Event) -> Result<(), SinkError> {
        self.recorder().record(event);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.recorder().flush();
        Ok(())
    }
}
