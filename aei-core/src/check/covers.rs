use crate::select::{Segment, Selector};
use crate::template::Check;

/// Whether a step's check speaks of the value that a runner's default check looks at, so that
/// the default need not be made: `{ that: status, in: [404, 410] }` stands in for `status lt 400`.
pub fn covers(check: &Check, default: &Check) -> bool {
    if check.that.value == default.that.value {
        return true;
    }
    match (path(&check.that.value), path(&default.that.value)) {
        (Some(own), Some(other)) => own == other,
        _ => false,
    }
}

fn path(text: &str) -> Option<Vec<Segment>> {
    let selector = Selector::parse(text).ok()?;
    (!selector.is_list()).then(|| selector.start().to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_check_of_the_same_value_stands_in() {
        let default = check(&json!({"that": "status", "lt": 400}));
        for (that, expected) in [
            ("status", true),
            ("$.status", true),
            ("$['status']", true),
            ("json.status", false),
            ("$..status", false),
            ("", false),
        ] {
            let own = check(&json!({"that": that, "equals": 404}));
            assert_eq!(covers(&own, &default), expected, "{that}");
        }
    }
}
