//! HTTP Digest authentication (RFC 7616), as a client: `qop=auth`, and servers of before `qop`.

use std::fmt::Write as _;

use aei_core::runner::{StepError, StepErrorKind};
use http::{HeaderMap, header};
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512_256};

use super::params::Login;
use crate::runners::hexadecimal::hexadecimal;

/// What a server wants proved, and how often it was.
#[derive(Debug, Clone)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// Whether the server named the algorithm, so that it is named to it as well.
    named: bool,
    qop: bool,
    /// Whether an answer was right but for its nonce.
    pub(super) stale: bool,
    /// How many requests have used the nonce.
    uses: u32,
}

/// How texts are hashed.
#[derive(Debug, Clone, Copy)]
struct Algorithm {
    name: &'static str,
    hash: fn(&[u8]) -> String,
    /// Whether the key is hashed with the nonces, once for a session.
    session: bool,
}

const ALGORITHMS: &[Algorithm] = &[
    Algorithm { name: "MD5", hash: md5, session: false },
    Algorithm { name: "MD5-sess", hash: md5, session: true },
    Algorithm { name: "SHA-256", hash: sha256, session: false },
    Algorithm { name: "SHA-256-sess", hash: sha256, session: true },
    Algorithm { name: "SHA-512-256", hash: sha512_256, session: false },
    Algorithm { name: "SHA-512-256-sess", hash: sha512_256, session: true },
];

fn md5(text: &[u8]) -> String {
    hexadecimal(&Md5::digest(text))
}

fn sha256(text: &[u8]) -> String {
    hexadecimal(&Sha256::digest(text))
}

fn sha512_256(text: &[u8]) -> String {
    hexadecimal(&Sha512_256::digest(text))
}

impl Challenge {
    /// The first challenge of a response that can be answered; none when Digest is not asked for.
    ///
    /// # Errors
    /// Digest is asked for, but only in ways that are not known.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, StepError> {
        let mut unknown = None;
        for value in headers.get_all(header::WWW_AUTHENTICATE) {
            let text = String::from_utf8_lossy(value.as_bytes());
            for (scheme, parameters) in challenges(&text) {
                if !scheme.eq_ignore_ascii_case("digest") {
                    continue;
                }
                match Self::read(&parameters) {
                    Ok(challenge) => return Ok(Some(challenge)),
                    Err(why) => unknown = unknown.or(Some(why)),
                }
            }
        }
        match unknown {
            Some(why) => Err(StepError::new(
                StepErrorKind::Protocol,
                format!("the server asks for Digest authentication {why}"),
            )
            .at("/auth")),
            None => Ok(None),
        }
    }

    fn read(parameters: &[(String, String)]) -> Result<Self, String> {
        let get = |wanted: &str| {
            let mut all = parameters.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
        };
        let asked = get("algorithm");
        let name = asked.unwrap_or("MD5");
        let algorithm = ALGORITHMS.iter().find(|known| known.name.eq_ignore_ascii_case(name));
        let Some(algorithm) = algorithm else {
            return Err(format!("by the algorithm `{name}`; MD5 and SHA-256 are known"));
        };
        let qop = match get("qop") {
            None => false,
            Some(offered) if offered.split(',').any(|o| o.trim().eq_ignore_ascii_case("auth")) => {
                true
            }
            Some(offered) => return Err(format!("with `qop={offered}`; only `auth` is known")),
        };
        let nonce = get("nonce").ok_or("without a nonce")?;
        Ok(Self {
            realm: get("realm").unwrap_or_default().to_owned(),
            nonce: nonce.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            algorithm: *algorithm,
            named: asked.is_some(),
            qop,
            stale: get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            uses: 0,
        })
    }

    /// The value of `Authorization` for the next request. `cnonce` is a text that nobody can
    /// foresee.
    pub(super) fn answer(
        &mut self,
        login: &Login,
        method: &str,
        uri: &str,
        cnonce: &str,
    ) -> String {
        self.uses = self.uses.saturating_add(1);
        let Algorithm { name, hash, session } = self.algorithm;
        let Self { realm, nonce, .. } = &*self;
        let Login { username, password } = login;
        let nc = format!("{:08x}", self.uses);
        let mut key = hash(format!("{username}:{realm}:{password}").as_bytes());
        if session {
            key = hash(format!("{key}:{nonce}:{cnonce}").as_bytes());
        }
        let what = hash(format!("{method}:{uri}").as_bytes());
        let response = if self.qop {
            hash(format!("{key}:{nonce}:{nc}:{cnonce}:auth:{what}").as_bytes())
        } else {
            hash(format!("{key}:{nonce}:{what}").as_bytes())
        };
        let mut text = String::from("Digest ");
        for (name, value) in
            [("username", username), ("realm", realm), ("nonce", nonce), ("uri", &uri.to_owned())]
        {
            let _ = write!(text, "{name}=\"{}\", ", escaped(value));
        }
        if self.named {
            let _ = write!(text, "algorithm={name}, ");
        }
        if self.qop || session {
            let _ = write!(text, "cnonce=\"{cnonce}\", ");
        }
        if self.qop {
            let _ = write!(text, "qop=auth, nc={nc}, ");
        }
        if let Some(opaque) = &self.opaque {
            let _ = write!(text, "opaque=\"{}\", ", escaped(opaque));
        }
        let _ = write!(text, "response=\"{response}\"");
        text
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

type Parameters = Vec<(String, String)>;

/// Takes a `WWW-Authenticate` apart: schemes with their parameters.
fn challenges(text: &str) -> Vec<(String, Parameters)> {
    let mut all: Vec<(String, Parameters)> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=', '"']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if rest.is_empty() {
            return all;
        }
        rest = after.trim_start_matches([' ', '\t']);
        let value = rest.strip_prefix('=').filter(|_| !word.is_empty());
        match (value, all.last_mut()) {
            (Some(value), Some((_, parameters))) => {
                let (value, after) = parameter(value.trim_start_matches([' ', '\t']));
                parameters.push((word.to_owned(), value));
                rest = after;
            }
            _ if word.is_empty() => {
                // Of no meaning here, such as the padding of a token; one step on.
                let mut characters = rest.chars();
                characters.next();
                rest = characters.as_str();
            }
            _ => all.push((word.to_owned(), Vec::new())),
        }
    }
}

