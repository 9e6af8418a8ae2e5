use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// What a runner wants done when a case or a run ends.
pub type CloseHook = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Things that outlive a step: a cookie jar, a connection, a browser session, a plugin process.
///
/// Keyed by type, so that runners cannot get into each other's way. The engine makes one for each
/// attempt of a case and one for the run, and closes them at their end.
#[derive(Default)]
pub struct State {
    slots: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    hooks: Mutex<Vec<CloseHook>>,
}

impl State {
    /// The value of type `T`, made by `init` at first use.
    pub fn get_or_init<T: Send + Sync + 'static>(&self, init: impl FnOnce() -> T) -> Arc<T> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(init()));
        match Arc::clone(slot).downcast::<T>() {
            Ok(value) => value,
            Err(_) => unreachable!("the slot is keyed by the type it holds"),
        }
    }

    /// Has `hook` run when the case (or the run) ends, last registered first.
    pub fn on_close(&self, hook: CloseHook) {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    /// Runs the hooks and forgets everything. Called by the engine.
    pub async fn close(&self) {
        loop {
            let hook = self.hooks.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(hook) = hook else { break };
            hook().await;
        }
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}
