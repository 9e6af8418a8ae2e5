//! A policy on a machine of a few names.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{BoundPolicy, Guard, Limit, Places, Policy, Program, Refusal};
use crate::source::render;

/// A machine whose links and programs are listed.
#[derive(Default)]
struct Machine {
    links: HashMap<&'static str, &'static str>,
    programs: HashMap<&'static str, &'static str>,
}

impl Places for Machine {
    fn real(&self, path: &Path) -> PathBuf {
        let path = path.to_string_lossy();
        let path = path.trim_end_matches('/');
        self.links.get(path).map_or_else(|| path.into(), |target| (*target).into())
    }

    fn on_path(&self, name: &str) -> Option<PathBuf> {
        self.programs.get(name).map(PathBuf::from)
    }

    fn template(&self) -> &Path {
        Path::new("/node/work/7")
    }
}

fn policy(text: &str) -> Policy {
    Policy::parse("/etc/aei/policy.toml".as_ref(), text.into())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn bound(text: &str) -> BoundPolicy {
    let programs = [
        ("git", "/usr/bin/git"),
        ("sh", "/bin/sh"),
        ("ls", "/bin/ls"),
        ("python3", "/usr/bin/python3"),
    ];
    let links = [("/srv/link", "/srv/real")];
    let machine = Machine { links: links.into(), programs: programs.into() };
    Arc::new(policy(text)).bind(&machine)
}

fn refused(answer: Result<(), Refusal>) -> String {
    answer.expect_err("it is allowed").to_string()
}

#[test]
fn what_no_rule_allows_is_refused() {
    let empty = bound("");
    let rule = |key: &str| format!("(/etc/aei/policy.toml: {key} is not set)");
    let asked = [
        (empty.check_kind("http"), "the step runner `http`", "kinds.allow"),
        (empty.check_line(), "a `run` line for a shell", "programs.run"),
        (empty.check_host("h", 80, None), "connecting to `h:80`", "hosts.allow"),
        (empty.check_read("/x".as_ref()), "reading `/x`", "files.read"),
        (empty.check_write("/x".as_ref()), "writing `/x`", "files.write"),
        (empty.check_env("A"), "reading the environment variable `A`", "environment.read"),
    ];
    for (answer, what, key) in asked {
        assert_eq!(refused(answer), format!("{what} is not allowed {}", rule(key)));
    }
    assert_eq!(empty.limits(), super::Limits::default());
    assert!(policy("").trusted().is_none());
}

#[test]
fn kinds_and_variables_are_names_or_patterns() {
    let guard = bound("[kinds]\nallow = [\"http\", \"acme-*\"]\n[environment]\nread = [\"CI_*\"]");
    guard.check_kind("http").unwrap();
    guard.check_kind("acme-psu").unwrap();
    guard.check_env("CI_JOB").unwrap();
    let text = refused(guard.check_kind("https"));
    assert_eq!(
        text,
        "the step runner `https` is not allowed (/etc/aei/policy.toml:2: kinds.allow)"
    );
    assert!(guard.check_env("HOME").is_err());
}

#[test]
fn hosts_are_names_networks_and_ports() {
    let guard = bound(
        "[hosts]\n\
         allow = [\n\
           \"shop.test\", \"*.api.test:443\", \"10.0.0.0/8:8000-8999\", \"[fd00::/8]:80\",\n\
           \"192.168.1.7\", \"localhost\"\n\
         ]\n\
         deny = [\"10.9.0.0/16\", \"bad.api.test\"]",
    );
    let near = ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "::ffff:127.0.0.1"];
    for (host, port, address, allowed) in [
        ("shop.test", 80, "203.0.113.5", true),
        ("SHOP.test.", 9999, "203.0.113.5", true),
        ("x.shop.test", 80, "203.0.113.5", false),
        ("badshop.test", 80, "203.0.113.5", false),
        ("v1.api.test", 443, "203.0.113.5", true),
        ("v1.api.test", 80, "203.0.113.5", false),
        ("api.test", 443, "203.0.113.5", false),
        ("bad.api.test", 443, "203.0.113.5", false),
        ("10.1.2.3", 8080, "10.1.2.3", true),
        ("10.1.2.3", 80, "10.1.2.3", false),
        ("any.name", 8080, "10.1.2.3", true),
        ("any.name", 8080, "::ffff:10.1.2.3", true),
        ("10.9.1.1", 8080, "10.9.1.1", false),
        ("shop.test", 80, "10.9.1.1", false),
        ("shop.test", 80, "::ffff:10.9.1.1", false),
        ("shop.test", 80, "64:ff9b::a09:101", false),
        ("[fd00::5]", 80, "fd00::5", true),
        ("fe00::5", 80, "fe00::5", false),
        ("192.168.1.7", 1, "192.168.1.7", true),
        ("localhost", 80, "127.0.0.1", true),
        ("localhost", 80, "::1", true),
        ("127.0.0.1", 80, "127.0.0.1", false),
        // Spellings that only a resolver takes for an address.
        ("2130706433", 80, "127.0.0.1", false),
        ("0300.0250.1.7", 80, "192.168.1.7", true),
    ] {
        let answer = guard.check_host(host, port, Some(address.parse().unwrap()));
        assert_eq!(answer.is_ok(), allowed, "{host}:{port} at {address}: {answer:?}");
    }
    for address in near {
        let text = refused(guard.check_host("shop.test", 80, Some(address.parse().unwrap())));
        assert!(text.contains("which leads to this machine"), "{text}");
    }
}

