use schemars::JsonSchema;
use serde::Deserialize;

use crate::source::Spanned;
use crate::template::Period;

/// What a node lets templates do. Whatever is not allowed here is refused before it happens.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PolicyDocument {
    /// Which step runners may be used.
    pub(super) kinds: Kinds,
    /// Which programs `shell` may start.
    pub(super) programs: Programs,
    /// Which hosts may be connected to.
    pub(super) hosts: Hosts,
    /// Which files and folders may be read and written.
    pub(super) files: Files,
    /// How long things may take.
    pub(super) time: Time,
    /// Which environment variables may be seen.
    pub(super) environment: Environment,
    /// Whose templates are run.
    pub(super) trust: Trust,
}

/// A list as it stands in the document.
pub(super) type List = Option<Spanned<Vec<Spanned<String>>>>;

/// Which step runners may be used.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Kinds {
    /// Kinds by name; `*` stands for any letters: `http`, `acme-*`, `*`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) allow: List,
}

/// Which programs `shell` may start.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Programs {
    /// Programs by name (`git`, looked up on the node's `PATH`), by path (`/usr/bin/git`), by a
    /// pattern of paths (`/opt/tests/*`), or all of them (`*`). `{template}` at the start stands
    /// for the folder of the template. A program that starts other programs, such as `env` or
    /// `xargs`, opens the door to all of them.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) allow: List,
    /// Whether `run` lines, which are given to a shell, are allowed. A line can start every
    /// program that the node's user can. While this is not `true`, a pattern in `allow` admits no
    /// shell either; one named in full is.
    #[schemars(with = "Option<bool>")]
    pub(super) run: Option<Spanned<bool>>,
}

/// Which hosts may be connected to.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Hosts {
    /// Names (`shop.test`), all names below one (`*.shop.test`), addresses (`10.0.0.7`,
    /// `[::1]`), networks (`10.0.0.0/8`) or everything (`*`), each perhaps with a port or a range
    /// of ports: `shop.test:443`, `10.0.0.0/8:8000-8999`. A name that leads to this machine or to
    /// a link-local address needs a rule that allows that address, too; `localhost` does not.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) allow: List,
    /// What is refused whatever `allow` says; written in the same way. Addresses are compared
    /// after names are resolved.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) deny: List,
}

/// Which files and folders may be read and written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Files {
    /// Folders, with all below them, and files that may be read. Relative paths start in the
    /// folder of the policy; `{template}` at the start stands for the folder of the template.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) read: List,
    /// Folders, with all below them, and files that may be written, made and deleted, and Unix
    /// sockets that may be connected to. What may be written may be read, too.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) write: List,
}

/// How long things may take. What is left out has no limit but the template's own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Time {
    /// The longest time of one attempt of a step.
    #[schemars(with = "Option<Period>")]
    pub(super) step: Option<Spanned<Period>>,
    /// The longest time of a case; its teardown may take as long again.
    #[schemars(with = "Option<Period>")]
    pub(super) case: Option<Spanned<Period>>,
    /// The longest time of a run; teardown may take as long again.
    #[schemars(with = "Option<Period>")]
    pub(super) run: Option<Spanned<Period>>,
}

/// Which environment variables may be seen.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Environment {
    /// Names that templates may read and programs inherit; `*` stands for any letters: `CI_*`.
    /// Programs get `PATH`, `HOME`, `USER`, `LANG`, `LC_*`, `TZ`, `TMPDIR` and the like anyway.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) read: List,
}

/// Whose templates are run.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Trust {
    /// Public keys, as `aei sign keygen` prints them. With any here, a template runs only if one
    /// of them has signed it. An empty list trusts nobody.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) keys: List,
}
