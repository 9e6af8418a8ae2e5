use crate::template::Operator;

/// What the page of an operator shows besides its words.
pub(super) struct Sample {
    pub(super) operator: Operator,
    /// What the operand may be.
    pub(super) operand: &'static str,
    /// The values that it can hold of.
    pub(super) values: &'static str,
    /// An entry of `expect`.
    pub(super) entry: &'static str,
    /// An outcome, in JSON, of which the entry does not hold.
    pub(super) broken: &'static str,
}

const fn sample(
    operator: Operator,
    operand: &'static str,
    values: &'static str,
    entry: &'static str,
    broken: &'static str,
) -> Sample {
    Sample { operator, operand, values, entry, broken }
}

const ANY: &str = "any value";
const BOUND: &str = "a number or a text";
const BOUNDED: &str = "numbers, texts; of the operand's type";
const TEXTS: &str = "texts";
const HOLDERS: &str = "texts, lists, maps";

/// One for each operator, in the order of the reference.
pub(super) const SAMPLES: &[Sample] = &[
    sample(
        Operator::Equals,
        ANY,
        ANY,
        "{ that: json, equals: { id: 7, state: paid } }",
        r#"{"json": {"id": 7, "state": "open"}}"#,
    ),
    sample(
        Operator::NotEquals,
        ANY,
        ANY,
        "{ that: json.state, not_equals: broken }",
        r#"{"json": {"state": "broken"}}"#,
    ),
    sample(
        Operator::Contains,
        "a text for a text, any value for a list, a map for a map",
        HOLDERS,
        "{ that: text, contains: welcome }",
        r#"{"text": "please log in"}"#,
    ),
    sample(
        Operator::NotContains,
        "a text for a text, any value for a list, a map for a map",
        HOLDERS,
        "{ that: json.roles, not_contains: admin }",
        r#"{"json": {"roles": ["user", "admin"]}}"#,
    ),
    sample(
        Operator::StartsWith,
        "a text",
        TEXTS,
        "{ that: json.id, starts_with: ord_ }",
        r#"{"json": {"id": "inv_8"}}"#,
    ),
    sample(
        Operator::EndsWith,
        "a text",
        TEXTS,
        "{ that: json.file, ends_with: .pdf }",
        r#"{"json": {"file": "bill.html"}}"#,
    ),
    sample(
        Operator::Matches,
        "a regular expression",
        TEXTS,
        "{ that: json.token, matches: \"^[a-f0-9]{8}$\" }",
        r#"{"json": {"token": "c0ffee"}}"#,
    ),
    sample(
        Operator::Lt,
        BOUND,
        BOUNDED,
        "{ that: duration_ms, lt: 200 }",
        r#"{"duration_ms": 310}"#,
    ),
    sample(
        Operator::Le,
        BOUND,
        BOUNDED,
        "{ that: json.count, le: 10 }",
        r#"{"json": {"count": 11}}"#,
    ),
    sample(
        Operator::Gt,
        BOUND,
        BOUNDED,
        "{ that: json.count, gt: 0 }",
        r#"{"json": {"count": 0}}"#,
    ),
    sample(
        Operator::Ge,
        BOUND,
        BOUNDED,
        "{ that: json.count, ge: 1 }",
        r#"{"json": {"count": "1"}}"#,
    ),
    sample(
        Operator::Between,
        "a list of two numbers or two texts, the lower first",
        BOUNDED,
        "{ that: json.volts, between: [3.2, 3.4] }",
        r#"{"json": {"volts": 3.47}}"#,
    ),
    sample(Operator::In, "a list", ANY, "{ that: status, in: [200, 201] }", r#"{"status": 204}"#),
    sample(
        Operator::NotIn,
        "a list",
        ANY,
        "{ that: status, not_in: [500, 502] }",
        r#"{"status": 502}"#,
    ),
    sample(
        Operator::Length,
        "a whole number, or a map of operators for it",
        HOLDERS,
        "{ that: json.items, length: { gt: 3 } }",
        r#"{"json": {"items": [1, 2]}}"#,
    ),
    sample(
        Operator::Is,
        "the name of a type",
        ANY,
        "{ that: json.items, is: list }",
        r#"{"json": {"items": {"0": "first"}}}"#,
    ),
    sample(
        Operator::Exists,
        "`true` or `false`",
        "any value, and nothing",
        "{ that: json.error, exists: false }",
        r#"{"json": {"error": "out of stock"}}"#,
    ),
    sample(
        Operator::Empty,
        "`true` or `false`",
        "any value, and nothing",
        "{ that: json.errors, empty: true }",
        r#"{"json": {"errors": ["no name"]}}"#,
    ),
    sample(
        Operator::Schema,
        "a JSON Schema, or the name of a file that holds one in JSON or YAML",
        ANY,
        "{ that: json, schema: { type: object, required: [id] } }",
        r#"{"json": {"name": "Ann"}}"#,
    ),
    sample(
        Operator::Approx,
        "a map of `value`, a number, and `tolerance`, a number or a percentage of `value`",
        "numbers",
        "{ that: json.volts, approx: { value: 3.3, tolerance: 2% } }",
        r#"{"json": {"volts": 3.47}}"#,
    ),
    sample(
        Operator::Snapshot,
        "a name of letters, digits, `-`, `_`, `.`, and `/` for folders",
        ANY,
        "{ that: json, snapshot: order }",
        r#"{"json": {"id": 7, "state": "open"}}"#,
    ),
    sample(
        Operator::Satisfies,
        "an expression, see [Expressions](expressions.md)",
        ANY,
        "{ that: json.count, satisfies: \"it > 3 and it < 9\" }",
        r#"{"json": {"count": 12}}"#,
    ),
];

/// The snapshot `order` that the samples read.
pub(super) const SNAPSHOT: &str = r#"{"id": 7, "state": "paid"}"#;
