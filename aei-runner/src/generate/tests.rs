use std::path::Path;

use aei_core::source::{self, SourceMap, Syntax};
use aei_core::template::Template;

use super::*;

/// The text of a template must be one.
pub(super) fn template_of(text: &str) -> Template {
    let mut map = SourceMap::default();
    let node = source::parse(&mut map, "t.yaml", text.into(), Syntax::Yaml)
        .unwrap_or_else(|d| panic!("{}\n{text}", source::render(&[d], &map, false)));
    source::from_node(node).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

#[test]
fn the_blank_template_is_one() {
    let made = generate(SourceFormat::Blank, b"", &Origin::Nowhere).unwrap();
    assert_eq!(template_of(&made.text).cases.len(), 2);
}

#[test]
fn every_description_of_the_fixtures_makes_a_template() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/openapi");
    let mut seen = 0;
    for entry in walkdir::WalkDir::new(&folder) {
        let entry = entry.unwrap();
        let content = std::fs::read(entry.path()).unwrap_or_default();
        let name = entry.file_name().to_string_lossy().into_owned();
        if SourceFormat::detect(&name, &content) != Some(SourceFormat::Openapi) {
            continue;
        }
        let origin = Origin::Path(entry.path().to_owned());
        let made = generate(SourceFormat::Openapi, &content, &origin);
        if name.starts_with("webhook") {
            assert_eq!(
                made.unwrap_err(),
                GenerateError::Nothing { what: "operations under `paths`" }
            );
        } else {
            assert!(!template_of(&made.unwrap().text).cases.is_empty(), "{name}");
        }
        seen += 1;
    }
    assert!(seen >= 9, "{seen} descriptions");
}

#[test]
fn a_recording_makes_a_template() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/har/httpbin-session.har");
    let content = std::fs::read(&path).unwrap();
    let made = generate(SourceFormat::Har, &content, &Origin::Path(path)).unwrap();
    if let Ok(out) = std::env::var("AEI_SHOW") {
        std::fs::write(out, &made.text).unwrap();
    }
    let template = template_of(&made.text);
    assert_eq!(template.cases[0].steps.len(), 16);
}

fn made(format: SourceFormat, text: &str) -> Generated {
    let made = generate(format, text.as_bytes(), &Origin::Nowhere).unwrap();
    template_of(&made.text);
    made
}

#[test]
fn curl_commands_make_cases() {
    let text = r#"
# a comment
curl -sS 'https://api.example.com/orders?limit=2&x=a%20b' -H 'Accept: application/json' \
  -H "Authorization: Bearer $TOKEN" --compressed
curl -X PUT https://api.example.com/orders/7 --json '{"qty": 2, "note": "${{ x }}"}' -k -L --max-time 2.5
curl https://api.example.com/form -d a=1 -d b=two+words -u ann:pw -o out.json --frobnicate
curl -F 'pic=@a.png;type=image/png' -F note=hi https://other.example.com/upload --retry 3
"#;
    let made = made(SourceFormat::Curl, text);
    insta::assert_snapshot!(made.text);
}