#[test]
fn a_refused_host_names_the_rule_by_its_line() {
    let guard =
        bound("[hosts]\nallow = [\"*\"]\ndeny = [\n  \"169.254.0.0/16\",\n  \"127.0.0.1\",\n]");
    guard.check_host("any", 1, Some("203.0.113.5".parse().unwrap())).unwrap();
    let at =
        |host, address: &str| refused(guard.check_host(host, 80, Some(address.parse().unwrap())));
    assert_eq!(
        at("meta.test", "169.254.169.254"),
        "connecting to `meta.test:80` at 169.254.169.254 is not allowed \
         (/etc/aei/policy.toml:4: hosts.deny)"
    );
    // Connecting to nowhere in particular reaches this machine.
    assert!(at("0.0.0.0", "0.0.0.0").contains("policy.toml:5: hosts.deny"));
    guard.check_host("10.0.0.1", 80, None).unwrap();
    assert!(guard.check_host("169.254.1.1", 80, None).is_err());
}

#[test]
fn names_that_no_address_could_admit_are_not_even_looked_up() {
    let guard = bound("[hosts]\nallow = [\"shop.test\", \"10.0.0.0/8:80\"]\ndeny = [\"bad.test\"]");
    guard.check_lookup("shop.test", 443).unwrap();
    guard.check_lookup("any.name", 80).unwrap();
    assert!(guard.check_lookup("any.name", 443).is_err());
    assert!(guard.check_lookup("bad.test", 80).is_err());
}

#[test]
fn behind_a_proxy_only_names_and_literal_addresses_count() {
    let guard = bound("[hosts]\nallow = [\"shop.test\", \"10.0.0.0/8\"]");
    guard.check_host("shop.test", 80, None).unwrap();
    guard.check_host("10.1.1.1", 80, None).unwrap();
    assert!(guard.check_host("any.name", 80, None).is_err());
}

#[test]
fn paths_are_below_their_roots() {
    let guard = bound("[files]\nread = [\"data\", \"/srv/link\"]\nwrite = [\"{template}/out\"]");
    for (path, read, write) in [
        ("/etc/aei/data/a/b", true, false),
        ("/etc/aei/data", true, false),
        ("/etc/aei/database", false, false),
        ("/srv/real/x", true, false),
        ("/node/work/7/out/x", true, true),
        ("/node/work/7/t.yaml", false, false),
        ("/", false, false),
    ] {
        assert_eq!(guard.check_read(path.as_ref()).is_ok(), read, "{path}");
        assert_eq!(guard.check_write(path.as_ref()).is_ok(), write, "{path}");
    }
}

fn program(guard: &BoundPolicy, entry: &str, real: &str) -> Result<(), Refusal> {
    guard.check_program(&Program { asked: entry, entry: entry.as_ref(), real: real.as_ref() })
}

