//! What a case costs inside one process: loading, planning, running.
//!
//! Whole processes are measured against their peers by `scripts/bench`.

#![allow(missing_docs, clippy::unwrap_used, reason = "Criterion's macros; a bench may panic")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use aei_runner::core::host::Host;
use aei_runner::{CancelToken, Engine, LocalHost, Plan, Run, RunOptions, load};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const CASES: u32 = 1000;

fn template() -> String {
    let mut text = "aei: 1\ncases:\n".to_owned();
    for n in 0..CASES {
        let _ = write!(
            text,
            "  - id: c{n}\n    steps:\n      - uses: assert\n        with: {{ n: {n} }}\n        \
             expect: [ {{ that: n, equals: {n} }} ]\n"
        );
    }
    text
}

fn cases(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.aei.yaml");
    std::fs::write(&path, template()).unwrap();
    let host: Arc<dyn Host> = Arc::new(LocalHost);
    let registry = aei_runner::registry();
    let suite = |path: &Path| load(path, &registry, host.as_ref()).unwrap().0;
    let plan = |jobs| {
        let options = RunOptions { jobs, ..RunOptions::default() };
        Plan::new(vec![suite(&path)], options, &host).unwrap()
    };
    let engine = Engine::new(registry.clone(), Arc::clone(&host));

    let mut group = criterion.benchmark_group("cases");
    group.throughput(Throughput::Elements(CASES.into()));
    group.bench_function("load", |bencher| bencher.iter(|| suite(&path)));
    for jobs in [1, 2] {
        group.bench_function(format!("run, {jobs} jobs"), |bencher| {
            bencher.iter_batched(
                || plan(jobs),
                |plan| {
                    let cancel = CancelToken::new();
                    let run = Run { plan, folder: None, sinks: Vec::new(), cancel };
                    engine.run(run).unwrap().summary
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, cases);
criterion_main!(benches);
