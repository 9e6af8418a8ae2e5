use serde_json::{Map, Value, json};

/// A request as its options tell it, one after the other. Texts hold marks.
#[derive(Debug, Default)]
pub(super) struct Build {
    pub(super) method: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) data: Vec<Data>,
    pub(super) form: Vec<(String, Value)>,
    pub(super) json: bool,
    pub(super) as_query: bool,
    pub(super) query: Vec<String>,
    pub(super) head: bool,
    pub(super) follow: Option<u64>,
    pub(super) most_redirects: Option<u64>,
    pub(super) upload: Option<String>,
    pub(super) cookies: Vec<(String, Value)>,
    pub(super) user: Option<String>,
    pub(super) digest: bool,
    pub(super) bearer: Option<String>,
    pub(super) tls: Map<String, Value>,
    pub(super) proxy: Option<String>,
    pub(super) proxy_user: Option<String>,
    pub(super) extra: Map<String, Value>,
    pub(super) timeout: Option<String>,
    pub(super) retries: Option<u64>,
    pub(super) retry_delay: Option<String>,
    pub(super) notes: Vec<String>,
}

/// A piece of `--data`.
#[derive(Debug)]
pub(super) enum Data {
    Text(String),
    File(String),
}

impl Build {
    /// Something was not carried over.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// A header, by its name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// The bytes of all `--data` joined by `&`; `None` when a file is among them.
    pub(super) fn text(&self) -> Option<String> {
        let texts = self.data.iter().map(|data| match data {
            Data::Text(text) => Some(text.as_str()),
            Data::File(_) => None,
        });
        let texts: Option<Vec<&str>> = texts.collect();
        // Several `--json` are joined as they are.
        texts.map(|texts| texts.join(if self.json { "" } else { "&" }))
    }

    /// How the client says who it is.
    pub(super) fn auth(&self) -> Option<Value> {
        if let Some(token) = &self.bearer {
            return Some(json!({ "bearer": token }));
        }
        let user = self.user.as_deref()?;
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        let way = if self.digest { "digest" } else { "basic" };
        Some(json!({ way: { "username": name, "password": password } }))
    }

    /// How to try again.
    pub(super) fn retry(&self) -> Option<Value> {
        let attempts = self.retries.filter(|count| *count > 0)?.saturating_add(1).min(1000);
        let mut retry = json!({ "attempts": attempts });
        if let Some(delay) = &self.retry_delay {
            retry["interval"] = delay.as_str().into();
        } else {
            // curl doubles its pause, from one second to ten minutes.
            retry["interval"] = "1s".into();
            retry["backoff"] = 2.into();
            retry["max_interval"] = "10m".into();
        }
        Some(retry)
    }
}
