//! What the cache said of each account, region and source before this run.
//!
//! Owns: that a source which was on when it was last read, and is not now, is told as a gap for a week: who switches GuardDuty off
//! while nobody looks must not make it pass for one that was never on. Must never: forget that because a run ended early.

use std::collections::{BTreeMap, HashMap};

use jiff::SignedDuration;

use super::Cache;
use crate::domain::{AccountId, Region, Time};
use crate::findings::{Coverage, CoverageState, Source};

/// For so long a source that was on is missed. Then it counts as switched off on purpose.
const MISSED: SignedDuration = SignedDuration::from_hours(7 * 24);

type Spot = (AccountId, Region, Source);

/// The rows of the last run, and what waits to become the next run's.
#[derive(Clone, Debug, Default)]
pub struct Before {
    rows: HashMap<Spot, (CoverageState, Time)>,
    /// Rows that are complete though they were not enabled before: in a large organisation a detector that is switched off is complete
    /// for a moment, until it is asked whether it is on. They are noted when everything was read.
    held: BTreeMap<Spot, (Coverage, Time)>,
}

impl Before {
    /// From the rows of the cache, and when each was told.
    #[must_use]
    pub fn new(rows: &[(Coverage, Time)]) -> Self {
        let rows = rows.iter().map(|(row, at)| (spot(row), (row.state, *at)));
        Self {
            rows: rows.collect(),
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
        let (state, at) = self.rows.get(&spot(row))?;
        let was_on = matches!(state, CoverageState::Complete | CoverageState::Stale);
        let off = row.state == CoverageState::Disabled;
        (was_on && off && now.duration_since(*at) < MISSED).then_some(*at)
    }

    /// Amends a row, notes it in the cache, and gives it. One that was missed keeps its time there, so that the week ends.
    pub fn cover(&mut self, cache: &Cache, row: Coverage, now: Time) -> Coverage {
        let at = self.was_on(&row, now).unwrap_or(now);
        let row = self.amended(row, now);
        let spot = spot(&row);
        let was_off = matches!(self.rows.get(&spot), Some((CoverageState::Disabled, _)));
        if was_off && row.state == CoverageState::Complete {
            self.held.insert(spot, (row.clone(), at));
        } else {
            self.held.remove(&spot);
            cache.cover(&row, at);
        }
        row
    }

    /// Everything was read once: what is complete now is.
    pub fn settle(&mut self, cache: &Cache) {
        for (spot, (row, at)) in std::mem::take(&mut self.held) {
            cache.cover(&row, at);
            self.rows.remove(&spot);
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
        for (was, gap) in [
            (Complete, true),
            (Stale, true),
            (Partial, false),
            (Refused, false),
            (Disabled, false),
        ] {
            let before = Before::new(&[(row(was), then)]);
            let told = before.amended(row(Disabled), now);
            assert_eq!(told.state == Stale, gap, "{was:?}");
            assert_eq!(before.amended(row(Complete), now), row(Complete));
            if gap {
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
        use CoverageState::{Complete, Disabled, Stale};
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
    }
}
