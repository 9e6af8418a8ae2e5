/// A line `name: value`, with its number.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) line: usize,
}

/// The body of a request or a response.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Json(String),
    Text(String),
    Base64(String),
    Hex(String),
    File(String),
}

/// A request with what is expected of its response. Texts hold marks.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<Pair>,
    /// Sections of the request by name.
    pub(super) sections: Vec<(String, Vec<Pair>)>,
    pub(super) body: Option<Content>,
    pub(super) response: Option<Response>,
}

/// What is expected of a response.
#[derive(Debug, Default)]
pub(super) struct Response {
    /// `None` for any.
    pub(super) status: Option<u64>,
    pub(super) headers: Vec<Pair>,
    pub(super) captures: Vec<Pair>,
    /// Asserts as they are written, a line each.
    pub(super) asserts: Vec<(usize, String)>,
    pub(super) body: Option<Content>,
}

impl Entry {
    /// The lines of a section, by any of its names.
    pub(super) fn section(&self, names: &[&str]) -> impl Iterator<Item = &Pair> {
        let wanted = move |(name, _): &&(String, Vec<Pair>)| names.contains(&name.as_str());
        self.sections.iter().filter(wanted).flat_map(|(_, pairs)| pairs)
    }
}
