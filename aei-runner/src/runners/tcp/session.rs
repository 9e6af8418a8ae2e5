use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::connection::Connection;

/// The connections that steps of a case keep for later ones, by name.
///
/// A step takes its connection out and puts it back when it is done, so that one which broke off
/// leaves nothing half-read behind.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Connection>>);

impl Sessions {
    pub(super) fn take(&self, name: &str) -> Option<Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name)
    }

    pub(super) fn keep(&self, name: String, connection: Connection) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, connection);
    }
}
