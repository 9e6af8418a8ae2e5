use std::path::Path;

use super::Bench;

/// Every way out that a secret could take, then a look at every byte that the run left.
#[test]
fn no_secret_is_in_anything_that_a_run_leaves() {
    let mut bench = Bench::new(
        r#"
aei: 1
inputs: { token: { secret: true } }
cases:
  - id: leaks
    name: with ${{ inputs.token }}
    steps:
      - { uses: shell, with: { run: 'printf %s "$T"; printf %s "$T" >&2; printf %s "$T" | base64; printf %s "$T" | od -An -tx1', env: { T: "${{ inputs.token }}" } }, capture: { out: stdout } }
      - { uses: shell, with: { run: 'printf %.4s "$T"; sleep 0.1; printf %s "${T#????}"', env: { T: "${{ inputs.token }}" } } }
      - { uses: assert, continue_on_failure: true, with: { url: "http://h/?q=s3cret%2Fv%40lue%20x&r=s3cret%2Fv%40lue+x", t: "${{ inputs.token }}", b: "${{ base64('user:' ~ inputs.token) }}" }, expect: [ { that: t, equals: nothing }, { that: b, equals: "${{ inputs.token }}" } ] }
      - { uses: shell, continue_on_failure: true, with: { argv: ["./no-${{ inputs.token }}"] } }
      - { uses: "shell", with: { run: "exit 0", cwd: "${{ inputs.token }}" } }
"#,
    );
    bench.options.inputs.flags = vec![("token".into(), "s3cret/v@lue x".into())];
    let report = bench.run();
    assert_eq!(report.head.suites[0].inputs["token"], "***");
    assert_eq!(report.cases[0].name, "with ***");
    let left = everything(&bench.run_folder());
    assert!(left.contains("***"));
    for secret in ["s3cret", "et/v@lue", "czNjcmV0", "v%40lue", "v@lue x"] {
        assert!(!left.contains(secret), "{secret} is in: {}", around(&left, secret));
    }
}

fn everything(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&everything(&path));
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
    text
}

fn around<'a>(text: &'a str, part: &str) -> &'a str {
    let at = text.find(part).unwrap();
    let (from, to) = (at.saturating_sub(60), (at + 80).min(text.len()));
    text.get(from..to).unwrap_or_default()
}
