//! Programs that misbehave: the step ends within its time, and nothing of it is left.

use super::bench::Bench;
use super::large::peak_kib;

fn line(line: &str, with: &str, more: &str) -> Bench {
    let line = line.replace('\\', "\\\\").replace('"', "\\\"");
    Bench::step(&format!("{{ uses: shell, with: {{ run: \"{line}\"{with} }}{more} }}"))
}

const LATE: &str = "not done within 400ms, the timeout of the step";

#[test]
fn a_child_that_ignores_term() {
    let stubborn = "trap '' TERM INT HUP; echo begun; while :; do sleep 1; done";
    let storm =
        line(stubborn, ", kill_after: 100ms", ", timeout: 400ms").assert_storm("timed_out", LATE);
    let outcome = &storm["steps"][0]["outcome"];
    assert_eq!((&outcome["signal"], &outcome["stdout"]), (&"SIGKILL".into(), &"begun".into()));
}

#[test]
fn a_child_that_is_stopped() {
    line("kill -STOP $$", ", kill_after: 100ms", ", timeout: 400ms")
        .assert_storm("timed_out", LATE);
}

#[test]
fn a_child_that_forks() {
    let forks = "for i in 1 2 3; do sleep 600 & setsid sleep 600 & (setsid sh -c 'trap \"\" TERM; \
                 sleep 600; sleep 600' &); done; sleep 600";
    line(forks, ", kill_after: 100ms", ", timeout: 400ms").assert_storm("timed_out", LATE);
}

#[test]
fn a_child_that_leaves_others_behind() {
    for leaves in ["sleep 600 & exit 0", "setsid sleep 600 >/dev/null 2>&1 & exit 0"] {
        let bench = line(leaves, "", ", timeout: 20s");
        bench.run().assert(0, &["3 passed"]);
        bench.storm_is("passed", "");
    }
}

#[test]
fn a_child_that_forks_without_end() {
    let bomb = "f() { sleep 600 & setsid sleep 600 & }; while :; do f; sleep 0.005; done";
    line(bomb, ", kill_after: 100ms", ", timeout: 400ms").assert_storm("timed_out", LATE);
}

#[test]
fn a_child_that_floods_stdout() {
    let words = "not done within 1s";
    let bench = line("yes", "", ", timeout: 1s");
    let storm = bench.assert_storm("timed_out", words);
    assert_eq!(storm["steps"][0]["outcome"]["truncated"], true);
    for name in ["r.json", "r.xml"] {
        let size = std::fs::metadata(bench.path(name)).unwrap().len();
        assert!(size < 8 << 20, "{name}: {size}");
    }
    line("cat /dev/zero", "", ", timeout: 1s").assert_storm("timed_out", words);
    line("yes >&2", "", ", timeout: 1s").assert_storm("timed_out", words);
    let peak = peak_kib(&line("cat /dev/zero", "", ", timeout: 1s"), &["run", "t.aei.yaml", "-v"]);
    assert!(peak < 100 << 10, "{peak} KiB");
}

#[test]
fn a_child_that_floods_stdout_and_ends() {
    let bench = line("head -c 300000000 /dev/zero; echo the end", "", ", timeout: 60s");
    bench.run().assert(0, &["3 passed"]);
    let storm = bench.storm_is("passed", "the end");
    assert_eq!(storm["steps"][0]["outcome"]["truncated"], true);
}

#[test]
fn a_child_that_prints_what_is_no_text() {
    let bench = line(r"printf '\377\376 \033[31m\0 \033]0;title\007'", "", "");
    bench.run().assert(0, &["3 passed"]);
    bench.storm_is("passed", "\u{fffd}\u{fffd}");
    let shown = bench.aei(&["run", "t.aei.yaml", "-v"]);
    shown.assert(0, &["3 passed"]);
    assert!(!shown.out.contains('\u{1b}') && !shown.out.contains('\0'), "{:?}", shown.out);
}

#[test]
fn a_child_that_closes_stdin() {
    let long = "${{ 'x' * 5000000 }}";
    for closes in ["exec <&-; exit 0", "exit 0", "head -c 1 >/dev/null"] {
        let bench = line(closes, &format!(", stdin: \"{long}\""), ", timeout: 20s");
        bench.run().assert(0, &["3 passed"]);
    }
    line("exec <&-; sleep 600", &format!(", stdin: \"{long}\""), ", timeout: 400ms")
        .assert_storm("timed_out", LATE);
}

#[test]
fn a_child_that_closes_stdout() {
    line("exec >&- 2>&-; sleep 600", "", ", timeout: 400ms").assert_storm("timed_out", LATE);
}

#[test]
fn a_child_that_dies() {
    line("kill -SEGV $$", "", "").assert_storm("failed", "exit_code");
    line("exit 7", "", "").assert_storm("failed", "exit_code");
}

#[test]
fn a_program_that_is_not_there() {
    let bench = Bench::step("{ uses: shell, with: { argv: [no-such-program, x] } }");
    bench.assert_storm("errored", "no-such-program");
    let bench = Bench::step("{ uses: shell, with: { argv: [./t.aei.yaml] } }");
    bench.assert_storm("errored", "may not be executed");
    line("true", ", cwd: no/such/folder", "").assert_storm("errored", "no/such/folder");
}

#[test]
fn a_run_that_is_out_of_time() {
    let cases = "  - id: storm\n    steps:\n      - { uses: shell, with: { run: sleep 600 } }\n    \
                 teardown: [{ uses: shell, with: { run: touch torn-down } }]\n";
    let bench = Bench::between(cases);
    let args = ["run", "t.aei.yaml", "--timeout", "700ms", "--report", "json=r.json", "--report"];
    bench.aei(&[args.as_slice(), &["junit=r.xml"]].concat()).assert(1, &["2 passed"]);
    bench.storm_is("timed_out", "700ms, the timeout of the run");
    assert!(bench.path("torn-down").exists());
}
