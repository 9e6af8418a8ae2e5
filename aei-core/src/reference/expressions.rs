use std::fmt::Write;

use crate::expr::{FILTERS, FUNCTIONS, ROOTS, TESTS};

/// What a root of expressions holds.
fn root(name: &str) -> &'static str {
    match name {
        "inputs" => "The inputs of the template; inside a block, those of the block.",
        "vars" => "What earlier steps captured: of this case, its setup and the template's setup.",
        "matrix" => "The values of this combination of the case's matrix.",
        "steps" => "The outcomes of earlier steps of the case, by step id: `steps.login.status`.",
        "case" => "The case: `id`, `name`, `attempt`, `tags`.",
        "run" => "The run: `id`, `name`, `started_at`, `dir`.",
        "node" => "The machine: `os`, `arch`, `hostname`, and a node's own labels.",
        "env" => "Environment variables, as far as the template lists them under `env`.",
        _ => "",
    }
}

/// The page of expressions.
pub(super) fn page() -> String {
    let mut text = String::from(
        "# Expressions\n\n`${{ … }}` holds an expression in MiniJinja's syntax. A string that is \
         one expression alone keeps the type of its value; otherwise the value becomes part of the \
         text. `if` and `satisfies` are expressions as they stand. `$${{` is a literal `${{`. An \
         unknown name is an error before anything runs.\n\n\
         ```yaml\nurl: \"/orders/${{ vars.order_id }}?page=${{ inputs.page + 1 }}\"\n```\n\n\
         ## Names\n\n| name | |\n| --- | --- |\n",
    );
    for name in ROOTS {
        let _ = writeln!(text, "| `{name}` | {} |", root(name));
    }
    text.push_str("\n## Functions\n\n| function | |\n| --- | --- |\n");
    for (_, signature, about) in FUNCTIONS {
        let _ = writeln!(text, "| `{signature}` | {} |", super::schema_table::cell(about));
    }
    let listed = |names: &[&str]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let _ = write!(
        text,
        "\n## Filters\n\n`value | filter`: {}.\n\n## Tests\n\n`value is test`: {}.\n\n\
         They do what they do in [MiniJinja](https://docs.rs/minijinja/latest/minijinja/filters/).\n",
        listed(FILTERS),
        listed(TESTS)
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_is_explained() {
        for name in ROOTS {
            assert!(!root(name).is_empty(), "{name}");
        }
    }
}
