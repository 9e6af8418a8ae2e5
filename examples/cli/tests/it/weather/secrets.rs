//! A secret that a child prints is in no file of the run, and on no screen.

use std::fs;
use std::path::Path;

use super::bench::Bench;

const SECRET: &str = "tr0ub4dor&3/horse";

/// Every file below a folder that holds one of these.
fn tellers(folder: &Path, needles: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(tellers(&entry, needles));
            continue;
        }
        let content = String::from_utf8_lossy(&fs::read(&entry).unwrap()).into_owned();
        let told = needles.iter().filter(|needle| content.contains(**needle));
        found.extend(told.map(|needle| format!("{}: {needle}", entry.display())));
    }
    found
}

#[test]
fn a_secret_that_a_child_prints() {
    let bench = Bench::new();
    bench.write(
        "t.aei.yaml",
        r#"
aei: 1
inputs:
  token: { type: string, secret: true }
cases:
  - id: plain
    steps:
      - uses: shell
        with: { run: "echo $TOKEN; echo $TOKEN >&2; exit 1", env: { TOKEN: "${{ inputs.token }}" } }
  - id: encoded
    steps:
      - uses: shell
        with: { run: "printf %s $TOKEN | base64; exit 1", env: { TOKEN: "${{ inputs.token }}" } }
  - id: in-pieces
    steps:
      - uses: shell
        with: { run: "printf tr0ub4; sleep 0.1; printf 'dor&3/'; sleep 0.1; echo horse; exit 1" }
  - id: argument
    steps:
      - { uses: shell, with: { argv: ["no-such-program", "${{ inputs.token }}"] } }
  - id: compared
    steps:
      - { uses: assert, with: { t: "${{ inputs.token }}" }, expect: [{ that: t, equals: x }] }
  - id: asked
    steps:
      - { uses: http, with: { url: "http://127.0.0.1:1/?t=${{ inputs.token }}" } }
  - id: late
    steps:
      - uses: shell
        timeout: 300ms
        with: { run: "echo $TOKEN; sleep 600", env: { TOKEN: "${{ inputs.token }}" } }
"#,
    );
    let formats = [
        "json=out/r.json",
        "ndjson=out/r.ndjson",
        "junit=out/r.xml",
        "html=out/r.html",
        "markdown=out/r.md",
        "tap=out/r.tap",
        "ctrf=out/r.ctrf.json",
        "allure=out/allure",
        "github=out/r.github",
    ];
    let mut args = vec!["run", "t.aei.yaml", "-v"];
    args.extend(formats.iter().flat_map(|format| ["--report", format]));
    let mut command = bench.command(&args);
    command.env("AEI_INPUT_TOKEN", SECRET);
    let ended = bench.end(command);
    ended.assert(1, &["7 cases", "plain", "in-pieces"]);
    let forms = [
        SECRET,
        "dHIwdWI0ZG9yJjMvaG9yc2",
        "tr0ub4dor%263%2Fhorse",
        "tr0ub4dor&amp;3",
        "tr0ub4dor%263",
    ];
    for form in forms {
        assert!(!ended.out.contains(form) && !ended.err.contains(form), "{form}: {ended:#?}");
    }
    assert_eq!(tellers(bench.folder(), &forms), Vec::<String>::new());
    let shown = bench.aei(&["report", "show"]);
    assert!(!shown.out.contains(SECRET), "{shown:?}");
}

#[test]
fn a_secret_given_as_a_flag() {
    let bench = Bench::new();
    bench.write(
        "t.aei.yaml",
        "aei: 1\ninputs: { token: { type: string, secret: true } }\ncases:\n  - id: a\n    steps:\n      \
         - { uses: shell, with: { run: \"false\" } }\n",
    );
    let flag = format!("token={SECRET}");
    let ended = bench.aei(&["run", "t.aei.yaml", "--input", &flag, "--report", "json=r.json"]);
    ended.assert(1, &["run it again: aei run t.aei.yaml"]);
    assert!(!ended.out.contains(SECRET) && !ended.err.contains(SECRET), "{ended:#?}");
    assert_eq!(tellers(bench.folder(), &[SECRET]), Vec::<String>::new());
}
