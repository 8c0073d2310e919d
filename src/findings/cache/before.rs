//! What the cache said of each account, region and source before this run.
//!
//! Owns: that a source which was on when it was last read, and is not now, is told as a gap for a week: who switches GuardDuty off
//! while nobody looks must not make it pass for one that was never on. Must never: forget that because a run ended early.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::SignedDuration;

use super::{Cache, Known};
use crate::domain::{AccountId, Region, Time};
use crate::findings::{Coverage, CoverageState, Source};

/// For so long a source that was on is missed. Then it counts as switched off on purpose.
const MISSED: SignedDuration = SignedDuration::from_hours(7 * 24);

type Spot = (AccountId, Region, Source);

/// What earlier runs knew of each place, and what waits to become the next run's.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// When each was last on. Whatever came between then and now, a refusal or a read that was cut short, does not take it away.
    lit: HashMap<Spot, Time>,
    /// Those that were anything but complete.
    doubtful: HashSet<Spot>,
    /// Rows that are complete though they were not before: in a large organisation a detector that is switched off is complete
    /// for a moment, until it is asked whether it is on. They are noted when everything was read.
    held: BTreeMap<Spot, (Coverage, Time)>,
}

impl Before {
    /// From the rows of the cache.
    #[must_use]
    pub fn new(known: &[Known]) -> Self {
        let doubtful = known.iter().filter(|known| known.row.state != CoverageState::Complete);
        Self {
            lit: known
                .iter()
                .filter_map(|known| Some((spot(&known.row), known.lit?)))
                .collect(),
            doubtful: doubtful.map(|known| spot(&known.row)).collect(),
            held: BTreeMap::new(),
        }
    }

    /// A row as it is to be told: one that is not enabled, and was on within a week, is stale.
    #[must_use]
    pub fn amended(&self, row: Coverage, now: Time) -> Coverage {
        match self.was_on(&row, now) {
            Some(at) => Coverage {
                state: CoverageState::Stale,
                error: Some(format!(
                    "It was on when it was last read, at {at:.0}, and is not enabled now: {}",
                    row.error.unwrap_or_default()
                )),
                ..row
            },
            None => row,
        }
    }

    /// When it was last on, if it is not now.
    fn was_on(&self, row: &Coverage, now: Time) -> Option<Time> {
        let at = *self.lit.get(&spot(row))?;
        let off = row.state == CoverageState::Disabled;
        (off && now.duration_since(at) < MISSED).then_some(at)
    }

    /// Amends a row, notes it in the cache, and gives it.
    pub fn cover(&mut self, cache: &Cache, row: Coverage, now: Time) -> Coverage {
        let row = self.amended(row, now);
        let spot = spot(&row);
        if row.state == CoverageState::Complete && self.doubtful.contains(&spot) {
            self.held.insert(spot, (row.clone(), now));
        } else {
            self.held.remove(&spot);
            cache.cover(&row, now);
        }
        row
    }

    /// Everything was read once: what is complete now is.
    pub fn settle(&mut self, cache: &Cache) {
        for (spot, (row, at)) in std::mem::take(&mut self.held) {
            cache.cover(&row, at);
            self.doubtful.remove(&spot);
            self.lit.remove(&spot);
        }
    }
}

fn spot(row: &Coverage) -> Spot {
    (row.account, row.region.clone(), row.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: CoverageState) -> Coverage {
        Coverage {
            account: "222222222222".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            source: Source::GuardDuty,
            state,
            via: None,
            error: (state == CoverageState::Disabled).then(|| "GuardDuty has no detector here.".to_owned()),
        }
    }

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_on_and_is_not_is_a_gap_for_a_week() {
        use CoverageState::{Complete, Disabled, Partial, Refused, Stale};
        let (then, now) = (time("2026-03-01T09:00:00Z"), time("2026-03-02T09:00:00Z"));
        for (was, lit) in [
            (Complete, Some(then)),
            (Stale, Some(then)),
            (Partial, Some(then)),
            (Refused, Some(then)),
            (Refused, None),
            (Disabled, None),
        ] {
            let before = Before::new(&[Known {
                row: row(was),
                at: now,
                lit,
            }]);
            let told = before.amended(row(Disabled), now);
            assert_eq!(told.state == Stale, lit.is_some(), "{was:?}");
            assert_eq!(before.amended(row(Complete), now), row(Complete));
            if lit.is_some() {
                let why = told.error.unwrap();
                assert!(
                    why.contains("2026-03-01T09:00:00Z") && why.ends_with("no detector here."),
                    "{why}"
                );
                let late = time("2026-03-08T09:00:00Z");
                assert_eq!(before.amended(row(Disabled), late), row(Disabled), "a week later");
            }
        }
        assert_eq!(
            Before::default().amended(row(Disabled), now),
            row(Disabled),
            "never seen"
        );
    }

    #[test]
    fn the_next_run_knows_when_it_was_on_and_not_what_was_complete_for_a_moment() {
        use CoverageState::{Complete, Disabled, Refused, Stale};
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let world = super::super::World {
            endpoint: None,
            partition: "aws".to_owned(),
            account: "111111111111".parse().unwrap(),
        };
        let (then, now) = (time("2026-03-01T09:00:00Z"), time("2026-03-02T09:00:00Z"));
        let run = |told: &[CoverageState], settles: bool, at: Time| {
            let cache = Cache::open(directory.path(), &world, at).unwrap().0;
            let rows = cache.coverage(&super::super::Scope::default()).unwrap();
            let mut before = Before::new(&rows);
            let mut last = None;
            for state in told {
                last = Some(before.cover(&cache, row(*state), at).state);
            }
            if settles {
                before.settle(&cache);
            }
            last.unwrap()
        };
        // Never on: complete for a moment, and the run ends there.
        assert_eq!(run(&[Disabled], true, then), Disabled);
        assert_eq!(run(&[Complete], false, then), Complete);
        assert_eq!(run(&[Complete, Disabled], true, now), Disabled);
        // On, and then gone, for as long as a week and no longer.
        assert_eq!(run(&[Complete], true, then), Complete);
        assert_eq!(run(&[Disabled], true, now), Stale);
        assert_eq!(run(&[Disabled], true, time("2026-03-07T09:00:00Z")), Stale);
        assert_eq!(run(&[Disabled], true, time("2026-03-08T09:00:01Z")), Disabled);
        assert_eq!(run(&[Disabled], true, time("2026-03-08T10:00:00Z")), Disabled);
        // Neither a start that was refused nor refreshes that say the same end the week or begin it anew.
        assert_eq!(run(&[Complete], true, then), Complete);
        assert_eq!(run(&[Refused], true, now), Refused);
        assert_eq!(run(&[Disabled, Stale], true, time("2026-03-07T09:00:00Z")), Stale);
        assert_eq!(run(&[Complete, Disabled], true, time("2026-03-08T08:00:00Z")), Stale);
        assert_eq!(run(&[Disabled], true, time("2026-03-08T09:00:01Z")), Disabled);
    }
}
