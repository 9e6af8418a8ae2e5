use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::{Client, ClientError};

/// A file on its way from the server, of any size.
#[derive(Debug)]
pub struct Download {
    client: Client,
    response: Response,
}

impl Download {
    pub(super) const fn new(client: Client, response: Response) -> Self {
        Self { client, response }
    }

    /// Its media type, as the server says.
    pub fn media_type(&self) -> Option<&str> {
        self.header(CONTENT_TYPE.as_str())
    }

    /// Its size in bytes, when the server knows it beforehand.
    pub fn size(&self) -> Option<u64> {
        self.response.content_length()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The next piece; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        let limit = self.client.settings.timeout;
        match timeout(limit, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(self.client.broken_off(&error)),
            Err(_) => Err(self.client.timed_out(limit)),
        }
    }

    /// Its pieces.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, ClientError>> + Send {
        stream::try_unfold(self, |mut download| async move {
            Ok(download.chunk().await?.map(|chunk| (chunk, download)))
        })
    }

    /// All of it.
    pub async fn bytes(mut self) -> Result<Bytes, ClientError> {
        let mut whole = bytes::BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// Copies it, piece by piece. An error of the writer comes back as the inner one.
    pub async fn write_to(
        mut self,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> Result<std::io::Result<u64>, ClientError> {
        let mut size = 0;
        while let Some(chunk) = self.chunk().await? {
            if let Err(error) = writer.write_all(&chunk).await {
                return Ok(Err(error));
            }
            size += chunk.len() as u64;
        }
        Ok(writer.flush().await.map(|()| size))
    }
}
