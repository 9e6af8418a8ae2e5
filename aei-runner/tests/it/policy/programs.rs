use std::os::unix::fs::{PermissionsExt as _, symlink};

use aei_core::event::Status;

use super::Node;

fn script(node: &Node, name: &str) {
    node.write(name, "#!/bin/sh\necho ran\n");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(node.path(name), mode).unwrap();
}

fn shell(with: &str) -> String {
    format!("{{ uses: shell, with: {{ {with} }} }}")
}

#[test]
fn only_allowed_programs_are_started() {
    let node = Node::new("[programs]\nallow = [\"echo\", \"{template}/bin/*\"]\n");
    std::fs::create_dir(node.path("t/bin")).unwrap();
    script(&node, "t/bin/own");
    script(&node, "t/echo");
    symlink("/bin/cat", node.path("t/bin/cat")).unwrap();
    node.passes(
        "{ uses: shell, with: { argv: [echo, hi] }, expect: [{ that: stdout, equals: hi }] }",
    );
    node.passes(&shell("argv: [bin/own]"));
    let said = node.refused(&shell("argv: [cat, /etc/passwd]"));
    assert!(
        said.starts_with("the program `cat`") && said.contains("policy.toml:4: programs.allow"),
        "{said}"
    );
    for with in [
        // Another program of an allowed name.
        "argv: [./echo]",
        "argv: [echo, hi], env: { LD_PRELOAD: /tmp/x.so }",
        // A link among the allowed ones.
        "argv: [bin/cat, t.aei.yaml]",
        "argv: [bin/../echo]",
        "run: echo hi",
        "run: echo hi, shell: echo",
        "argv: [sh, -c, echo hi]",
        "argv: [/bin/sh, -c, echo hi]",
        "argv: [env, echo, hi]",
    ] {
        node.refused(&shell(with));
    }
}

#[test]
fn the_path_of_a_step_finds_no_other_program() {
    let node = Node::new("[programs]\nallow = [\"echo\"]\n");
    std::fs::create_dir(node.path("t/evil")).unwrap();
    script(&node, "t/evil/echo");
    let evil = node.path("t/evil").display().to_string();
    node.passes(&format!(
        "{{ uses: shell, with: {{ argv: [echo, hi], env: {{ PATH: '{evil}' }} }}, \
         expect: [{{ that: stdout, equals: hi }}] }}"
    ));
    let step = node.step(&shell("argv: [own], env: { PATH: '.' }"));
    assert_eq!(step.status, Status::Errored);
}

#[test]
fn a_pattern_admits_no_shell_unless_lines_are_allowed() {
    let node = Node::new("[programs]\nallow = [\"*\"]\n");
    let said = node.refused(&shell("argv: [sh, -c, 'echo hi']"));
    assert!(said.contains("a shell,") && said.contains("programs.run is not set"), "{said}");
    node.refused(&shell("run: echo hi"));
    symlink("/bin/sh", node.path("t/tool")).unwrap();
    node.refused(&shell("argv: [./tool, -c, 'echo hi']"));
    let node = Node::new("[programs]\nrun = true\n");
    node.passes(&shell("run: echo hi"));
    node.refused(&shell("run: echo hi, shell: cat"));
    node.refused(&shell("argv: [echo, hi]"));
}

#[test]
fn a_program_sees_only_allowed_variables() {
    // Set for the whole process of the test, as a service manager would.
    let hidden = std::env::vars().map(|(name, _)| name).find(|name| name.starts_with("CARGO_"));
    let hidden = hidden.expect("tests are run by cargo");
    let node = Node::new("[programs]\nallow = [\"env\"]\n");
    let seen = node.step(&shell("argv: [env], env: { OWN: '1' }")).outcome["stdout"].to_string();
    assert!(seen.contains("PATH=") && seen.contains("OWN=1"), "{seen}");
    assert!(!seen.contains(&format!("{hidden}=")), "{seen}");
    let node = Node::new(&format!(
        "[programs]\nallow = [\"env\"]\n[environment]\nread = [\"{hidden}\"]\n"
    ));
    let seen = node.step(&shell("argv: [env]")).outcome["stdout"].to_string();
    assert!(seen.contains(&format!("{hidden}=")), "{seen}");
}

#[test]
fn folders_and_standard_input_are_files() {
    let node = Node::new("[programs]\nallow = [\"cat\", \"pwd\"]\n[files]\nread = [\"open\"]\n");
    node.passes(&shell("argv: [pwd]"));
    node.passes(&shell("argv: [pwd], cwd: ../open"));
    node.passes(&shell("argv: [cat], stdin_file: ../open/note.txt"));
    symlink(node.path("secret"), node.path("open/link")).unwrap();
    for with in [
        "argv: [pwd], cwd: ../secret",
        "argv: [pwd], cwd: ../open/link",
        "argv: [cat], stdin_file: ../secret/key.txt",
        "argv: [cat], stdin_file: ../open/link/key.txt",
    ] {
        let said = node.refused(&shell(with));
        assert!(said.contains("policy.toml:6: files.read"), "{said}");
    }
}
