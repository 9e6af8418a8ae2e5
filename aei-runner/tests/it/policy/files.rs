use std::os::unix::fs::symlink;

use aei_core::event::Status;

use super::{Node, ok, site};

const FILES: &str = "[files]\nread = [\"{template}\", \"open\"]\nwrite = [\"{template}/out\"]\n";

#[test]
fn what_is_allowed_works() {
    let node = Node::new(FILES);
    node.passes(
        "{ uses: file, with: { path: ../open/note.txt }, expect: [{ that: text, equals: hello }] }",
    );
    node.passes("{ uses: file, with: { path: out/deep/x.txt, write: a }, expect: [{ that: text, equals: a }] }");
    node.passes("{ uses: file, with: { path: out/deep/x.txt, append: b }, expect: [{ that: text, equals: ab }] }");
    node.passes("{ uses: file, with: { path: ../open, copy_to: out/copy } }");
    node.passes("{ uses: file, with: { path: out/copy/note.txt, move_to: out/moved.txt } }");
    node.passes("{ uses: file, with: { path: out, glob: '**/*.txt' }, expect: [{ that: 'files[*].path', contains: moved.txt }] }");
    node.passes("{ uses: file, with: { path: out/new, mkdir: true } }");
    node.passes("{ uses: file, with: { path: out, delete: true }, expect: [{ that: exists, equals: false }] }");
    assert!(!node.path("t/out").exists());
}

#[test]
fn a_refusal_names_the_rule() {
    let node = Node::new(FILES);
    let said = node.refused("{ uses: file, with: { path: ../secret/key.txt } }");
    assert_eq!(said, "reading `/secret/key.txt` is not allowed (/policy.toml:4: files.read)");
    let said = node.refused("{ uses: file, with: { path: x.txt, write: a } }");
    assert_eq!(said, "writing `/t/x.txt` is not allowed (/policy.toml:5: files.write)");
    assert!(!node.path("t/x.txt").exists());
}

#[test]
fn links_and_dots_lead_nowhere_else() {
    let node = Node::new(FILES);
    std::fs::create_dir(node.path("t/out")).unwrap();
    symlink(node.path("secret"), node.path("t/link")).unwrap();
    symlink(node.path("secret/key.txt"), node.path("t/key")).unwrap();
    symlink(node.path("secret/new.txt"), node.path("t/out/dangling")).unwrap();
    symlink(node.path("secret"), node.path("t/out/dir")).unwrap();
    symlink("../../secret/key.txt", node.path("t/out/rel")).unwrap();
    for with in [
        "path: link/key.txt",
        "path: key",
        "path: key, read: none",
        "path: link",
        "path: link/absent",
        "path: out/../../secret/key.txt",
        "path: nothing/../../secret/key.txt",
        "path: /etc/passwd",
        "path: link, glob: '*'",
        "glob: '../secret/*'",
        "path: /proc/self/root/etc/passwd",
        "path: out/dangling, write: a",
        "path: out/dangling, append: a",
        "path: out/dir/x, write: a",
        "path: out/dir/sub, mkdir: true",
        "path: out/dir/key.txt, delete: true",
        "path: out/rel, write: a",
        "path: key, copy_to: out/stolen",
        "path: link, copy_to: out/stolen",
        "path: t.aei.yaml, copy_to: out/dir/x",
        "path: t.aei.yaml, copy_to: out/dangling",
        "path: out/rel, move_to: out/moved",
        "path: t.aei.yaml, move_to: out/moved",
        "path: ../secret, delete: true",
    ] {
        node.refused(&format!("{{ uses: file, with: {{ {with} }} }}"));
    }
    node.refused("{ uses: wait, with: { file: key, up_to: 1h } }");
    assert_eq!(std::fs::read_to_string(node.path("secret/key.txt")).unwrap(), "hush");
    assert_eq!(std::fs::read_dir(node.path("secret")).unwrap().count(), 1);
    assert!(!node.path("t/out/stolen").exists());
}

#[test]
fn a_copied_folder_takes_nothing_along_that_may_not_be_read() {
    let node = Node::new(FILES);
    std::fs::create_dir(node.path("t/in")).unwrap();
    symlink(node.path("secret"), node.path("t/in/link")).unwrap();
    node.refused("{ uses: file, with: { path: in, copy_to: out } }");
    assert!(!node.path("t/out/link/key.txt").exists());
}

#[test]
fn lists_tell_nothing_of_what_links_lead_to() {
    let node = Node::new(FILES);
    symlink(node.path("secret/key.txt"), node.path("t/key")).unwrap();
    let step = node.step("{ uses: file, with: { glob: 'k*' } }");
    let files = &step.outcome["files"];
    assert_eq!((&files[0]["kind"], &files[0]["size"]), (&"link".into(), &serde_json::Value::Null));
}

#[test]
fn a_link_of_ones_own_may_be_deleted() {
    let node = Node::new(FILES);
    std::fs::create_dir(node.path("t/out")).unwrap();
    symlink(node.path("secret"), node.path("t/out/dir")).unwrap();
    node.passes("{ uses: file, with: { path: out/dir, delete: true } }");
    assert!(node.path("secret/key.txt").exists() && !node.path("t/out/dir").exists());
}

