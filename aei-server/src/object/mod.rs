//! The folder `/data` of the original design, on a disk or in a bucket.
//!
//! Invariant: a path is made by [`layout`] alone, so a name that tries to escape never becomes
//! one. Objects are written whole: a reader sees the old one, the new one or none.

pub(crate) mod layout;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use tokio::io::AsyncWriteExt;

pub(crate) use layout::Place;

/// Where templates, reports and artifacts are.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
}

/// An object that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is none.
    #[error("there is no `{0}`")]
    Missing(String),
    /// The store failed.
    #[error("the object store failed: {0}")]
    Store(object_store::Error),
    /// What was to be written did not come.
    #[error("the upload broke off: {0}")]
    Source(String),
    /// It is longer than allowed.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// The most bytes allowed.
        limit: u64,
    },
    /// The folder cannot be used.
    #[error("cannot use `{path}` for data: {reason}")]
    Folder {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::Missing(path),
            error => Self::Store(error),
        }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

impl Objects {
    /// A folder on this machine, made if it is not there.
    pub fn local(folder: &Path) -> Result<Self, ObjectError> {
        let wrong =
            |reason: String| ObjectError::Folder { path: folder.display().to_string(), reason };
        std::fs::create_dir_all(folder).map_err(|error| wrong(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| wrong(error.to_string()))?
            .with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Writes an object whole.
    pub(crate) async fn put(&self, place: &Place, content: Bytes) -> Result<(), ObjectError> {
        self.store.put(&place.path(), PutPayload::from_bytes(content)).await?;
        Ok(())
    }

    /// Writes an object whole unless there is one already; says whether it was written.
    pub(crate) async fn put_new(&self, place: &Place, content: Bytes) -> Result<bool, ObjectError> {
        let payload = PutPayload::from_bytes(content);
        match self.store.put_opts(&place.path(), payload, PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes an object as it comes; nobody sees it before its end.
    pub(crate) async fn put_stream<E: std::fmt::Display>(
        &self,
        place: &Place,
        mut content: impl Stream<Item = Result<Bytes, E>> + Unpin,
        limit: u64,
    ) -> Result<Written, ObjectError> {
        let mut writer = BufWriter::new(Arc::clone(&self.store), place.path());
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        let mut size = 0_u64;
        let result = async {
            while let Some(piece) = content.next().await {
                let piece = piece.map_err(|error| ObjectError::Source(error.to_string()))?;
                size += piece.len() as u64;
                if size > limit {
                    return Err(ObjectError::TooLong { limit });
                }
                hash.update(&piece);
                writer.put(piece).await?;
            }
            Ok(())
        }
        .await;
        if let Err(error) = result {
            // The half of it goes; that it cannot go is no news to the uploader.
            let _ = writer.abort().await;
            return Err(error);
        }
        writer.shutdown().await.map_err(|error| ObjectError::Source(error.to_string()))?;
        Ok(Written { size, sha256: hex(hash.finish().as_ref()) })
    }

    /// Reads an object whole.
    pub(crate) async fn get(&self, place: &Place) -> Result<Bytes, ObjectError> {
        Ok(self.store.get(&place.path()).await?.bytes().await?)
    }

    /// Reads an object piece by piece, with its size.
    pub(crate) async fn stream(
        &self,
        place: &Place,
    ) -> Result<(u64, impl Stream<Item = Result<Bytes, object_store::Error>> + use<>), ObjectError>
    {
        let found = self.store.get(&place.path()).await?;
        Ok((found.meta.size, found.into_stream()))
    }

    /// Copies an object over another.
    pub(crate) async fn copy(&self, from: &Place, to: &Place) -> Result<(), ObjectError> {
        self.store.copy(&from.path(), &to.path()).await?;
        Ok(())
    }

    /// Deletes an object; that there is none is fine.
    pub(crate) async fn delete(&self, place: &Place) -> Result<(), ObjectError> {
        match self.store.delete(&place.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes all that is below a place.
    pub(crate) async fn delete_below(&self, place: &Place) -> Result<(), ObjectError> {
        let paths = self.store.list(Some(&place.path())).map(|found| found.map(|it| it.location));
        let mut deleted = self.store.delete_stream(paths.boxed());
        while let Some(done) = deleted.next().await {
            match done {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
