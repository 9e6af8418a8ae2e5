use std::sync::Arc;

use serde_json::Value;

use super::code::Code;
use super::functions::World;
use super::scope::Names;
use super::{ExprError, PieceKind, pieces};

/// A text with expressions in it, ready to be rendered.
#[derive(Debug)]
pub(crate) struct Text(Box<[Part]>);

#[derive(Debug)]
enum Part {
    Literal(Box<str>),
    Expression { code: Code, offset: usize },
}

impl Text {
    /// Whether a text holds anything that rendering would change.
    pub(crate) fn is_plain(text: &str) -> bool {
        memchr::memmem::find(text.as_bytes(), b"${{").is_none()
    }

    pub(crate) fn compile(text: &str) -> Result<Self, ExprError> {
        let parts = pieces(text)?.into_iter().map(|piece| match piece.kind {
            PieceKind::Literal => Ok(Part::Literal(piece.text.into())),
            PieceKind::Expression => Code::compile(piece.text)
                .map(|code| Part::Expression { code, offset: piece.start })
                .map_err(|error| error.shifted(piece.start)),
        });
        parts.collect::<Result<_, _>>().map(Self)
    }

    /// The rendered text; one expression alone keeps its type.
    pub(crate) fn value(&self, names: Names<'_>, world: &Arc<World>) -> Result<Value, ExprError> {
        match &*self.0 {
            [Part::Expression { code, offset }] => {
                code.value(names, world).map_err(|error| error.shifted(*offset))
            }
            _ => self.text(names, world).map(Value::String),
        }
    }

    /// The rendered text.
    pub(crate) fn text(&self, names: Names<'_>, world: &Arc<World>) -> Result<String, ExprError> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Expression { code, offset } => {
                    code.write(names, world, &mut text).map_err(|error| error.shifted(*offset))?;
                }
            }
        }
        Ok(text)
    }
}
