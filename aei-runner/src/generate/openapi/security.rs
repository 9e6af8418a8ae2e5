use serde_json::{Value, json};

use super::documents::At;
use super::template::Context;
use crate::generate::document::{DraftInput, Slugs};
use crate::generate::request::Request;

/// The secrets that operations ask for, as inputs.
#[derive(Debug, Default)]
pub(super) struct Security {
    pub(super) inputs: Vec<DraftInput>,
    names: Slugs,
    /// Scheme and what of it, with the name of its input.
    known: Vec<(String, String)>,
}

impl Security {
    /// The name of the input for a part of a scheme, made when it is new.
    fn input(&mut self, scheme: &str, wanted: &str, secret: bool, description: String) -> String {
        let key = format!("{scheme} {wanted}");
        if let Some((_, name)) = self.known.iter().find(|(known, _)| *known == key) {
            return name.clone();
        }
        let name = if self.inputs.iter().any(|input| input.name == wanted) {
            self.names.unique_name(&format!("{scheme}_{wanted}"), wanted)
        } else {
            self.names.unique_name(wanted, wanted)
        };
        self.known.push((key, name.clone()));
        let input = DraftInput {
            name: name.clone(),
            secret,
            description: Some(description),
            ..DraftInput::default()
        };
        self.inputs.push(input);
        name
    }
}

/// Makes the request carry what the operation's security asks for.
pub(super) fn apply(context: &mut Context<'_>, operation: At<'_>, request: &mut Request) {
    let Some(wanted) = operation.get("security").or_else(|| context.root.get("security")) else {
        return;
    };
    let options: Vec<At<'_>> = wanted.items().collect();
    // An empty requirement means that nobody has to log in.
    if options.iter().any(|option| option.entries().next().is_none()) {
        return;
    }
    let Some(first) = options.first() else { return };
    if options.len() > 1 {
        context.notes.add("of several ways to log in, the first is used");
    }
    let names: Vec<String> = first.entries().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        scheme(context, &name, request);
    }
}

fn scheme(context: &mut Context<'_>, name: &str, request: &mut Request) {
    let schemes = context
        .root
        .get("components")
        .and_then(|components| components.get("securitySchemes"))
        .or_else(|| context.root.get("securityDefinitions"));
    let Some(scheme) = schemes.and_then(|schemes| schemes.find(name)) else {
        context.notes.add(format!("the security scheme `{name}` is not described"));
        return;
    };
    let kind = scheme.text("type").unwrap_or_default();
    let http = scheme.text("scheme").unwrap_or_default().to_ascii_lowercase();
    match (kind, http.as_str()) {
        ("apiKey", _) => api_key(context, name, scheme, request),
        ("basic", _) | ("http", "basic" | "digest") => {
            let user =
                context.security.input(name, "username", false, format!("User name ({name})"));
            let password =
                context.security.input(name, "password", true, format!("Password ({name})"));
            let login = json!({
                "username": format!("${{{{ inputs.{user} }}}}"),
                "password": format!("${{{{ inputs.{password} }}}}")
            });
            let way = if http == "digest" { "digest" } else { "basic" };
            request.extra.insert("auth".to_owned(), json!({ way: login }));
        }
        ("http", "bearer") | ("oauth2" | "openIdConnect", _) => {
            if kind != "http" {
                context.notes.add(format!(
                    "`{name}` ({kind}) is not carried out: give its token as the input `token`"
                ));
            }
            let token =
                context.security.input(name, "token", true, format!("Bearer token ({name})"));
            let token = format!("${{{{ inputs.{token} }}}}");
            request.extra.insert("auth".to_owned(), json!({ "bearer": token }));
        }
        _ => {
            let way = if http.is_empty() { kind } else { &http };
            context.notes.add(format!("the security scheme `{name}` ({way}) is not supported"));
        }
    }
}

fn api_key(context: &mut Context<'_>, name: &str, scheme: At<'_>, request: &mut Request) {
    let Some(key) = scheme.text("name") else { return };
    let place = scheme.text("in").unwrap_or("header");
    let input = context.security.input(name, "api_key", true, format!("API key ({name})"));
    let value = Value::from(format!("${{{{ inputs.{input} }}}}"));
    match place {
        "query" => request.query.push((key.to_owned(), value)),
        "cookie" => request.cookies.push((key.to_owned(), value)),
        _ => request.headers.push((key.to_owned(), value)),
    }
}
