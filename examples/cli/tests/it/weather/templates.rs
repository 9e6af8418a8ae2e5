//! Templates and their files as they should not be: nothing runs, status 2.

use super::bench::Bench;

const STEP: &str = "cases:\n  - id: a\n    steps: [{ uses: assert, with: { n: 1 } }]\n";

/// Runs a template that is wrong. Nothing may have run.
fn refused(name: &str, content: impl AsRef<[u8]>, words: &[&str]) {
    let bench = Bench::new();
    bench.write(name, content);
    refused_in(&bench, name, words);
}

fn refused_in(bench: &Bench, name: &str, words: &[&str]) {
    bench.aei(&["run", name, "--report", "json=r.json"]).assert(2, words);
    bench.aei(&["validate", name]).assert(2, words);
    assert!(!bench.path("r.json").exists());
    assert!(!bench.path(".aei").exists());
}

#[test]
fn broken_json() {
    let text = "{ \"aei\": 1,\n  \"cases\": [{ \"id\": \"a\", }] }\n";
    let words = ["t.aei.json:2:26", "expected a value after `,`", "remove the comma"];
    refused("t.aei.json", text, &words);
    refused("t.aei.json", "{ \"aei\": 1", &["t.aei.json:1:11"]);
}

#[test]
fn broken_yaml() {
    let text = "aei: 1\ncases:\n  - id: a\n   steps: []\n";
    refused("t.aei.yaml", text, &["t.aei.yaml:4:4", "found `steps`", "in one column"]);
    refused("t.aei.yaml", "aei: 1\nname: \"never closed\n", &["t.aei.yaml:2:7"]);
}

#[test]
fn an_empty_file() {
    refused("t.aei.yaml", "", &["t.aei.yaml:1:1", "the template is empty", "aei new"]);
    refused("t.aei.json", "", &["t.aei.json:1:1"]);
}

#[test]
fn wrong_encodings() {
    let latin = b"aei: 1\nname: caf\xe9\n".as_slice();
    refused("t.aei.yaml", latin, &["t.aei.yaml:2:10", "0xE9", "UTF-8"]);
    refused("t.aei.yaml", "aei: 1\nname: \"a\0b\"\n", &["t.aei.yaml:2:9", "U+0000"]);
    let utf32: Vec<u8> =
        "\u{feff}aei: 1\n".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    refused("t.aei.yaml", utf32, &["t.aei.yaml:1:1", "UTF-32"]);
    let random: Vec<u8> = (0..=255).rev().cycle().take(4096).collect();
    refused("t.aei.json", random, &["t.aei.json:1:1", "UTF-8"]);
}

#[test]
fn utf_16_is_read() {
    let bench = Bench::new();
    let text = format!("\u{feff}aei: 1\nname: café\n{STEP}");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    bench.write("t.aei.yaml", bytes);
    bench.run().assert(0, &["1 passed"]);
}

#[test]
fn a_file_of_100_mb() {
    let bench = Bench::new();
    bench.write("t.aei.yaml", vec![b'#'; 100 << 20]);
    refused_in(&bench, "t.aei.yaml", &["`t.aei.yaml` has 100 MiB", "64 MiB", "split"]);
    let peak = super::large::peak_kib(&bench, &["validate", "t.aei.yaml"]);
    assert!(peak < 50 << 10, "it was read: {peak} KiB");
}

#[test]
fn a_file_without_end() {
    let bench = Bench::new();
    refused_in(&bench, "/dev/zero", &["/dev/zero", "64 MiB"]);
}

#[test]
fn nesting_bombs() {
    let deep = format!("aei: 1\nname: {}", "[".repeat(1_000_000));
    refused("t.aei.yaml", deep, &["t.aei.yaml:2:", "more than 128 deep"]);
    refused("t.aei.json", "[".repeat(1_000_000), &["t.aei.json:1:129", "more than 128 deep"]);
    let steps: Vec<String> = (0..2000).map(|n| " ".repeat(n) + "a:").collect();
    refused("t.aei.yaml", steps.join("\n"), &["t.aei.yaml:129:129", "more than 128 deep"]);
    let expression = format!("${{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
    let text = format!("aei: 1\nname: {expression:?}\n{STEP}").replace("n: 1", "n: N");
    refused("t.aei.yaml", text.replace("n: N", &format!("n: {expression:?}")), &["t.aei.yaml:"]);
}

#[test]
fn yaml_alias_bombs() {
    let mut text = "aei: 1\nx:\n  a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for (name, of) in ('b'..='i').zip('a'..) {
        let name = name.to_string();
        let nine = vec![format!("*{of}"); 9].join(", ");
        text.push_str(&["  ", &name, ": &", &name, " [", &nine, "]\n"].concat());
    }
    refused("t.aei.yaml", text, &["t.aei.yaml:", "aliases", "64 MiB"]);
    refused("t.aei.yaml", "aei: 1\nx: &x [*x]\n", &["t.aei.yaml:2:", "x"]);
}

