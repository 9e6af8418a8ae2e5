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

#[test]
fn a_hurl_file_makes_a_case() {
    let text = r#"# Log in
POST http://127.0.0.1:8000/login?next=%2F
X-Trace: {{trace}}
[Options]
retry: 3
retry-interval: 500ms
{ "user": "ann", "attempt": {{attempt}} }
HTTP 200
Content-Type: application/json
[Captures]
token: jsonpath "$.token"
part: body regex "a(.)"
[Asserts]
jsonpath "$.roles" count == 2
jsonpath "$.roles[0]" == "admin"
xpath "//a" exists
duration < 1000

GET http://127.0.0.1:8000/me
Authorization: Bearer {{token}}
[Query]
part: {{part}}
HTTP *
"#;
    insta::assert_snapshot!(made(SourceFormat::Hurl, text).text);
    let error = generate(SourceFormat::Hurl, b"GET http://x\n\nHTTP 2x0", &Origin::Nowhere);
    assert_eq!(error.unwrap_err().to_string(), "line 3, column 1: `2x0` is no status code");
}

#[test]
fn a_postman_collection_makes_cases() {
    let text = r#"{
      "info": { "name": "Shop", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
      "auth": { "type": "bearer", "bearer": [{ "key": "token", "value": "{{token}}" }] },
      "variable": [{ "key": "host", "value": "http://127.0.0.1:9000" }],
      "item": [
        { "name": "Orders", "item": [
          { "name": "Place", "event": [{ "listen": "test", "script": { "exec": [
              "pm.test('ok', () => {", "  pm.response.to.have.status(201);", "});",
              "pm.collectionVariables.set('order', pm.response.json().id);", "doMagic();" ] } }],
            "request": { "method": "POST", "url": { "raw": "{{host}}/orders?x=1", "query": [{ "key": "x", "value": "1" }] },
              "header": [{ "key": "X-A", "value": "${{ b }}" }, { "key": "off", "value": "1", "disabled": true }],
              "body": { "mode": "raw", "raw": "{\"qty\": {{qty}} }", "options": { "raw": { "language": "json" } } } } },
          { "name": "See", "request": { "auth": { "type": "noauth" }, "method": "GET", "url": "{{host}}/orders/{{order}}" } }
        ] }
      ]
    }"#;
    insta::assert_snapshot!(made(SourceFormat::Postman, text).text);
    let error = generate(SourceFormat::Har, text.as_bytes(), &Origin::Nowhere).unwrap_err();
    assert_eq!(
        error.to_string(),
        "this is not a HAR recording, it seems to be a Postman collection; use `--from postman`"
    );
}

#[test]
fn digest_authentication_is_carried_over_from_everywhere() {
    let postman = r#"{
      "info": { "name": "S", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
      "auth": { "type": "digest", "digest": [{ "key": "username", "value": "ann" },
        { "key": "password", "value": "pw" }, { "key": "algorithm", "value": "SHA-256" }] },
      "item": [{ "name": "a", "request": "http://127.0.0.1:1/" }]
    }"#;
    let openapi = r#"{ "openapi": "3.0.3", "info": { "title": "t", "version": "1" },
      "servers": [{ "url": "http://127.0.0.1:1" }], "security": [{ "d": [] }],
      "components": { "securitySchemes": { "d": { "type": "http", "scheme": "digest" } } },
      "paths": { "/a": { "get": { "responses": { "200": { "description": "ok" } } } } } }"#;
    for (format, text) in [
        (SourceFormat::Curl, "curl --digest -u ann:pw http://127.0.0.1:1/"),
        (
            SourceFormat::Hurl,
            "GET http://127.0.0.1:1/\n[BasicAuth]\nann: pw\n[Options]\ndigest: true\n",
        ),
        (SourceFormat::Hurl, "GET http://127.0.0.1:1/\n[Options]\ndigest: true\nuser: ann:pw\n"),
        (SourceFormat::Postman, postman),
        (SourceFormat::Openapi, openapi),
    ] {
        let made = made(format, text);
        assert!(made.text.contains("digest: {"), "{text}\n{}", made.text);
        assert!(!made.text.contains("basic: {"), "{text}\n{}", made.text);
        assert!(made.notes.is_empty(), "{text}\n{:?}", made.notes);
    }
    let curl = "curl --digest --basic -u ann:pw http://127.0.0.1:1/";
    assert!(made(SourceFormat::Curl, curl).text.contains("basic: {"));
}

mod odd_input {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn no_text_makes_a_generator_panic(text in "\\PC{0,200}", which in 0_usize..6) {
            let _ = generate(SourceFormat::ALL[which], text.as_bytes(), &Origin::Nowhere);
        }

        #[test]
        fn odd_command_lines_make_templates(text in r#"curl( (-[a-zA-Z]|--[a-z-]{1,12}|'[^']{0,8}'|"\$[A-Z]{0,3}\{\{"|http://[a-z]{1,3}/[a-z{?&=%\[]{0,8}|@x|=)){0,12}"#) {
            if let Ok(made) = generate(SourceFormat::Curl, text.as_bytes(), &Origin::Nowhere) {
                template_of(&made.text);
            }
        }

        #[test]
        fn odd_hurl_files_make_templates(text in r#"(GET|POST) http://[a-z]{1,3}(\n([A-Za-z]{1,5}: [a-z{}"$#]{0,8}|\[(Query|Asserts|Captures|Options|Form)\]|HTTP (200|\*)|jsonpath "\$[.a-z\[\]]{0,6}" [a-zA-Z=<>]{1,8} ["0-9]{0,3}|\{\}|```)){0,8}"#) {
            if let Ok(made) = generate(SourceFormat::Hurl, text.as_bytes(), &Origin::Nowhere) {
                template_of(&made.text);
            }
        }
    }
}
