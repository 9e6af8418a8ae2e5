use aei_core::runner::{StepContext, StepError, StepErrorKind};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};
use url::Url;
use url::form_urlencoded::Serializer;

use super::digest::Challenge;
use super::multipart;
use super::params::{Auth, Cookies, Login, Params};
use super::payload::{Outgoing, Payload, file_part};
use super::proxy::{basic, basic_of};
use super::target::{Route, Target, resolve};

/// A request to be sent; redirects change it.
pub(super) struct Draft {
    pub(super) method: Method,
    pub(super) url: Url,
    /// What the step asks for, without what depends on the hop.
    pub(super) headers: HeaderMap,
    pub(super) payload: Option<Payload>,
    /// Cookies that the step adds to those of the jar.
    pub(super) cookies: String,
    /// Who to say one is, once the server asks.
    pub(super) digest: Option<Login>,
}

impl Draft {
    /// The first request of a step.
    pub(super) fn new(params: &Params, cx: &StepContext) -> Result<Self, StepError> {
        let method = Method::from_bytes(params.method.as_bytes())
            .map_err(|_| invalid("/method", format!("`{}` is no HTTP method", params.method)))?;
        let mut url = resolve(params.base_url.as_deref(), &params.url)?;
        if !params.query.is_empty() {
            url.query_pairs_mut().extend_pairs(params.query.iter());
        }
        url.set_fragment(None);
        let payload = payload(params, cx)?;
        let mut headers = headers(params)?;
        let mut digest = None;
        if !headers.contains_key(header::AUTHORIZATION) {
            if let Some(Auth::Digest(login)) = &params.auth {
                digest = Some(login.clone());
            } else if let Some(value) = authorization(params.auth.as_ref(), &url)? {
                headers.insert(header::AUTHORIZATION, value);
            }
        }
        defaults(&mut headers, params, payload.as_ref(), &method);
        let cookies = match &params.cookies {
            Cookies::Off => String::new(),
            Cookies::Jar(own) => {
                let pairs: Vec<_> = own.iter().map(|(name, v)| format!("{name}={v}")).collect();
                pairs.join("; ")
            }
        };
        Ok(Self { method, url, headers, payload, cookies, digest })
    }

    /// Proves to the server who the client is. `cnonce` is a text that nobody can foresee.
    pub(super) fn prove(
        &mut self,
        challenge: &mut Challenge,
        cnonce: &str,
    ) -> Result<(), StepError> {
        let Some(login) = &self.digest else { return Ok(()) };
        let uri = &self.url[url::Position::BeforePath..];
        let text = challenge.answer(login, self.method.as_str(), uri, cnonce);
        let mut value = value("/auth", &text)?;
        value.set_sensitive(true);
        self.headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }

    /// The request as it is sent to a target, over one version of HTTP or the other.
    pub(super) fn request(
        &self,
        target: &Target,
        jar: &str,
        http2: bool,
    ) -> Result<Request<Outgoing>, StepError> {
        let authority = &self.url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut headers = self.headers.clone();
        let uri = if http2 {
            // The named host becomes `:authority`; what speaks of the connection is not allowed.
            let named = headers.remove(header::HOST);
            let authority = named.as_ref().and_then(|v| v.to_str().ok()).unwrap_or(authority);
            for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE] {
                headers.remove(name);
            }
            let path = &self.url[url::Position::BeforePath..];
            Uri::try_from(format!("{}://{authority}{path}", self.url.scheme()))
        } else {
            if !headers.contains_key(header::HOST) {
                headers.insert(header::HOST, value("/url", authority)?);
            }
            if target.absolute_form() {
                let path = &self.url[url::Position::BeforePath..];
                Uri::try_from(format!("http://{authority}{path}"))
            } else {
                Uri::try_from(&self.url[url::Position::BeforePath..])
            }
        };
        let uri = uri.map_err(|error| invalid("/url", format!("`{}`: {error}", self.url)))?;
        if let (true, Route::Proxy(proxy)) = (target.absolute_form(), &target.route)
            && let Some(authorization) = &proxy.authorization
        {
            headers.insert(header::PROXY_AUTHORIZATION, value("/proxy", authorization)?);
        }
        self.add_cookies(&mut headers, jar)?;
        let body = self.payload.as_ref().map_or_else(Outgoing::empty, Payload::outgoing);
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn add_cookies(&self, headers: &mut HeaderMap, jar: &str) -> Result<(), StepError> {
        let own = &self.cookies;
        let text = match (jar.is_empty(), own.is_empty()) {
            (true, true) => return Ok(()),
            (false, false) => format!("{jar}; {own}"),
            _ => format!("{jar}{own}"),
        };
        headers.append(header::COOKIE, value("/cookies", &text)?);
        Ok(())
    }
}