#[test]
fn expressions_read_only_what_is_allowed() {
    let node = Node::new(FILES);
    node.passes("{ uses: assert, with: { a: \"${{ file('../open/note.txt') }}\" }, expect: [{ that: a, equals: hello }] }");
    let said = node.refused("{ uses: assert, with: { a: \"${{ file('../secret/key.txt') }}\" } }");
    assert_eq!(said, "reading `/secret/key.txt` is not allowed (/policy.toml:4: files.read)");
    node.refused("{ uses: assert, with: { a: 1 }, if: \"file('../secret/key.txt') == 'hush'\" }");
    // The name of a step is made of its values, too.
    let report = node.run(
        "cases: [{ id: a, steps: [{ name: \"${{ file('../secret/key.txt') }}\", uses: assert }] }]",
    );
    assert!(!report.cases[0].steps[0].name.contains("hush"));
    // A check that needs such a file does not hold.
    for check in [
        "satisfies: \"it == file('../secret/key.txt')\"",
        "equals: \"${{ file('../secret/key.txt') }}\"",
    ] {
        let step = node.step(&format!(
            "{{ uses: assert, with: {{ a: hush }}, expect: [{{ that: a, {check} }}] }}"
        ));
        assert_eq!(step.status, Status::Failed);
        let message = step.checks[0].message.as_deref().unwrap();
        assert!(message.contains("policy.toml:4: files.read"), "{message}");
    }
}

#[test]
fn checks_read_schemas_and_snapshots_only_where_they_may() {
    let mut node = Node::new(FILES);
    node.write("secret/schema.json", "{ \"const\": 1 }");
    symlink(node.path("secret/schema.json"), node.path("t/link.json")).unwrap();
    node.write("t/inner.json", "{ \"$ref\": \"link.json\" }");
    for schema in ["../secret/schema.json", "inner.json", "${{ '../secret/' ~ 'schema.json' }}"] {
        let text = format!(
            "cases: [{{ id: a, steps: [{{ uses: assert, with: {{ a: 1 }}, expect: [{{ that: a, schema: \"{schema}\" }}] }}] }}]"
        );
        match node.load(&text) {
            Err(said) => assert!(said.contains("files.read"), "{said}"),
            Ok(plan) => {
                let report = node.run_plan(plan);
                let step = &report.cases[0].steps[0];
                assert_eq!(step.status, Status::Failed);
                let message = step.checks[0].message.as_deref().unwrap();
                assert!(message.contains("policy.toml:4: files.read"), "{message}");
            }
        }
    }
    node.options.update_snapshots = true;
    let step = node.step("{ uses: assert, with: { a: 1 }, expect: [{ that: a, snapshot: one }] }");
    let message = step.checks[0].message.as_deref().unwrap();
    assert!(message.contains("policy.toml:5: files.write"), "{message}");
    assert!(!node.path("t/snapshots").exists());
}

#[test]
fn includes_and_matrix_files_come_from_where_they_may() {
    let node = Node::new(FILES);
    node.write("secret/blocks.yaml", "aei: 1\nblocks: { b: { steps: [{ uses: assert }] } }");
    node.write("secret/rows.csv", "user\nann\n");
    symlink(node.path("secret/blocks.yaml"), node.path("t/blocks.yaml")).unwrap();
    let case = "cases: [{ id: a, steps: [{ uses: assert }] }]";
    for text in [
        format!("include: [../secret/blocks.yaml]\n{case}"),
        format!("include: [blocks.yaml]\n{case}"),
        "cases: [{ id: a, matrix: { from: ../secret/rows.csv }, steps: [{ uses: assert }] }]"
            .into(),
    ] {
        let said = node.load(&text).err().unwrap();
        assert!(said.contains("policy.toml:4: files.read"), "{said}");
    }
}

#[test]
fn uploads_and_sockets_are_files_too() {
    let (address, count) = site(|_| ok(""));
    let node = Node::new(&format!("{FILES}[hosts]\nallow = [\"{address}\"]\n"));
    symlink(node.path("secret/key.txt"), node.path("t/key")).unwrap();
    for with in [
        "method: POST, file: ../secret/key.txt",
        "method: POST, file: key",
        "method: POST, multipart: { f: { file: key } }",
        "tls: { ca: ../secret/key.txt }",
        "tls: { cert: key, key: key }",
        "unix_socket: ../secret/x.sock",
        "unix_socket: /var/run/docker.sock",
    ] {
        let url = if with.starts_with("tls") { "https" } else { "http" };
        let step =
            node.step(&format!("{{ uses: http, with: {{ url: '{url}://{address}', {with} }} }}"));
        let said = step.failure.map(|failure| failure.message).unwrap_or_default();
        assert!(said.contains("policy.toml:"), "{with}: {said}");
    }
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 0);
    node.passes(&format!("{{ uses: http, with: {{ url: 'http://{address}', method: POST, file: ../open/note.txt }} }}"));
}
