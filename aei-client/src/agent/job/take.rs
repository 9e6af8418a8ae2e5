use aei_core::api::{CommandLease, NodeCommand, TemplateFormat};
use aei_core::event::Status;
use sha2::{Digest, Sha256};

use super::carry::Cx;
use super::persist::{Stop, persist};
use crate::http::TemplateBytes;

/// Why a command that is this node's is not run.
pub(super) struct Unfit {
    pub(super) status: Status,
    pub(super) reason: String,
}

impl Unfit {
    pub(super) fn errored(reason: impl Into<String>) -> Self {
        Self { status: Status::Errored, reason: reason.into() }
    }
}

/// Takes a command and fetches its template, both at once: neither changes what the other gives.
pub(super) async fn take(
    cx: &Cx,
    command: &NodeCommand,
) -> Result<(CommandLease, Result<TemplateBytes, Unfit>), Stop> {
    let id = command.id;
    let (lease, template) = tokio::join!(
        persist("taking a command", || cx.client.acknowledge(id)),
        persist("fetching a template", || cx.client.command_template(id)),
    );
    let lease = lease?;
    cx.active.hold(id);
    let template = match template {
        Ok(template) => checked(command, template),
        Err(Stop::Refused(error)) => {
            Err(Unfit::errored(format!("cannot get the template: {error}")))
        }
        Err(Stop::Gone) => Err(Unfit::errored("the template is not on the server any more")),
        Err(Stop::Unauthorised) => return Err(Stop::Unauthorised),
    };
    Ok((lease, template))
}

/// What came must be what was meant, to the byte.
fn checked(command: &NodeCommand, template: TemplateBytes) -> Result<TemplateBytes, Unfit> {
    let found = hex(&Sha256::digest(&template.bytes));
    let wanted = &command.template.sha256;
    if !found.eq_ignore_ascii_case(wanted) {
        return Err(Unfit::errored(format!(
            "the template that came is not the one that was ordered: its SHA-256 is {found}, not \
             {wanted}"
        )));
    }
    Ok(template)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What the template is called in reports: the name by which people know it.
pub(super) fn file_name(command: &NodeCommand, format: TemplateFormat) -> String {
    let plain = |c: char| if matches!(c, '/' | '\\' | '\0') { '-' } else { c };
    let name: String = command.template.name.chars().map(plain).collect();
    let extension = match format {
        TemplateFormat::Json => "json",
        TemplateFormat::Yaml => "yaml",
    };
    format!("{name}.aei.{extension}")
}
