use std::time::{Duration, Instant};

use aei_core::runner::{OutputStream, StepErrorKind};
use serde_json::{Value, json};

use crate::context::Bench;

async fn run(with: Value) -> Value {
    Bench::default().run("shell", with).await.unwrap()
}

#[tokio::test]
async fn a_line_and_a_program() {
    let outcome = run(json!({ "run": "echo out; echo err >&2; exit 3" })).await;
    assert_eq!(outcome["exit_code"], 3);
    assert_eq!(outcome["signal"], Value::Null);
    assert_eq!(outcome["stdout"], "out");
    assert_eq!(outcome["stderr"], "err");
    assert_eq!(outcome["truncated"], false);
    assert!(outcome.get("stdout_json").is_none());

    let outcome = run(json!({ "argv": ["printf", "%s|", "a b", 5, true, "$HOME"] })).await;
    assert_eq!(outcome["stdout"], "a b|5|true|$HOME|");
}

#[tokio::test]
async fn a_signal_is_named() {
    let outcome = run(json!({ "run": "kill -9 $$" })).await;
    assert_eq!(outcome["exit_code"], Value::Null);
    assert_eq!(outcome["signal"], "SIGKILL");
}

#[tokio::test]
async fn json_is_parsed() {
    let outcome = run(json!({ "run": r#"echo '{"rows": [1, 2]}'"# })).await;
    assert_eq!(outcome["stdout_json"], json!({ "rows": [1, 2] }));
}

#[tokio::test]
async fn folder_environment_and_input() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    std::fs::write(dir.path().join("input"), "from a file").unwrap();
    let bench = Bench::new(dir.path());
    let line = "basename \"$PWD\"; echo \"${A-none} ${HOME-none}\"; cat";
    let with = json!({
        "run": line, "cwd": "sub", "env": { "A": 7, "HOME": null }, "stdin": "typed"
    });
    let outcome = bench.run("shell", with).await.unwrap();
    assert_eq!(outcome["stdout"], "sub\n7 none\ntyped");

    let outcome = bench.run("shell", json!({ "run": "cat", "stdin_file": "input" })).await.unwrap();
    assert_eq!(outcome["stdout"], "from a file");
    let outcome = bench.run("shell", json!({ "run": "cat", "stdin_json": [1] })).await.unwrap();
    assert_eq!(outcome["stdout_json"], json!([1]));
    let outcome = bench.run("shell", json!({ "run": "cat" })).await.unwrap();
    assert_eq!(outcome["stdout"], "");

    let with = json!({ "argv": ["/usr/bin/env"], "clean_env": true, "env": { "ONLY": "me" } });
    let outcome = bench.run("shell", with).await.unwrap();
    let names: Vec<_> =
        outcome["stdout"].as_str().unwrap().lines().filter_map(|l| l.split('=').next()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&"ONLY") && names.contains(&"AEI_STEP_TAG"), "{names:?}");
}

#[tokio::test]
async fn output_is_live() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path());
    let line = "echo one; while [ ! -e go ]; do sleep 0.01; done; echo two";
    let (outcome, ()) = tokio::join!(bench.run("shell", json!({ "run": line })), async {
        let so_far = bench.output.wait_for(OutputStream::Stdout, "one\n").await;
        assert!(!so_far.contains("two"));
        std::fs::write(dir.path().join("go"), "").unwrap();
    });
    assert_eq!(outcome.unwrap()["stdout"], "one\ntwo");
    assert_eq!(bench.output.text(OutputStream::Stdout), "one\ntwo\n");
}

