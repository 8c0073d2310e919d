//! Which of two versions of a finding is the later one.
//!
//! Owns: the rule, which the index, the cache and `quell findings` share. Must never: let a time that only stands in for another
//! decide, or an old message win over what was read since.
//!
//! The source's own time of update decides, where both versions have one that can be read and they differ. Security Hub does not move
//! it for everything (`BatchUpdateFindings`: "don't affect the value of `UpdatedAt`"), and a queue gives messages late and twice. So
//! where it does not decide and an event has a part in it, the later of when the event was sent and when the page was asked for
//! does. Two pages are told in the order in which they were read, and that counts; no clock has a part in it. Of what stands in files
//! nobody knows when it was told: of two versions of one time the worse one stays, and the finding says that nobody knows.

use std::num::{NonZeroI64, NonZeroU32};

use super::{Finding, Source};
use crate::domain::{Severity, SeverityLabel, Time};

/// The doubt about a finding of which nothing tells the latest version.
pub const UNDECIDED: &str = "it is there twice with different content and one time of update, so nothing says which is the later one; this \
                             is the worse of the two";

/// When what a version says was known to be so, in whole seconds: `EventBridge` says no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told(
    /// Twice the seconds since 1970, and one more for an event. The larger is the later.
    Option<NonZeroI64>,
);

impl Told {
    /// By an API, which was asked at this time.
    #[must_use]
    pub fn read(asked: Time) -> Self {
        Self::from_code(Some(asked.as_second() * 2))
    }

    /// By an event that says that it was sent at this time.
    #[must_use]
    pub fn by_event(sent: Option<Time>) -> Self {
        Self::from_code(sent.map(|at| at.as_second() * 2 + 1))
    }

    /// When it was sent, where an event says so.
    #[must_use]
    pub fn sent(self) -> Option<Time> {
        let (second, by_event) = self.parts()?;
        Time::from_second(second).ok().filter(|_| by_event)
    }

    /// As a number that is kept.
    #[must_use]
    pub fn code(self) -> Option<i64> {
        self.0.map(NonZeroI64::get)
    }

    /// From that number.
    #[must_use]
    pub fn from_code(code: Option<i64>) -> Self {
        Self(code.and_then(NonZeroI64::new))
    }

    /// The second, and whether it is an event's.
    fn parts(self) -> Option<(i64, bool)> {
        self.code().map(|code| (code.div_euclid(2), code.rem_euclid(2) == 1))
    }
}

/// What of a version tells whether it is the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The source's own time of update in milliseconds since 1970, where it can be read.
    pub updated: Option<i64>,
    pub told: Told,
    pub severity: Severity,
    pub archived: bool,
    pub digest: u64,
}

impl Version {
    /// That of a finding.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self {
            updated: finding.version().map(Time::as_millisecond),
            told: finding.told,
            severity: finding.severity,
            archived: finding.archived,
            digest: finding.digest,
        }
    }

    /// Whether it does not take the place of the one that is held. Where nothing tells, the one handed in last stays.
    #[must_use]
    pub fn is_older_than(&self, held: &Self) -> bool {
        if let (Some(new), Some(old)) = (self.updated, held.updated)
            && new != old
        {
            return new < old;
        }
        if self.is_undecided(held) {
            let rank = |version: &Self| (!version.archived, version.severity, version.digest);
            return rank(self) < rank(held);
        }
        match (self.told.parts(), held.told.parts()) {
            (Some((new, by_event)), Some((old, held_by_event))) if by_event || held_by_event => {
                // Of two events of one second no one knows the order, and both may come again: the open one stays, so that nothing
                // is hidden, and otherwise always the same one.
                let rank = |version: &Self| (!version.archived, version.digest);
                new < old || new == old && by_event && held_by_event && rank(self) < rank(held)
            }
            _ => false,
        }
    }

    /// Whether nothing tells which of two different versions is the later one, not even the order in which they came: they say the same
    /// time of update, and nobody knows when either was told. So it is with entries of files.
    #[must_use]
    pub fn is_undecided(&self, other: &Self) -> bool {
        let untold = [self.told, other.told].iter().all(|told| told.0.is_none());
        untold && self.updated == other.updated && self.digest != other.digest
    }
}

/// Since when a finding is as bad as it is, of which a newer version has come: as bad as that is, and when it was made. An earlier
/// version that comes late changes nothing, so a clock begins too early rather than too late.
#[must_use]
pub fn worsened(held: (SeverityLabel, Option<NonZeroU32>), new: (SeverityLabel, Option<Time>)) -> Option<NonZeroU32> {
    if new.0 <= held.0 {
        return held.1;
    }
    let second = new.1.and_then(|at| u32::try_from(at.as_second()).ok());
    second.and_then(NonZeroU32::new).or(held.1)
}

/// Since when an event's incident goes on: the start, and whether it is over.
pub type Since = (Option<Time>, bool);

