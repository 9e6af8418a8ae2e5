use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DynStepRunner, StepRunner, Typed};

/// The runner kinds that a template may use.
#[derive(Clone, Default)]
pub struct Registry {
    runners: BTreeMap<String, Arc<dyn DynStepRunner>>,
}

impl Registry {
    /// A registry without any kind.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds a typed runner under its `KIND`; a runner already there is replaced.
    pub fn register<R: StepRunner>(&mut self, runner: R) -> &mut Self {
        self.runners.insert(R::KIND.to_owned(), Arc::new(Typed::new(runner)));
        self
    }

    /// Adds a runner that knows its kind only at run time.
    pub fn register_dyn(&mut self, runner: Arc<dyn DynStepRunner>) -> &mut Self {
        let kind = runner.spec().kind.clone();
        self.runners.insert(kind, runner);
        self
    }

    /// The runner of a kind.
    pub fn get(&self, kind: &str) -> Option<&Arc<dyn DynStepRunner>> {
        self.runners.get(kind)
    }

    /// All kinds, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.runners.keys().map(String::as_str)
    }

    /// All runners, sorted by kind.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn DynStepRunner>> {
        self.runners.values()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.runners.keys()).finish()
    }
}