#[tokio::test]
async fn a_cancel_stops_a_child_that_ignores_sigterm() {
    let bench = Bench::default();
    let line = "trap '' TERM; echo started; while :; do sleep 0.05; done";
    let with = json!({ "run": line, "kill_after": "100ms" });
    let started = Instant::now();
    let (outcome, ()) = tokio::join!(bench.run("shell", with), async {
        bench.output.wait_for(OutputStream::Stdout, "started").await;
        bench.cancel();
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.kind, StepErrorKind::Cancelled);
    let detail = error.detail.unwrap();
    assert_eq!(detail["signal"], "SIGKILL");
    assert_eq!(detail["stdout"], "started");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_missing_program_is_named_with_a_hint() {
    let bench = Bench::default();
    let error = bench.run("shell", json!({ "argv": ["pritnf"] })).await.unwrap_err();
    assert_eq!(error.message, "`pritnf` was not found on PATH");
    assert_eq!(error.at.as_deref(), Some("/argv"));
    assert_eq!(error.help.as_deref(), Some("Did you mean `printf`?"));
    let error = bench.run("shell", json!({ "argv": ["echo hi"] })).await.unwrap_err();
    assert!(error.help.unwrap().contains("`run`"));
    let error = bench.run("shell", json!({ "run": "true", "cwd": "no-such" })).await.unwrap_err();
    assert_eq!(error.at.as_deref(), Some("/cwd"));
}

/// Bad weather: children that do not behave. Nothing of them may be left afterwards.
mod weather {
    use std::path::Path;
    use std::process::Command;

    use aei_core::runner::StepError;
    use tokio::time::timeout;

    use super::*;

    /// Living processes whose command line holds `mark`.
    fn alive(mark: &str) -> Vec<String> {
        let processes = Path::new("/proc").read_dir().unwrap().filter_map(Result::ok);
        let lines = processes.filter_map(|process| {
            let own = process.file_name().to_str() == Some(&std::process::id().to_string());
            let line = std::fs::read(process.path().join("cmdline")).ok()?;
            (!own).then(|| String::from_utf8_lossy(&line).replace('\0', " "))
        });
        lines.filter(|line| line.contains(mark)).collect()
    }

    /// An odd number of seconds to sleep, that no other test or process sleeps.
    fn odd_seconds(number: u32) -> String {
        format!("{}{number:03}", std::process::id())
    }

    /// Waits until nothing that holds `mark` is alive; the orphan of a killed parent may take a
    /// moment to die.
    async fn none_left(mark: &str) {
        let gone = async {
            while !alive(mark).is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(2), gone).await.unwrap_or_else(|_| panic!("{:?}", alive(mark)));
    }

    async fn cancelled_once_ready(line: &str) -> StepError {
        let bench = Bench::default();
        let with = json!({ "run": line, "kill_after": "200ms" });
        let (outcome, ()) = tokio::join!(bench.run("shell", with), async {
            bench.output.wait_for(OutputStream::Stdout, "ready").await;
            bench.cancel();
        });
        outcome.unwrap_err()
    }

    #[tokio::test]
    async fn a_cancel_takes_grandchildren_along() {
        let mark = odd_seconds(1);
        let line = format!("(sleep {mark} & sleep {mark}) & echo ready; wait");
        let error = cancelled_once_ready(&line).await;
        assert_eq!(error.detail.unwrap()["signal"], "SIGTERM");
        assert_eq!(alive(&mark), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_cancel_finds_those_who_left_the_group() {
        let mark = odd_seconds(2);
        let line = format!(
            "(setsid sh -c 'trap \"\" TERM; echo ready; sleep {mark}; sleep {mark}' &) ; sleep 1000"
        );
        cancelled_once_ready(&line).await;
        assert_eq!(alive(&mark), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_dropped_step_leaves_nothing() {
        let mark = odd_seconds(3);
        let line = format!("trap '' TERM; sleep {mark} & setsid sleep {mark} & echo ready; wait");
        let bench = Bench::default();
        tokio::select! {
            outcome = bench.run("shell", json!({ "run": line })) => panic!("{outcome:?}"),
            _ = bench.output.wait_for(OutputStream::Stdout, "ready") => {}
        }
        none_left(&mark).await;
    }

    #[tokio::test]
    async fn a_background_process_does_not_hold_the_step() {
        let mark = odd_seconds(4);
        let bench = Bench::default();
        let with = json!({ "run": format!("sleep {mark} & echo done") });
        let outcome =
            timeout(Duration::from_secs(3), bench.run("shell", with)).await.unwrap().unwrap();
        assert_eq!((&outcome["stdout"], &outcome["exit_code"]), (&json!("done"), &json!(0)));
        assert_eq!(alive(&mark), Vec::<String>::new());
        let log = bench.output.text(OutputStream::Log);
        assert!(log.contains("left behind"), "{log}");
    }

    #[tokio::test]
    async fn a_daemon_that_holds_the_pipe_does_not_hold_the_step() {
        let mark = odd_seconds(5);
        let with = json!({ "run": format!("setsid sleep {mark} & echo done") });
        let outcome = timeout(Duration::from_secs(3), run(with)).await.unwrap();
        assert_eq!(outcome["stdout"], "done");
        assert_eq!(alive(&mark), Vec::<String>::new());
    }

    #[tokio::test]
    async fn late_output_of_a_pipe_is_kept() {
        let outcome = run(json!({ "run": "(sleep 0.05; echo late) & echo early" })).await;
        assert_eq!(outcome["stdout"], "early\nlate");
    }

    #[tokio::test]
    async fn closed_streams_are_no_end() {
        let line = "exec <&- >&- 2>&-; sleep 0.05; exit 7";
        assert_eq!(run(json!({ "run": line, "stdin": "x".repeat(1 << 20) })).await["exit_code"], 7);
        // Never reads what it is given, more than a pipe holds.
        let with = json!({ "argv": ["true"], "stdin": "x".repeat(1 << 20) });
        assert_eq!(run(with).await["exit_code"], 0);
    }

    #[tokio::test]
    async fn large_input_goes_through() {
        let text = "line\n".repeat(400_000);
        let with = json!({ "run": "tee /dev/stderr | wc -c", "stdin": text });
        let outcome = run(with).await;
        assert_eq!(outcome["stdout_json"], 2_000_000);
        assert_eq!(outcome["truncated"], true);
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_replaced() {
        let outcome = run(json!({ "run": r"printf 'a\377b\n'" })).await;
        assert_eq!(outcome["stdout"], "a\u{fffd}b");
    }

    #[tokio::test]
    async fn a_flood_is_cut_and_drained() {
        let bench = Bench::default();
        let before = resident_kib();
        let with = json!({
            "run": "echo first; head -c 1000000000 /dev/zero; echo; echo last",
            "max_output": "64KiB"
        });
        let outcome = bench.run("shell", with).await.unwrap();
        let stdout = outcome["stdout"].as_str().unwrap();
        assert_eq!(outcome["exit_code"], 0);
        assert_eq!(outcome["truncated"], true);
        assert!(stdout.starts_with("first\n") && stdout.ends_with("\nlast"));
        assert!(stdout.contains("999934476 bytes left out"), "{}", stdout.replace('\0', ""));
        assert!(stdout.len() < 66_000, "{}", stdout.len());
        let live = bench.output.text(OutputStream::Stdout);
        assert!(live.len() < 66_000 && live.ends_with("[… more than 64KiB …]\n"), "{}", live.len());
        let grown = resident_kib().saturating_sub(before);
        assert!(grown < 20_000, "grew by {grown} KiB");
    }

    fn resident_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    #[tokio::test]
    async fn characters_and_lines_stay_whole_in_the_live_output() {
        let bench = Bench::default();
        let line = r"printf 'secr'; sleep 0.03; printf 'et\n'; printf '\342\202'; sleep 0.3; printf '\254\n'";
        bench.run("shell", json!({ "run": line })).await.unwrap();
        let chunks: Vec<_> = bench.output.chunks().into_iter().map(|(_, chunk)| chunk).collect();
        assert_eq!(chunks, ["secret\n".as_bytes(), "€\n".as_bytes()]);
    }

    #[tokio::test]
    async fn a_prompt_without_a_line_end_is_shown() {
        let bench = Bench::default();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("go");
        let line =
            format!("printf 'name? '; while [ ! -e {} ]; do sleep 0.01; done", file.display());
        let (outcome, ()) = tokio::join!(bench.run("shell", json!({ "run": line })), async {
            bench.output.wait_for(OutputStream::Stdout, "name? ").await;
            std::fs::write(&file, "").unwrap();
        });
        outcome.unwrap();
    }

    #[tokio::test]
    async fn a_step_inside_a_step_bears_both_tags() {
        let outcome = run(json!({ "run": "echo $AEI_STEP_TAG" })).await;
        let tag = outcome["stdout"].as_str().unwrap();
        let outer = std::env::var("AEI_STEP_TAG").unwrap_or_default();
        assert!(tag.starts_with(&outer) && tag.len() > outer.len(), "{tag}");
    }

    #[tokio::test]
    async fn wrong_parameters_are_explained() {
        let bench = Bench::default();
        for (with, at, words) in [
            (json!({}), None, "one of `run` and `argv`"),
            (json!({ "run": "a", "argv": ["b"] }), Some("/argv"), "exclude each other"),
            (json!({ "argv": [] }), Some("/argv"), "names no program"),
            (json!({ "argv": ["a"], "shell": "bash" }), Some("/shell"), "goes with `run`"),
            (json!({ "run": "a", "stdin": "", "stdin_json": 1 }), None, "exclude each other"),
            (json!({ "run": "a", "env": { "A=": 1 } }), Some("/env/A="), "no name"),
            (json!({ "run": "a", "env": { "A": [] } }), Some("/env/A"), "must be a text"),
            (json!({ "run": "a", "kill_after": "1h" }), Some("/kill_after"), "at most 4s"),
            (json!({ "rum": "a" }), Some("/rum"), "unknown field `rum`"),
            (json!({ "argv": ["./none"] }), Some("/argv"), "there is no"),
            (json!({ "argv": ["/tmp"] }), Some("/argv"), "is a folder"),
            (json!({ "argv": ["/etc/passwd"] }), Some("/argv"), "may not be executed"),
            (json!({ "run": "a", "stdin_file": "none" }), Some("/stdin_file"), "cannot read"),
        ] {
            let error = bench.run("shell", with.clone()).await.unwrap_err();
            assert_eq!(error.at.as_deref(), at, "{with}");
            assert!(error.message.contains(words), "{with}: {error}");
        }
    }

    #[tokio::test]
    async fn a_script_whose_interpreter_is_missing_is_explained() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("odd-script"), "#!/no/such/interpreter\n").unwrap();
        let chmod = Command::new("chmod").arg("+x").arg(dir.path().join("odd-script")).status();
        assert!(chmod.unwrap().success());
        let bench = Bench::new(dir.path());
        let error = bench.run("shell", json!({ "argv": ["./odd-script"] })).await.unwrap_err();
        assert!(error.message.contains("interpreter"), "{error}");
        let error = bench.run("shell", json!({ "argv": ["odd-script"] })).await.unwrap_err();
        assert!(error.help.unwrap().contains("./odd-script"));
    }
}