/// A value, quoted or not, and what follows it.
fn parameter(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        headers
    }

    fn challenge(value: &'static str) -> Challenge {
        Challenge::of(&headers(&[value])).unwrap().unwrap()
    }

    fn login(username: &str, password: &str) -> Login {
        Login { username: username.to_owned(), password: password.to_owned() }
    }

    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let mut headers = HeaderMap::new();
            let text = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
                 algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_str(&text).unwrap());
            let mut challenge = Challenge::of(&headers).unwrap().unwrap();
            let answer = challenge.answer(
                &login("Mufasa", "Circle of Life"),
                "GET",
                "/dir/index.html",
                "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            );
            assert!(answer.ends_with(&format!("response=\"{response}\"")), "{answer}");
            assert!(answer.contains("qop=auth, nc=00000001, opaque=\"FQhe/"), "{answer}");
        }
    }

    #[test]
    fn the_example_of_rfc_2617_comes_out_without_its_qop() {
        // RFC 2069 as corrected: the same words, hashed without `qop`.
        let mut old = challenge(
            "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
        );
        let login = login("Mufasa", "Circle Of Life");
        let answer = old.answer(&login, "GET", "/dir/index.html", "unused");
        assert!(answer.ends_with("response=\"670fd8c2df070c60b045671b8b24ff02\""), "{answer}");
        assert!(!answer.contains("unused") && !answer.contains("algorithm"), "{answer}");
    }

    #[test]
    fn a_session_hashes_its_nonces_and_every_use_counts() {
        let mut sess = challenge("Digest realm=r, nonce=n, algorithm=md5-sess, qop=auth");
        let first = sess.answer(&login("a", "b"), "GET", "/", "c");
        assert!(first.contains("algorithm=MD5-sess") && first.contains("nc=00000001"), "{first}");
        // echo -n … | md5sum, by hand: a:r:b, then …:n:c, then …:n:00000001:c:auth:md5(GET:/).
        let key = md5(format!("{}:n:c", md5(b"a:r:b")).as_bytes());
        let expected = md5(format!("{key}:n:00000001:c:auth:{}", md5(b"GET:/")).as_bytes());
        assert!(first.ends_with(&format!("response=\"{expected}\"")), "{first}");
        assert!(sess.answer(&login("a", "b"), "GET", "/", "c").contains("nc=00000002"));
    }

    #[test]
    fn the_first_known_challenge_counts_among_many() {
        let headers = headers(&[
            "Negotiate YII==, Basic realm=\"a, b\"",
            "Digest realm=\"x\", nonce=1, algorithm=SHA-3, Digest realm=\"q\\\"u\", nonce=\"2\", \
             stale=TRUE",
        ]);
        let mut challenge = Challenge::of(&headers).unwrap().unwrap();
        assert_eq!((challenge.realm.as_str(), challenge.nonce.as_str()), ("q\"u", "2"));
        assert!(challenge.stale);
        let answer = challenge.answer(&login("a\"", ""), "GET", "/", "c");
        assert!(answer.starts_with("Digest username=\"a\\\"\", realm=\"q\\\"u\""), "{answer}");
    }

    #[test]
    fn what_cannot_be_answered_says_why() {
        for (value, why) in [
            ("Digest realm=a, nonce=b, algorithm=SHA-3", "`SHA-3`"),
            ("Digest realm=a, nonce=b, qop=auth-int", "`qop=auth-int`"),
            ("Digest realm=a", "without a nonce"),
        ] {
            let error = Challenge::of(&headers(&[value])).unwrap_err();
            assert!(error.message.contains(why), "{error}");
        }
        assert!(Challenge::of(&headers(&["Basic realm=x"])).unwrap().is_none());
        assert!(Challenge::of(&headers(&["\"", "=", "x\"=,"])).unwrap().is_none());
    }
}
