use std::path::PathBuf;
use std::time::Duration;

use aei_core::api::IDEMPOTENCY_HEADER;
use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};
use url::Url;
use uuid::Uuid;

use super::problem::{refusal, retry_after};
use super::retry::Backoff;
use super::{Client, ClientError};

/// One logical call: what is sent stays the same however often it is tried.
pub(crate) struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    content: Content,
}

/// What a call sends.
pub(crate) enum Content {
    None,
    Bytes(Bytes),
    /// A file from its start; `length` bytes of it.
    File {
        path: PathBuf,
        length: u64,
    },
}

/// The slowest line that an upload is given time for, in bytes a second.
const SLOWEST: u64 = 16 << 10;

impl Call {
    pub(crate) fn new(client: &Client, method: Method, segments: &[&str]) -> Self {
        let mut headers = client.headers();
        if method != Method::GET {
            let key = HeaderValue::from_str(&Uuid::now_v7().to_string());
            headers.extend(key.ok().map(|key| (name(IDEMPOTENCY_HEADER), key)));
        }
        let url = client.address.route(segments.iter().copied());
        Self { method, url, headers, content: Content::None }
    }

    pub(crate) fn query(mut self, key: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.url.query_pairs_mut().append_pair(key, value);
        }
        self
    }

    pub(crate) fn header(mut self, header: HeaderName, value: &str) -> Result<Self, ClientError> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| ClientError::Setup(format!("`{value}` cannot stand in `{header}`")))?;
        self.headers.insert(header, value);
        Ok(self)
    }

    pub(crate) fn accept(mut self, media_type: &'static str) -> Self {
        self.headers.insert(ACCEPT, HeaderValue::from_static(media_type));
        self
    }

    pub(crate) fn content(mut self, media_type: &'static str, content: Content) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.content = content;
        self
    }

    pub(crate) fn json(self, value: &impl Serialize) -> Result<Self, ClientError> {
        let json = serde_json::to_vec(value)
            .map_err(|error| ClientError::Setup(format!("cannot write the request: {error}")))?;
        Ok(self.content("application/json", Content::Bytes(json.into())))
    }

    fn size(&self) -> u64 {
        match &self.content {
            Content::None => 0,
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File { length, .. } => *length,
        }
    }

    async fn request(&self, client: &Client) -> Result<reqwest::Request, ClientError> {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.headers.clone();
        match &self.content {
            Content::None => {}
            Content::Bytes(bytes) => *request.body_mut() = Some(bytes.clone().into()),
            Content::File { path, length } => {
                let file = tokio::fs::File::open(path).await;
                let file =
                    file.map_err(|source| ClientError::File { path: path.clone(), source })?;
                let stream = tokio_util::io::ReaderStream::new(file.take(*length));
                *request.body_mut() = Some(reqwest::Body::wrap_stream(stream));
                request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(*length));
            }
        }
        let _ = client;
        Ok(request)
    }
}

fn name(header: &'static str) -> HeaderName {
    HeaderName::from_static(header)
}

/// What to do with an answer.
enum Verdict {
    Good(Response),
    /// The write is queued: ask how it ended.
    Queued,
    /// Not now; the server may say when.
    Later(ClientError, Option<Duration>),
}

impl Client {
    /// Sends a call until it is answered, as far as the retry policy goes.
    pub(crate) async fn send(&self, call: &Call) -> Result<Response, ClientError> {
        let policy = self.settings.retry;
        let mut backoff = Backoff::new(policy.first, policy.longest);
        let patience = Instant::now() + policy.patience;
        let mut tries = 0;
        loop {
            let verdict = match self.try_once(call).await {
                Ok(response) => self.judge(response).await?,
                Err(error) if error.is_transient() => Verdict::Later(error, None),
                Err(error) => return Err(error),
            };
            let pause = match verdict {
                Verdict::Good(response) => return Ok(response),
                Verdict::Queued if Instant::now() >= patience => return Err(self.too_slow()),
                Verdict::Queued => backoff.next(),
                Verdict::Later(error, wanted) => {
                    tries += 1;
                    let pause = wanted.map_or_else(|| backoff.next(), |wanted| wanted);
                    if tries >= policy.attempts || Instant::now() + pause > patience {
                        return Err(error);
                    }
                    pause
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a call and reads a JSON answer.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: &Call) -> Result<T, ClientError> {
        let policy = self.settings.retry;
        let mut backoff = Backoff::new(policy.first, policy.longest);
        let mut tries = 0;
        // An answer that breaks off in the middle is asked for again; its key makes that safe.
        let bytes = loop {
            let response = self.send(call).await?;
            match self.read(response).await {
                Ok(bytes) => break bytes,
                Err(error) => {
                    tries += 1;
                    if tries >= policy.attempts {
                        return Err(error);
                    }
                }
            }
            tokio::time::sleep(backoff.next()).await;
        };
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Answer {
            server: self.server(),
            what: format!("its answer cannot be read: {error}"),
        })
    }

    /// Sends a call whose answer has nothing in it.
    pub(crate) async fn done(&self, call: &Call) -> Result<(), ClientError> {
        self.send(call).await.map(drop)
    }

    /// The whole body of an answer.
    pub(crate) async fn read(&self, mut response: Response) -> Result<Bytes, ClientError> {
        let mut body = bytes::BytesMut::new();
        loop {
            match timeout(self.settings.timeout, response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Ok(None)) => return Ok(body.freeze()),
                Ok(Err(error)) => return Err(self.broken_off(&error)),
                Err(_) => return Err(self.timed_out(self.settings.timeout)),
            }
        }
    }

    async fn try_once(&self, call: &Call) -> Result<Response, ClientError> {
        let request = call.request(self).await?;
        let limit = self.settings.timeout + Duration::from_secs(call.size() / SLOWEST);
        match timeout(limit, self.http.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.transport(&error)),
            Err(_) => Err(self.timed_out(limit)),
        }
    }

    async fn judge(&self, response: Response) -> Result<Verdict, ClientError> {
        let status = response.status();
        if status == StatusCode::ACCEPTED {
            return Ok(Verdict::Queued);
        }
        if status.is_success() {
            return Ok(Verdict::Good(response));
        }
        let wanted = retry_after(&response);
        let error = refusal(&self.server(), response).await;
        let again = matches!(status.as_u16(), 408 | 425 | 429 | 502 | 503 | 504);
        if again { Ok(Verdict::Later(error, wanted)) } else { Err(error) }
    }

    fn transport(&self, error: &reqwest::Error) -> ClientError {
        let server = self.server();
        let reason = innermost(error);
        if !error.is_connect() && !error.is_builder() {
            return ClientError::BrokenOff { server, reason };
        }
        let help = if reason.contains("certificate") || reason.contains("UnknownIssuer") {
            "if its certificate is signed by an authority of your own, name that authority's file"
        } else if reason.contains("refused") {
            "is the server running there, and is the port right?"
        } else {
            "is the address right, and is this machine on the network?"
        };
        ClientError::Unreachable { server, reason, help: help.to_owned() }
    }

    pub(super) fn broken_off(&self, error: &reqwest::Error) -> ClientError {
        ClientError::BrokenOff { server: self.server(), reason: innermost(error) }
    }

    pub(super) fn timed_out(&self, limit: Duration) -> ClientError {
        ClientError::Timeout { server: self.server(), seconds: limit.as_secs() }
    }

    fn too_slow(&self) -> ClientError {
        self.timed_out(self.settings.retry.patience)
    }
}

/// What the deepest cause says: the layers above only repeat that a request did not work.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
