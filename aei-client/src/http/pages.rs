use std::marker::PhantomData;

use aei_core::api::{Page, PageQuery};
use futures_util::Stream;
use futures_util::stream::{self, TryStreamExt};
use reqwest::Method;
use serde::de::DeserializeOwned;

use super::{Call, Client, ClientError};

/// A list that the server gives in parts.
///
/// ```no_run
/// # async fn show(client: aei_client::Client) -> Result<(), aei_client::ClientError> {
/// use futures_util::TryStreamExt;
///
/// let mut nodes = Box::pin(client.nodes().stream());
/// while let Some(node) = nodes.try_next().await? {
///     println!("{}", node.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Pages<T> {
    client: Client,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    limit: Option<u32>,
    entries: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Pages<T> {
    pub(crate) fn new(client: &Client, path: &[&str]) -> Self {
        Self {
            client: client.clone(),
            path: path.iter().map(|&part| part.to_owned()).collect(),
            query: Vec::new(),
            limit: None,
            entries: PhantomData,
        }
    }

    pub(crate) fn query(mut self, key: &'static str, value: Option<String>) -> Self {
        self.query.extend(value.map(|value| (key, value)));
        self
    }

    /// How many entries come with one answer, 1 to 500.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// One part of the list.
    pub async fn page(&self, query: &PageQuery) -> Result<Page<T>, ClientError> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let limit = query.limit.or(self.limit).map(|limit| limit.to_string());
        let mut call = Call::new(&self.client, Method::GET, &path)
            .query("cursor", query.cursor.as_deref())
            .query("limit", limit.as_deref());
        for (key, value) in &self.query {
            call = call.query(key, Some(value));
        }
        self.client.json(&call).await
    }

    /// All entries, fetched part by part as they are taken.
    pub fn stream(self) -> impl Stream<Item = Result<T, ClientError>> {
        let first = Some(PageQuery::default());
        stream::try_unfold((self, first), |(pages, query)| async move {
            let Some(query) = query else { return Ok(None) };
            let page = pages.page(&query).await?;
            let next = page.next.map(|cursor| PageQuery { cursor: Some(cursor), limit: None });
            let entries = stream::iter(page.items.into_iter().map(Ok));
            Ok::<_, ClientError>(Some((entries, (pages, next))))
        })
        .try_flatten()
    }

    /// All entries at once.
    pub async fn all(self) -> Result<Vec<T>, ClientError> {
        self.stream().try_collect().await
    }
}
