use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A length of time as people write it: `250ms`, `10s`, `2m`, `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Period(pub Duration);

/// A number of bytes as people write it: `512`, `10KiB`, `10MiB`, `1GB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ByteSize(pub u64);

/// A text that is no duration or size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}")]
pub struct QuantityError {
    text: String,
    what: &'static str,
}

const PERIOD: &str = "duration such as `250ms`, `10s`, `2m` or `1h30m`";
const SHORTER: &str = "duration of at most 36500d";
/// A hundred years: what is added to a point in time must stay one.
const LONGEST: Duration = Duration::from_hours(36_500 * 24);
const SIZE: &str = "size such as `512`, `64KiB`, `10MiB` or `1GB`";

/// Splits `1h30m` into (1, "h"), (30, "m"); `None` where the shape is wrong.
fn parts(text: &str) -> Option<Vec<(f64, &str)>> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        found.push((number, &rest[..letters]));
        rest = rest[letters..].trim_start();
    }
    (!found.is_empty()).then_some(found)
}

impl FromStr for Period {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let wrong = || QuantityError { text: text.to_owned(), what: PERIOD };
        let mut total = Duration::ZERO;
        for (number, unit) in parts(text).ok_or_else(wrong)? {
            let seconds = match unit {
                "us" | "µs" => number * 1e-6,
                "ms" => number * 1e-3,
                "s" => number,
                "m" | "min" => number * 60.0,
                "h" => number * 3600.0,
                "d" => number * 86400.0,
                _ => return Err(wrong()),
            };
            let part = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
            total = total.checked_add(part).ok_or_else(wrong)?;
        }
        if total > LONGEST {
            return Err(QuantityError { text: text.to_owned(), what: SHORTER });
        }
        Ok(Self(total))
    }
}

impl FromStr for ByteSize {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let wrong = || QuantityError { text: text.to_owned(), what: SIZE };
        if let Ok(bytes) = text.trim().parse() {
            return Ok(Self(bytes));
        }
        let [(number, unit)] = parts(text).ok_or_else(wrong)?[..] else { return Err(wrong()) };
        let factor: u64 = match unit {
            "B" => 1,
            "kB" | "KB" => 1000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err(wrong()),
        };
        #[expect(clippy::cast_precision_loss, reason = "sizes past 2^53 bytes need no exactness")]
        let bytes = number * factor as f64;
        #[expect(clippy::cast_precision_loss, reason = "a bound, not a value")]
        let fits = bytes < u64::MAX as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to fit; a number of `parts` has no sign"
        )]
        let whole = bytes as u64;
        if fits { Ok(Self(whole)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        if micros == 0 {
            return f.write_str("0s");
        }
        if micros < 1000 {
            return write!(f, "{micros}us");
        }
        if !self.0.subsec_micros().is_multiple_of(1000) && micros < 1_000_000 {
            #[expect(clippy::cast_precision_loss, reason = "below 10^6, exact")]
            return write!(f, "{}ms", micros as f64 / 1000.0);
        }
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        for (unit, count) in [
            ("h", seconds / 3600),
            ("m", seconds / 60 % 60),
            ("s", seconds % 60),
            ("ms", millis.into()),
        ] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, factor) in [("GiB", 1u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
            if self.0 >= factor && self.0.is_multiple_of(factor) {
                return write!(f, "{}{unit}", self.0 / factor);
            }
        }
        write!(f, "{}", self.0)
    }
}

macro_rules! spelled {
    ($type:ident, $format:literal, $pattern:literal, $description:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "format": $format,
                    "pattern": $pattern,
                    "description": $description
                })
            }
        }
    };
}

spelled!(
    Period,
    "aei-duration",
    r"^\s*([0-9.]+\s*(us|µs|ms|s|min|m|h|d)\s*)+$",
    "A duration such as `250ms`, `10s`, `2m` or `1h30m`."
);
spelled!(
    ByteSize,
    "aei-size",
    r"^\s*[0-9.]+\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)?\s*$",
    "A size such as `64KiB`, `10MiB` or `1GB`."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_and_print() {
        for (text, micros) in
            [("250ms", 250_000), ("10s", 10_000_000), ("1h30m", 5_400_000_000), ("1.5s", 1_500_000)]
        {
            assert_eq!(text.parse::<Period>().unwrap().0.as_micros(), micros);
        }
        assert_eq!("90m".parse::<Period>().unwrap().to_string(), "1h30m");
        assert_eq!("1.5s".parse::<Period>().unwrap().to_string(), "1s500ms");
        assert_eq!("36500d".parse::<Period>().unwrap().0, LONGEST);
        let error = "36501d".parse::<Period>().unwrap_err();
        assert_eq!(error.to_string(), "`36501d` is not a duration of at most 36500d");
        for wrong in ["", "10", "s", "10 parsecs", "-1s", "1e9999d", "99999999999999999999d"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_read_and_print() {
        assert_eq!("10MiB".parse(), Ok(ByteSize(10 << 20)));
        assert_eq!("1.5KiB".parse(), Ok(ByteSize(1536)));
        assert_eq!("77".parse(), Ok(ByteSize(77)));
        assert_eq!(ByteSize(10 << 20).to_string(), "10MiB");
        for wrong in ["", "MiB", "1 parsec", "1KiB2MiB"] {
            assert!(wrong.parse::<ByteSize>().is_err(), "{wrong}");
        }
    }
}