/// Since when an incident goes on of which another event has come. Each event says only when itself was sent. One that opens what
/// was over begins anew; every other goes on with what began before it, in whatever order they come.
#[must_use]
pub fn goes_on(source: Source, held: Since, new: Since, is_newer: bool) -> Option<Time> {
    let ((held, was_over), (new, is_over)) = (held, new);
    match source {
        Source::GuardDuty | Source::SecurityHub => {
            if is_newer {
                new
            } else {
                held
            }
        }
        Source::EventBridge if is_newer && was_over && !is_over => new,
        Source::EventBridge if !is_newer && is_over => held,
        Source::EventBridge => [held, new].into_iter().flatten().min(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_second(second).unwrap()
    }

    fn version(updated: Option<i64>, told: Told) -> Version {
        Version {
            updated,
            told,
            severity: Severity::default(),
            archived: false,
            digest: 0,
        }
    }

    #[test]
    fn the_sources_own_time_comes_before_every_other() {
        let old = version(Some(5), Told::read(at(100)));
        let new = version(Some(6), Told::by_event(Some(at(1))));
        assert!(old.is_older_than(&new) && !new.is_older_than(&old));
        // A time that cannot be read makes no version old.
        let none = version(None, Told::default());
        assert!(!none.is_older_than(&new) && !new.is_older_than(&none));
    }

    #[test]
    fn an_old_message_does_not_win_and_a_new_one_does() {
        let page = |second| version(Some(5), Told::read(at(second)));
        let event = |second| version(Some(5), Told::by_event(Some(at(second))));
        assert!(event(9).is_older_than(&page(10)) && !page(10).is_older_than(&event(9)));
        assert!(page(9).is_older_than(&event(10)) && !event(10).is_older_than(&page(9)));
        assert!(event(9).is_older_than(&event(10)) && !event(10).is_older_than(&event(9)));
        // Within one second the page and the event are taken as they come.
        assert!(!event(10).is_older_than(&page(10)) && !page(10).is_older_than(&event(10)));
        // Of two pages the one read last counts, whatever the clock did meanwhile.
        assert!(!page(1).is_older_than(&page(10)));
        // What does not say when it was sent is taken as it comes.
        let unsaid = version(Some(5), Told::by_event(None));
        assert!(!unsaid.is_older_than(&page(10)) && !page(1).is_older_than(&unsaid));
    }

    #[test]
    fn of_two_events_of_one_second_the_open_one_stays() {
        let event = |archived, digest| Version {
            archived,
            digest,
            ..version(Some(5), Told::by_event(Some(at(10))))
        };
        assert!(event(true, 2).is_older_than(&event(false, 1)));
        assert!(!event(false, 1).is_older_than(&event(true, 2)));
        assert!(event(false, 1).is_older_than(&event(false, 2)) && !event(false, 2).is_older_than(&event(false, 1)));
    }

    #[test]
    fn of_two_entries_of_one_time_the_worse_one_stays() {
        let entry = |archived, severity, digest| Version {
            archived,
            digest,
            severity: Severity::from_score(severity),
            ..version(Some(5), Told::default())
        };
        let (low, high) = (entry(false, 2.0, 9), entry(false, 8.0, 1));
        assert!(low.is_older_than(&high) && !high.is_older_than(&low) && low.is_undecided(&high));
        let over = entry(true, 9.0, 3);
        assert!(over.is_older_than(&low) && !low.is_older_than(&over));
        assert!(!low.is_undecided(&low), "the same entry twice is no doubt");
        let later = Version {
            updated: Some(6),
            ..low
        };
        assert!(high.is_older_than(&later) && !later.is_undecided(&high));
        let read = Version {
            told: Told::read(at(1)),
            ..low
        };
        assert!(!read.is_undecided(&high) && !read.is_older_than(&high));
    }

    #[test]
    fn what_is_kept_of_it_comes_back() {
        for told in [
            Told::default(),
            Told::read(at(7)),
            Told::by_event(Some(at(7))),
            Told::by_event(Some(at(-7))),
        ] {
            assert_eq!(Told::from_code(told.code()), told);
        }
        assert!(Told::read(at(7)) < Told::by_event(Some(at(7))));
        assert!(Told::by_event(Some(at(7))) < Told::read(at(8)));
    }

    #[test]
    fn an_incident_goes_on_until_it_is_over() {
        let of = |held: (i64, bool), new: (i64, bool), is_newer| {
            let since = |(second, over): (i64, bool)| (Some(at(second)), over);
            goes_on(Source::EventBridge, since(held), since(new), is_newer).map(Time::as_second)
        };
        assert_eq!(of((10, false), (12, false), true), Some(10));
        assert_eq!(
            of((12, false), (10, false), false),
            Some(10),
            "in whatever order they come"
        );
        assert_eq!(of((10, false), (12, true), true), Some(10));
        assert_eq!(of((10, true), (12, false), true), Some(12), "it begins anew");
        assert_eq!(of((12, false), (11, true), false), Some(12));
        assert_eq!(
            goes_on(Source::GuardDuty, (Some(at(1)), false), (None, false), true),
            None
        );
    }
}
