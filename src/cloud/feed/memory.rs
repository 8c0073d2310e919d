//! What a source is remembered by from one round to the next.
//!
//! Owns: from when on a refresh reads, and which state a failed refresh leaves. Must never: let a refresh skip what a gap left out.

use jiff::SignedDuration;

use super::source::End;
use crate::domain::Time;
use crate::findings::CoverageState;

/// A refresh reads this much again: findings may be listed later than their time says, and clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);
/// Every so many rounds all is read again: archiving a finding does not change its time everywhere.
const FULL_EVERY: u32 = 20;

/// One source's memory. A new one knows nothing, so all is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    was_complete: bool,
    /// Refreshes since all was read.
    refreshes: u32,
    /// The newest finding that was seen, never later than the start of the round that saw it.
    newest: Option<Time>,
    /// Whether the last round left a gap.
    gap: bool,
}

impl Memory {
    /// From when on to read; `None` reads all.
    pub fn since(&self) -> Option<Time> {
        if !self.was_complete || self.gap || self.refreshes >= FULL_EVERY {
            return None;
        }
        self.newest?.checked_sub(OVERLAP).ok()
    }

    /// Takes in how a round ended, and says what is known now.
    pub fn learn(
        &mut self,
        end: End,
        newest: Option<Time>,
        started: Time,
        was_full: bool,
    ) -> (CoverageState, Option<String>) {
        self.refreshes = if was_full { 0 } else { self.refreshes + 1 };
        // A finding dated in the future must not move the mark beyond what can have happened.
        let newest = newest.map(|n| n.min(started));
        self.gap = matches!(end, End::Partial(_) | End::Refused(_));
        match end {
            End::Complete => {
                self.newest = self.newest.max(newest);
                self.was_complete = true;
                (CoverageState::Complete, None)
            }
            End::Disabled(why) => {
                *self = Self::default();
                (CoverageState::Disabled, Some(why))
            }
            End::Partial(why) | End::Refused(why) if self.was_complete => (CoverageState::Stale, Some(why)),
            End::Partial(why) => (CoverageState::Partial, Some(why)),
            End::Refused(why) => (CoverageState::Refused, Some(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_refresh_reads_from_the_newest_finding_on_and_a_gap_makes_it_read_all() {
        let mut memory = Memory::default();
        assert_eq!(memory.since(), None);
        let (noon, one) = (time("2026-03-01T12:00:00Z"), time("2026-03-01T13:00:00Z"));
        assert_eq!(
            memory.learn(End::Complete, Some(noon), one, true).0,
            CoverageState::Complete
        );
        assert_eq!(memory.since(), Some(time("2026-03-01T11:45:00Z")));
        let failed = End::Partial("no answer".to_owned());
        assert_eq!(memory.learn(failed, None, one, false).0, CoverageState::Stale);
        assert_eq!(memory.since(), None);
        memory.learn(End::Complete, None, one, true);
        assert_eq!(memory.since(), Some(time("2026-03-01T11:45:00Z")));
    }

    #[test]
    fn a_finding_from_the_future_does_not_move_the_mark() {
        let mut memory = Memory::default();
        let now = time("2026-03-01T12:00:00Z");
        memory.learn(End::Complete, Some(time("2031-01-01T00:00:00Z")), now, true);
        assert_eq!(memory.since(), Some(time("2026-03-01T11:45:00Z")));
    }

    #[test]
    fn all_is_read_again_after_many_refreshes() {
        let mut memory = Memory::default();
        let now = time("2026-03-01T12:00:00Z");
        memory.learn(End::Complete, Some(now), now, true);
        for _ in 0..FULL_EVERY {
            assert!(memory.since().is_some());
            memory.learn(End::Complete, None, now, false);
        }
        assert_eq!(memory.since(), None);
    }
}
