use std::sync::Arc;

use serde_json::Value;

use super::ExprError;
use super::functions::World;
use super::language::Program;
use super::path::Path;
use super::scope::Names;

/// One expression, ready to be evaluated.
#[derive(Debug)]
pub(crate) struct Code(Kind);

#[derive(Debug)]
enum Kind {
    Path(Path),
    Program(Box<Program>),
}

impl Code {
    pub(crate) fn compile(source: &str) -> Result<Self, ExprError> {
        Ok(Self(match Path::parse(source) {
            Some(path) => Kind::Path(path),
            None => Kind::Program(Box::new(Program::compile(source)?)),
        }))
    }

    pub(crate) fn value(&self, names: Names<'_>, world: &Arc<World>) -> Result<Value, ExprError> {
        match &self.0 {
            Kind::Path(path) => match path.find(names) {
                Ok(view) => Ok(view.to_value()),
                Err(_) => Err(lost(path, names)),
            },
            Kind::Program(program) => program.value(names, world),
        }
    }

    /// Whether the value counts as true: not `false`, `null`, zero, or empty.
    pub(crate) fn is_true(&self, names: Names<'_>, world: &Arc<World>) -> Result<bool, ExprError> {
        match &self.0 {
            Kind::Path(path) => match path.find(names) {
                Ok(view) => Ok(view.is_true()),
                Err(_) => Err(lost(path, names)),
            },
            Kind::Program(program) => program.is_true(names, world),
        }
    }

    /// Adds the value to a text.
    pub(super) fn write(
        &self,
        names: Names<'_>,
        world: &Arc<World>,
        text: &mut String,
    ) -> Result<(), ExprError> {
        match &self.0 {
            Kind::Path(path) => match path.find(names) {
                Ok(view) => view.write(text),
                Err(_) => return Err(lost(path, names)),
            },
            Kind::Program(program) => {
                super::convert::write_plain(&program.value(names, world)?, text);
            }
        }
        Ok(())
    }
}

#[cold]
fn lost(path: &Path, names: Names<'_>) -> ExprError {
    path.missing(names).unwrap_or_else(|| ExprError::new("it has no value", 0, 0))
}
