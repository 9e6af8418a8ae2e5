use std::collections::BTreeMap;
use std::sync::Arc;

use aei_core::evaluator::EvalError;
use aei_core::expr::Scope;

use super::PlannedSuite;

impl PlannedSuite {
    /// Why this machine may not run a case: the first label of `requires` that it lacks.
    pub(crate) fn unmet(&self, case: u32, node: &BTreeMap<String, String>) -> Option<String> {
        self.case(case).requires.iter().find_map(|(label, wanted)| match node.get(&*label.value) {
            Some(value) if **value == **wanted => None,
            Some(value) => {
                Some(format!("requires {label}={wanted}, but this node has {label}={value}"))
            }
            None => Some(format!("requires {label}={wanted}, a label that this node lacks")),
        })
    }

    /// The names that a unit locks while it runs; expressions over the matrix are allowed in them.
    pub(crate) fn resources(&self, case: u32, combination: u32) -> Result<Vec<String>, EvalError> {
        let names = &self.case(case).resources;
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let scope = Scope { matrix: Arc::new(self.matrix(case, combination)), ..self.scope() };
        let mut names = (names.iter())
            .map(|name| self.evaluator.render_text(&name.value, name.span, &scope))
            .collect::<Result<Vec<_>, _>>()?;
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}
