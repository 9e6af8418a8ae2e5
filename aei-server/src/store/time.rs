use chrono::{DateTime, Utc};

/// A point in time as the database keeps it: microseconds since 1970 in UTC.
pub(crate) type Micros = i64;

/// A stored point in time for the wire.
pub(crate) fn moment(micros: Micros) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The same, where there may be none.
pub(crate) fn moments(micros: Option<Micros>) -> Option<DateTime<Utc>> {
    micros.map(moment)
}
