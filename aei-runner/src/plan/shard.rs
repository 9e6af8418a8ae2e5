use super::suite::PlannedSuite;
use super::{Shard, Unit};

/// Keeps the units of one shard.
///
/// Cases that need each other stay together, since a case can only wait for what runs beside it.
/// Such families, in the order of the template, go to the shard that has least so far; so every
/// machine deals the same hand without talking to the others.
pub(crate) fn keep(units: &mut Vec<Unit>, suites: &[PlannedSuite], shard: Shard) {
    let (mine, count) = shard.parts();
    let mut weights = vec![0u32; count as usize];
    let mut kept = Vec::with_capacity(units.len() / count as usize + 1);
    let mut rest = units.as_slice();
    while let Some(first) = rest.first() {
        let of_suite = rest.iter().take_while(|unit| unit.suite == first.suite).count();
        let (suite_units, others) = rest.split_at(of_suite);
        let families = Families::new(&suites[first.suite as usize]);
        families.deal(suite_units, &mut weights, |unit, to| {
            if to == mine {
                kept.push(unit);
            }
        });
        rest = others;
    }
    *units = kept;
}

/// Cases joined by `needs`, as a forest of places.
struct Families {
    parent: std::collections::HashMap<u32, u32>,
}

impl Families {
    fn new(suite: &PlannedSuite) -> Self {
        let mut families = Self { parent: std::collections::HashMap::new() };
        for (&case, needs) in &suite.needs {
            for &need in needs {
                let (a, b) = (families.root(case), families.root(need));
                families.parent.insert(a, a.min(b));
                families.parent.insert(b, a.min(b));
            }
        }
        families
    }

    /// The first case of the family, or the case itself when it has none.
    fn root(&self, case: u32) -> u32 {
        let mut at = case;
        while let Some(&up) = self.parent.get(&at).filter(|&&up| up != at) {
            at = up;
        }
        at
    }

    fn deal(&self, units: &[Unit], weights: &mut [u32], mut give: impl FnMut(Unit, u32)) {
        let mut sizes = std::collections::HashMap::new();
        for case in units.iter().filter_map(Unit::case) {
            if self.parent.contains_key(&case) {
                *sizes.entry(self.root(case)).or_insert(0) += 1;
            }
        }
        let mut homes = std::collections::HashMap::new();
        for unit in units {
            let family = unit.case().filter(|case| self.parent.contains_key(case));
            let to = match family.map(|case| self.root(case)) {
                None => lightest(weights, 1),
                Some(root) => *homes.entry(root).or_insert_with(|| lightest(weights, sizes[&root])),
            };
            give(*unit, to);
        }
    }
}

fn lightest(weights: &mut [u32], load: u32) -> u32 {
    let lightest = weights.iter().enumerate().min_by_key(|(_, weight)| **weight);
    let index = lightest.map_or(0, |(index, _)| index);
    weights[index] += load;
    u32::try_from(index).unwrap_or(0)
}
