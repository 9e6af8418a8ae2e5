use std::collections::{BTreeMap, BTreeSet, HashMap};

use aei_core::api::{NodeId, TemplateCase};

use super::Shares;

/// How long a case is taken to take when it never ran, in microseconds.
const UNKNOWN: i64 = 1_000_000;

/// Shares cases out over the nodes that could run them: the longest first, each to the node that
/// would be done soonest. Cases that need each other stay together.
pub(super) fn spread(
    cases: &[&TemplateCase],
    possible: &Shares,
    means: &[(String, i64)],
) -> Shares {
    let durations = durations(means);
    let mut groups: Vec<(i64, Vec<&str>)> = groups(cases)
        .into_iter()
        .map(|group| {
            let cost = group.iter().map(|case| durations.get(case).copied().unwrap_or(UNKNOWN));
            (cost.sum(), group)
        })
        .collect();
    // A stable sort: equal costs keep the order of the template.
    groups.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    let mut load: BTreeMap<NodeId, i64> = possible.keys().map(|node| (*node, 0)).collect();
    let mut shares = Shares::new();
    for (cost, group) in groups {
        let could = |node: &NodeId| {
            possible.get(node).is_some_and(|has| group.iter().all(|case| has.contains(*case)))
        };
        let best =
            load.iter().filter(|(node, _)| could(node)).min_by_key(|(node, load)| (**load, **node));
        let Some(node) = best.map(|(node, _)| *node) else { continue };
        *load.entry(node).or_default() += cost;
        shares.entry(node).or_default().extend(group.into_iter().map(str::to_owned));
    }
    shares
}

/// Mean durations by the id of the case, matrix values added up.
fn durations(means: &[(String, i64)]) -> HashMap<&str, i64> {
    let mut sums = HashMap::new();
    for (id, mean) in means {
        let case = id.split_once('[').map_or(id.as_str(), |(case, _)| case);
        *sums.entry(case).or_insert(0) += mean;
    }
    sums
}

/// Cases that are linked by `needs`, in the order of the template.
fn groups<'a>(cases: &[&'a TemplateCase]) -> Vec<Vec<&'a str>> {
    let places: HashMap<&str, usize> =
        cases.iter().enumerate().map(|(place, case)| (case.id.as_str(), place)).collect();
    let mut group: Vec<usize> = (0..cases.len()).collect();
    for (place, case) in cases.iter().enumerate() {
        for other in case.needs.iter().filter_map(|need| places.get(need.as_str())) {
            let (from, to) = (group[place].max(group[*other]), group[place].min(group[*other]));
            group.iter_mut().filter(|at| **at == from).for_each(|at| *at = to);
        }
    }
    let heads: BTreeSet<usize> = group.iter().copied().collect();
    let members = |head: usize| {
        let own = cases.iter().zip(&group).filter(move |(_, at)| **at == head);
        own.map(|(case, _)| case.id.as_str()).collect()
    };
    heads.into_iter().map(members).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn case(id: &str, needs: &[&str]) -> TemplateCase {
        TemplateCase {
            id: id.into(),
            name: None,
            tags: Vec::new(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            requires: BTreeMap::new(),
        }
    }

    fn node(number: u128) -> NodeId {
        NodeId(Uuid::from_u128(number))
    }

    fn ids(share: &BTreeSet<String>) -> Vec<&str> {
        share.iter().map(String::as_str).collect()
    }

    #[test]
    fn the_longest_go_first_to_who_is_done_soonest() {
        let all = [case("a", &[]), case("b", &[]), case("c", &[]), case("d", &[])];
        let cases: Vec<&TemplateCase> = all.iter().collect();
        let everything: BTreeSet<String> = all.iter().map(|case| case.id.clone()).collect();
        let possible = Shares::from([(node(1), everything.clone()), (node(2), everything)]);
        let means = [("a", 1), ("b", 9), ("c", 5), ("d", 3)];
        let means: Vec<(String, i64)> = means.map(|(id, mean)| (id.to_owned(), mean)).to_vec();
        let shares = spread(&cases, &possible, &means);
        assert_eq!(ids(&shares[&node(1)]), ["b"]);
        assert_eq!(ids(&shares[&node(2)]), ["a", "c", "d"]);
    }

    #[test]
    fn cases_that_need_each_other_stay_together() {
        let all = [case("a", &[]), case("b", &["a"]), case("c", &[]), case("d", &["b"])];
        let cases: Vec<&TemplateCase> = all.iter().collect();
        assert_eq!(groups(&cases), [vec!["a", "b", "d"], vec!["c"]]);
    }
}