fn headers(params: &Params) -> Result<HeaderMap, StepError> {
    let mut headers = HeaderMap::with_capacity(8);
    for (name, text) in params.headers.iter() {
        let at = format!("/headers/{name}");
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| invalid(&at, format!("`{name}` is no name of a header")))?;
        let value = value(&at, &text)?;
        headers.append(parsed, value);
    }
    Ok(headers)
}

/// What is sent unless the step says otherwise.
fn defaults(headers: &mut HeaderMap, params: &Params, payload: Option<&Payload>, method: &Method) {
    const AGENT: &str = concat!("aei/", env!("CARGO_PKG_VERSION"));
    let mut default = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    };
    default(header::USER_AGENT, HeaderValue::from_static(AGENT));
    default(header::ACCEPT, HeaderValue::from_static("*/*"));
    if params.decompress {
        default(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, br"));
    }
    match payload {
        Some(payload) => {
            if let Some(kind) = &payload.content_type
                && let Ok(kind) = HeaderValue::from_str(kind)
            {
                default(header::CONTENT_TYPE, kind);
            }
        }
        None if matches!(*method, Method::POST | Method::PUT | Method::PATCH) => {
            default(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        None => {}
    }
}

fn authorization(auth: Option<&Auth>, url: &Url) -> Result<Option<HeaderValue>, StepError> {
    let text = match auth {
        Some(Auth::Basic(login)) => Some(basic(&login.username, &login.password)),
        Some(Auth::Bearer(token)) => Some(format!("Bearer {token}")),
        // Not before the server has asked.
        Some(Auth::Digest(_)) => None,
        None => basic_of(url),
    };
    let Some(text) = text else { return Ok(None) };
    let mut value = value("/auth", &text)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn payload(params: &Params, cx: &StepContext) -> Result<Option<Payload>, StepError> {
    let given = [
        ("json", params.json.is_some()),
        ("form", params.form.is_some()),
        ("multipart", params.multipart.is_some()),
        ("body", params.body.is_some()),
        ("file", params.file.is_some()),
    ];
    let mut names = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
    if let (Some(first), Some(second)) = (names.next(), names.next()) {
        return Err(invalid(
            &format!("/{second}"),
            format!("a request has one body: `{first}` or `{second}`"),
        ));
    }
    if let Some(json) = &params.json {
        let mut payload = Payload::new("application/json".to_owned());
        payload.push_bytes(json.to_string().into_bytes());
        return Ok(Some(payload));
    }
    if let Some(form) = &params.form {
        let mut payload = Payload::new("application/x-www-form-urlencoded".to_owned());
        let encoded = Serializer::new(String::new()).extend_pairs(form.iter()).finish();
        payload.push_bytes(encoded.into_bytes());
        return Ok(Some(payload));
    }
    if let Some(parts) = &params.multipart {
        let boundary = format!("aei-{}", cx.host.uuid().simple());
        let file = |name: &str| file_part(cx, name, "/multipart");
        return multipart::payload(parts, &boundary, file).map(Some);
    }
    if let Some(body) = &params.body {
        return Ok(Some(Payload::raw(body.0.clone())));
    }
    if let Some(file) = &params.file {
        let guess = mime_guess::from_path(file).first_or_octet_stream();
        let mut payload = Payload::new(guess.to_string());
        payload.push(file_part(cx, file, "/file")?);
        return Ok(Some(payload));
    }
    Ok(None)
}

fn value(at: &str, text: &str) -> Result<HeaderValue, StepError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        let name = at.rsplit('/').next().unwrap_or_default();
        invalid(at, format!("the value of `{name}` holds a line break or a control character"))
    })
}

fn invalid(at: &str, message: String) -> StepError {
    StepError::new(StepErrorKind::InvalidParams, message).at(at)
}