#[test]
fn a_csv_with_ragged_rows() {
    let bench = Bench::new();
    bench.write("users.csv", "user,age\nann,3\nbob\n");
    let text = STEP.replace("steps", "matrix: { from: users.csv }\n    steps");
    bench.write("t.aei.yaml", format!("aei: 1\n{text}"));
    let words = ["users.csv:3:1", "has 1 cell,", "the header has 2", "t.aei.yaml:4:21"];
    refused_in(&bench, "t.aei.yaml", &words);
}

#[test]
fn a_missing_file() {
    let bench = Bench::new();
    refused_in(&bench, "none.aei.yaml", &["there is no `none.aei.yaml`"]);
    refused_in(&bench, "no/folder/", &["there is no `no/folder/`"]);
    for (key, file) in [("include: [none.yaml]", "none.yaml"), ("plain: 1", "plain")] {
        refused("t.aei.yaml", format!("aei: 1\n{key}\n{STEP}"), &["t.aei.yaml:2:", file]);
    }
    let text = STEP.replace("steps", "matrix: { from: none.csv }\n    steps");
    let words = ["t.aei.yaml:4:21", "cannot read `none.csv`", "relative to the file"];
    refused("t.aei.yaml", format!("aei: 1\n{text}"), &words);
    bench.write("t.aei.yaml", format!("aei: 1\n{STEP}"));
    let args = ["run", "t.aei.yaml", "--input-file", "none.yaml"];
    bench.aei(&args).assert(2, &["cannot read the input file `none.yaml`: no such file"]);
    for (slip, path) in [("t.yaml", "t.aei.yaml"), ("./T.yml", "./t.aei.yaml")] {
        let words = [&*format!("there is no `{slip}`"), &*format!("did you mean `{path}`?")];
        bench.aei(&["run", slip]).assert(2, &words);
    }
}

#[test]
fn a_regex_that_would_backtrack() {
    let text = "a".repeat(50_000) + "!";
    let bench = Bench::step(&format!(
        "{{ uses: assert, timeout: 10s, with: {{ t: {text} }}, \
         expect: [{{ that: t, matches: \"^(a+)+$\" }}] }}"
    ));
    bench.assert_storm("failed", "(a+)+");
    let bomb =
        "{ uses: assert, with: { t: a }, expect: [{ that: t, matches: '^a{1000}{1000}$' }] }";
    let bench = Bench::step(bomb);
    refused_in(&bench, "t.aei.yaml", &["t.aei.yaml:6:", "too large when compiled"]);
}

#[test]
fn an_expression_without_end() {
    let loops = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    let bench = Bench::step(&format!("{{ uses: assert, with: {{ t: \"{loops}\" }} }}"));
    bench.run().assert(0, &["3 passed"]);
    let sum = "${{ range(100000) | map('string') | list | join(',') | length * 0 }}";
    let bench = Bench::step(&format!("{{ uses: assert, with: {{ t: \"{sum}\" }} }}"));
    let ended = bench.run();
    assert!([Some(0), Some(1), Some(2)].contains(&ended.code), "{ended:?}");
}

#[test]
fn a_template_from_standard_input() {
    let bench = Bench::new();
    bench.write("in.yaml", format!("aei: 1\n{STEP}"));
    let run = |file: &str, args: &[&str]| {
        let mut command = bench.command(args);
        command.stdin(std::fs::File::open(bench.path(file)).unwrap());
        bench.end(command)
    };
    run("in.yaml", &["run", "-"]).assert(0, &["1 passed"]);
    run("in.yaml", &["validate", "-"]).assert(0, &["valid   -: 1 case"]);
    bench.write("wrong.yaml", "aei: 1\ncasez: []\n");
    run("wrong.yaml", &["run", "-"]).assert(2, &["<stdin>:2:1", "`cases`"]);
}
