use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Database, Decode, Type};

/// JSON in a column of text. SQLite would take a column of the type JSON for a number at times,
/// and sqlx's own JSON type wants such a column of Postgres.
pub(crate) struct JsonText<T>(pub(crate) T);

impl<DB: Database, T> Type<DB> for JsonText<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }

    fn compatible(info: &DB::TypeInfo) -> bool {
        String::compatible(info)
    }
}

impl<'r, DB: Database, T: DeserializeOwned> Decode<'r, DB> for JsonText<T>
where
    String: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Ok(Self(serde_json::from_str(&String::decode(value)?)?))
    }
}

/// A value as such a column takes it.
pub(crate) fn text<T: Serialize>(value: &T) -> String {
    match serde_json::to_string(value) {
        Ok(text) => text,
        Err(error) => unreachable!("wire types are JSON: {error}"),
    }
}

/// A wire type as a JSON value.
pub(crate) fn to_value<T: Serialize>(value: &T) -> serde_json::Value {
    match serde_json::to_value(value) {
        Ok(value) => value,
        Err(error) => unreachable!("wire types are JSON: {error}"),
    }
}
