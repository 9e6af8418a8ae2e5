use std::fmt;

/// Microseconds in words: `850 µs`, `12.3 ms`, `4.56 s`, `2 min 3 s`, `1 h 2 min`.
pub(in crate::report) struct Duration(pub(in crate::report) u64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0;
        match us {
            0..1_000 => write!(f, "{us} µs"),
            1_000..999_950 => write!(f, "{}.{} ms", (us + 50) / 1_000, (us + 50) / 100 % 10),
            999_950..59_995_000 => {
                write!(f, "{}.{:02} s", (us + 5_000) / 1_000_000, (us + 5_000) / 10_000 % 100)
            }
            _ => {
                let seconds = (us + 500_000) / 1_000_000;
                match seconds / 3600 {
                    0 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
                    hours => write!(f, "{hours} h {} min", seconds / 60 % 60),
                }
            }
        }
    }
}

/// Microseconds as seconds with three decimals: `0.012`.
pub(super) struct Seconds(pub(super) u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.saturating_add(500) / 1_000;
        write!(f, "{}.{:03}", ms / 1_000, ms % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let text = |us| Duration(us).to_string();
        assert_eq!(text(850), "850 µs");
        assert_eq!(text(12_345), "12.3 ms");
        assert_eq!(text(999_949), "999.9 ms");
        assert_eq!(text(999_950), "1.00 s");
        assert_eq!(text(59_994_999), "59.99 s");
        assert_eq!(text(123_400_000), "2 min 3 s");
        assert_eq!(text(3_720_000_000), "1 h 2 min");
        assert_eq!(Seconds(1_234_567).to_string(), "1.235");
    }
}