#[test]
fn programs_are_entries_of_folders_not_what_they_are_called() {
    let guard = bound(
        "[programs]\nallow = [\"git\", \"ls\", \"nothing\", \"/opt/tests/*\", \"{template}/bin/*\"]",
    );
    for (entry, real, allowed) in [
        ("/usr/bin/git", "/usr/bin/git", true),
        ("/tmp/git", "/tmp/git", false),
        // A program of many names does only what its allowed name does.
        ("/bin/ls", "/bin/busybox", true),
        ("/tmp/sh", "/bin/busybox", false),
        ("/opt/tests/a", "/opt/tests/a", true),
        ("/opt/tests/deep/a", "/opt/tests/deep/a", false),
        ("/opt/tests/link", "/usr/bin/curl", false),
        ("/opt/tests/link", "/usr/bin/git", true),
        ("/opt/tests/sh", "/opt/tests/sh", false),
        ("/opt/tests/tool", "/opt/tests/bash", false),
        ("/node/work/7/bin/x", "/node/work/7/bin/x", true),
    ] {
        let answer = program(&guard, entry, real);
        assert_eq!(answer.is_ok(), allowed, "{entry} -> {real}: {answer:?}");
    }
}

#[test]
fn a_shell_is_admitted_by_name_or_with_lines() {
    for (text, allowed) in [
        ("allow = [\"*\"]", false),
        ("allow = [\"/bin/*\"]", false),
        ("allow = [\"sh\"]", true),
        ("allow = [\"/bin/*\"]\nrun = true", true),
    ] {
        let guard = bound(&format!("[programs]\n{text}"));
        let answer = program(&guard, "/bin/sh", "/bin/dash");
        assert_eq!(answer.is_ok(), allowed, "{text}");
        if let Err(refusal) = answer {
            let said = "the program `/bin/sh`, a shell, is not allowed \
                        (/etc/aei/policy.toml: programs.run is not set)";
            assert_eq!(refusal.to_string(), said);
        }
    }
}

#[test]
fn times_know_their_line() {
    let limits = bound("[time]\nstep = \"5s\"\nrun = \"1h30m\"").limits();
    let limit = |seconds, line| Some(Limit { time: std::time::Duration::from_secs(seconds), line });
    assert_eq!((limits.step, limits.case, limits.run), (limit(5, 2), None, limit(5400, 3)));
}

#[test]
fn trusted_keys_have_names() {
    let key = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let policy = policy(&format!("[trust]\nkeys = [\"{key} ann\"]"));
    let keys: Vec<_> = policy.trusted().unwrap().collect();
    assert_eq!((keys.len(), keys[0].name()), (1, Some("ann")));
    assert_eq!(policy.trust_rule(), Some("/etc/aei/policy.toml:2: trust.keys"));
    assert_eq!(super::tests::policy("[trust]\nkeys = []").trusted().unwrap().count(), 0);
}

#[test]
fn mistakes_are_told_with_their_places() {
    let mut told = String::new();
    for text in [
        "[hosts]\nalow = [\"x\"]\n\n[tim]\nstep = \"1s\"\n",
        "[hosts]\nallow = \"x\"\n[programs]\nrun = \"yes\"\n[time]\nstep = 5\ncase = \"soon\"\n",
        "[hosts]\nallow = [\n  \"10.1\",\n  \"a.*.test\",\n  \"10.0.0.0/33\",\n  \"h:70000\",\n  \"::ffff:1.2.3.4\",\n]\n",
        "[programs]\nallow = [\"py*\", \"/opt/[\"]\n[files]\nread = [\"/srv/*\", \"\"]\n",
        "[trust]\nkeys = [\"ssh-ed25519 AAAA\"]\n[time]\nrun = \"0s\"\n",
        "[hosts\nallow = []\n",
        "[hosts]\nallow = []\n[hosts]\nallow = []\n",
    ] {
        let error = Policy::parse("policy.toml".as_ref(), text.into()).unwrap_err();
        told += &render(&error.diagnostics, &error.sources, false);
        told += "\n----\n";
    }
    insta::assert_snapshot!(told);
}

#[test]
fn addresses_cover_both_ends_of_a_network() {
    let guard = bound("[hosts]\nallow = [\"10.0.0.0/31\", \"0.0.0.0/0:9\", \"[::/0]:9\"]");
    let check = |address: &str, port| {
        let address: IpAddr = address.parse().unwrap();
        guard.check_host(&address.to_string(), port, Some(address)).is_ok()
    };
    assert!(check("10.0.0.0", 1) && check("10.0.0.1", 1) && !check("10.0.0.2", 1));
    assert!(check("255.1.1.1", 9) && check("2001:db8::1", 9));
}
