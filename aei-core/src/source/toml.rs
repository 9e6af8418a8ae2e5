//! TOML into the same tree as JSON and YAML, for settings.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::limits::MAX_NESTING;
use super::{Diagnostic, Key, Node, NodeValue, SourceFile, Span};

pub(super) fn parse(file: &SourceFile) -> Result<Node, Diagnostic> {
    let table = DeTable::parse(&file.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        Diagnostic::error(
            "syntax",
            error.message().trim().to_owned(),
            file.span(span.start, span.end),
        )
    })?;
    let reader = Reader { file };
    reader.table(table.get_ref(), reader.span(&table.span()), 0)
}

struct Reader<'a> {
    file: &'a SourceFile,
}

impl Reader<'_> {
    fn span(&self, range: &Range<usize>) -> Span {
        self.file.span(range.start, range.end)
    }

    fn table(&self, table: &DeTable<'_>, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        let entries = table.iter().map(|(key, value)| {
            let name = Key { name: key.get_ref().as_ref().into(), span: self.span(&key.span()) };
            Ok((name, self.value(value, depth + 1)?))
        });
        let entries = entries.collect::<Result<Vec<_>, Diagnostic>>()?;
        Ok(Node::new(NodeValue::Map(entries.into_boxed_slice()), span))
    }

    fn list(&self, items: &DeArray<'_>, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        let items: Result<Vec<_>, _> =
            items.iter().map(|item| self.value(item, depth + 1)).collect();
        Ok(Node::new(NodeValue::List(items?.into_boxed_slice()), span))
    }

    fn value(&self, value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Diagnostic> {
        let span = self.span(&value.span());
        if depth > MAX_NESTING {
            let message = format!("nested deeper than {MAX_NESTING} levels");
            return Err(Diagnostic::error("nesting", message, span));
        }
        let wrong =
            |what: &str| Diagnostic::error("number", format!("this {what} is out of range"), span);
        let value = match value.get_ref() {
            DeValue::Table(table) => return self.table(table, span, depth),
            DeValue::Array(items) => return self.list(items, span, depth),
            DeValue::String(text) => NodeValue::String(text.as_ref().into()),
            DeValue::Boolean(value) => NodeValue::Bool(*value),
            DeValue::Integer(number) => {
                let parsed = i64::from_str_radix(number.as_str(), number.radix());
                NodeValue::Int(parsed.map_err(|_| wrong("whole number"))?)
            }
            DeValue::Float(number) => {
                let parsed = number.as_str().parse();
                NodeValue::Float(parsed.map_err(|_| wrong("number"))?)
            }
            DeValue::Datetime(time) => NodeValue::String(time.to_string().into()),
        };
        Ok(Node::new(value, span))
    }
}
