use std::collections::BTreeSet;

use aei_runner::Rerun;
use aei_runner::core::template::FORMAT_VERSION;

use super::Bench;

const TEMPLATE: &str = r"
aei: 1
cases:
  - { id: base, steps: [ { uses: assert, with: {} } ] }
  - { id: login, tags: [smoke], needs: [base], matrix: { user: [ann, bob] }, steps: [ { uses: assert, with: {} } ] }
  - { id: pay, tags: [smoke, slow], steps: [ { uses: assert, with: {} } ] }
  - { id: logout, steps: [ { uses: assert, with: {} } ] }
";

fn ids(bench: &Bench) -> Vec<String> {
    bench.plan().unwrap().cases().map(|case| case.id).collect()
}

#[test]
fn patterns_tags_and_reruns_pick_cases_with_what_they_need() {
    assert_eq!(FORMAT_VERSION, 1);
    let mut bench = Bench::new(TEMPLATE);
    bench.options.select.cases = vec!["login[user=bob]".into()];
    assert_eq!(ids(&bench), ["base", "login[user=bob]"]);
    bench.options.select.cases = vec!["lo*".into()];
    assert_eq!(ids(&bench), ["base", "login[user=ann]", "login[user=bob]", "logout"]);
    bench.options.select.cases.clear();
    bench.options.select.tags = Some("smoke and not slow".parse().unwrap());
    assert_eq!(ids(&bench), ["base", "login[user=ann]", "login[user=bob]"]);
    bench.options.select.tags = None;
    let file = bench.path("t.aei.yaml").display().to_string();
    let one = BTreeSet::from([(file.clone(), "login[user=ann]".to_owned())]);
    bench.options.rerun = Some(Rerun::Only(one.clone()));
    assert_eq!(ids(&bench), ["base", "login[user=ann]"]);
    bench.options.rerun = Some(Rerun::AllBut(one));
    assert_eq!(ids(&bench), ["base", "login[user=bob]", "pay", "logout"]);
}

#[test]
fn a_shard_reruns_what_it_ran() {
    let mut bench = Bench::new(TEMPLATE);
    let file = bench.path("t.aei.yaml").display().to_string();
    let mut rerun = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        bench.options.shard = Some(shard.parse().unwrap());
        bench.options.rerun = None;
        let first = ids(&bench);
        bench.options.rerun =
            Some(Rerun::Only(["pay", "logout"].map(|id| (file.clone(), id.to_owned())).into()));
        let again = ids(&bench);
        assert!(again.iter().all(|id| first.contains(id)), "{first:?} {again:?}");
        rerun.extend(again);
    }
    assert_eq!(rerun, ["pay", "logout"]);
}

#[test]
fn a_pattern_without_a_match_names_the_nearest_case() {
    let mut bench = Bench::new(TEMPLATE);
    bench.options.select.cases = vec!["logn".into()];
    let Err(error) = bench.plan() else { panic!("planned") };
    assert_eq!(
        error.to_string(),
        "no case is selected: nothing matches `logn`; did you mean `login`?"
    );
}

#[test]
fn shards_are_disjoint_whole_and_keep_families_together() {
    let mut all = BTreeSet::new();
    let mut count = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let mut bench = Bench::new(TEMPLATE);
        bench.options.shard = Some(shard.parse().unwrap());
        let ids = ids(&bench);
        let family = ids.iter().filter(|id| id.starts_with("login") || *id == "base").count();
        assert!(family == 0 || family == 3, "{ids:?}");
        count += ids.len();
        all.extend(ids);
    }
    assert_eq!((all.len(), count), (5, 5));
}
