use std::borrow::Cow;

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::{Database, StoreError};

/// The tables, step by step. A step that has shipped never changes.
const STEPS: &[(i64, &str, &str)] =
    &[(1, "first", include_str!("../../migrations/0001_first.sql"))];

impl Database {
    /// Brings the tables up to date. Several processes may try at a time: Postgres locks, SQLite
    /// has one process.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        let steps = STEPS.iter().map(|&(version, name, text)| {
            Migration::new(
                version,
                Cow::Borrowed(name),
                MigrationType::Simple,
                SqlStr::from_static(text),
                false,
            )
        });
        let migrator = Migrator::with_migrations(steps.collect());
        match self {
            Self::Sqlite(pool) => migrator.run(pool).await?,
            Self::Postgres(pool) => migrator.run(pool).await?,
        }
        Ok(())
    }
}
