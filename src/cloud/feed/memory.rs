//! What a source is remembered by from one round to the next.
//!
//! Owns: how much a refresh reads, and which state a failed refresh leaves. Must never: let a refresh skip what a gap left out.
//!
//! # Why two ways to ask take turns
//!
//! GuardDuty lists ids without their times, so a listing tells what is new by its order alone. Asked for everything *from* a time
//! on, newest first, it shows each finding that came, even one that is listed later than its time says, and each one whose update
//! moved it. What it cannot show is an update of the finding that was the newest already: that one stands first before and after.
//! Asked for everything strictly *after* the newest known time, it shows just this, and misses the late ones. Either costs one call
//! when nothing is new, so they take turns, and whatever happens is seen at the second refresh at the latest.
//! Security Hub gives the findings themselves, so there the first way is enough.
//!
//! An overlap holds fewer findings than a page, so that a quiet refresh is one call however much was updated lately. Where more than
//! that is updated within a quarter of an hour, every tenth refresh reads all of it.
//!
//! # What is switched off
//!
//! A detector that was suspended still lists what it found, so its lists cannot tell that nothing new comes. Its status is asked
//! beside each read of everything; a refresh in thirty asks for it in place of a list, which costs no call, and every other one as
//! long as it is off or does not say. What was on in this session and is off now is a gap, whoever switched it off: what it would
//! have found is missing.
//!
//! Archiving does not move the time everywhere. So all is read again once an hour, at another minute for each source.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use jiff::SignedDuration;

use super::known::Known;
use super::source::{End, Switch};
use crate::cloud::route::Route;
use crate::domain::Time;
use crate::findings::{CoverageState, Source};

/// Everything is read again this long after it was last read.
const FULL_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// The first time after at least this long, and then at a minute of each source's own.
const FIRST_FULL: SignedDuration = SignedDuration::from_mins(30);

/// So many refreshes to one whose overlap is not cut to a page.
const WIDE_EVERY: u32 = 10;

/// So many refreshes to one that asks whether the source is switched on.
const SWITCH_EVERY: u32 = 30;
/// The same where it is not, or did not say.
const SWITCH_OFTEN: u32 = 2;

/// How much of a source a round reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    /// Updated then or later.
    From(Time),
    /// Updated later than that.
    After(Time),
    /// No findings, only whether it is switched on.
    Switch,
}

/// One source's memory. A new one knows nothing, so all is read.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; they do not make up one state"
)]
pub(super) struct Memory {
    source: Source,
    /// What spreads the full reads of many sources over the hour.
    spread: SignedDuration,
    was_complete: bool,
    /// Whether it was ever seen to be on.
    was_on: bool,
    /// Whether it is switched on, as it said last.
    switch: Switch,
    /// Refreshes since it was asked.
    unasked: u32,
    /// Whether the last round left a gap.
    gap: bool,
    /// Whether the next refresh asks strictly.
    strictly: bool,
    /// Refreshes since the last whose overlap was not cut.
    narrow: u32,
    full_at: Option<Time>,
    full_due: Option<Time>,
    /// When the last round began: a finding dated later must not move the mark beyond what can have happened.
    read_at: Option<Time>,
    pub known: Known,
    /// GuardDuty's detectors.
    pub detectors: Vec<String>,
}

impl Memory {
    pub fn new(route: &Route) -> Self {
        let minutes = BuildHasherDefault::<DefaultHasher>::default().hash_one(route) % 30;
        Self {
            source: route.source,
            spread: SignedDuration::from_mins(i64::try_from(minutes).unwrap_or_default()),
            was_complete: false,
            was_on: false,
            switch: Switch::On,
            unasked: 0,
            gap: false,
            strictly: false,
            narrow: 0,
            full_at: None,
            full_due: None,
            read_at: None,
            known: Known::new(route.source),
            detectors: Vec::new(),
        }
    }

    /// How much to read now.
    pub fn scope(&self, now: Time) -> Scope {
        // A clock that went back would put the next full read out of sight.
        let due = self.full_due.is_none_or(|due| now >= due) || self.full_at.is_none_or(|at| now < at);
        if !self.was_complete || self.gap || due {
            return Scope::All;
        }
        let often = match self.switch {
            Switch::On => SWITCH_EVERY,
            Switch::Off(_) | Switch::Unknown(_) => SWITCH_OFTEN,
        };
        if self.source == Source::GuardDuty && self.unasked + 1 >= often {
            return Scope::Switch;
        }
        let (Some(newest), Some(read)) = (self.known.newest(), self.read_at) else {
            return Scope::All;
        };
        let until = newest.min(read);
        if self.narrow + 1 >= WIDE_EVERY {
            Scope::From(Known::wide_overlap(until))
        } else if self.strictly {
            Scope::After(until)
        } else {
            Scope::From(self.known.overlap(until))
        }
    }

    /// Whether the whole list was read and is known to be short, fewer findings than a page.
    pub fn is_short(&self) -> bool {
        self.was_complete && !self.known.is_cut()
    }

    /// Takes in whether it is switched on; absent where that was not asked.
    pub fn switched(&mut self, switch: Option<Switch>) {
        match switch {
            Some(switch) => (self.switch, self.unasked) = (switch, 0),
            None => self.unasked = self.unasked.saturating_add(1),
        }
    }

    /// Takes in how a round ended, and says what is known now.
    pub fn learn(&mut self, end: End, known: Known, started: Time, scope: Scope) -> (CoverageState, Option<String>) {
        self.gap = matches!(end, End::Partial(_) | End::Refused(_));
        if self.gap {
            // Perhaps the detector is another one now.
            self.detectors.clear();
        }
        match end {
            End::Complete if scope == Scope::Switch => self.as_switched(),
            End::Complete => {
                self.known = known;
                self.read_at = Some(started);
                self.narrow = if self.narrow + 1 >= WIDE_EVERY || scope == Scope::All {
                    0
                } else {
                    self.narrow + 1
                };
                self.strictly = self.source == Source::GuardDuty && matches!(scope, Scope::From(_));
                if scope == Scope::All {
                    let wait = match self.full_due {
                        None => FIRST_FULL + self.spread,
                        Some(_) => FULL_EVERY,
                    };
                    self.full_at = Some(started);
                    self.full_due = started.checked_add(wait).ok();
                }
                self.was_complete = true;
                self.as_switched()
            }
            End::Disabled(why) => {
                self.was_complete = false;
                self.known = Known::new(self.source);
                self.detectors.clear();
                self.off(&why)
            }
            End::Partial(why) | End::Refused(why) if self.was_complete || self.was_on => {
                (CoverageState::Stale, Some(why))
            }
            End::Partial(why) => (CoverageState::Partial, Some(why)),
            End::Refused(why) => (CoverageState::Refused, Some(why)),
        }
    }

    /// The state of a source whose findings were all read.
    fn as_switched(&mut self) -> (CoverageState, Option<String>) {
        match self.switch.clone() {
            Switch::On => {
                self.was_on = true;
                (CoverageState::Complete, None)
            }
            Switch::Off(why) => self.off(&why),
            Switch::Unknown(why) => (CoverageState::Partial, Some(why)),
        }
    }

    /// A service that nobody enabled hides nothing; one that was on a moment ago does.
    fn off(&self, why: &str) -> (CoverageState, Option<String>) {
        if self.was_on {
            let why = format!("It was on before and is not enabled now: {why}");
            return (CoverageState::Stale, Some(why));
        }
        (CoverageState::Disabled, Some(why.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Place;
    use crate::findings::guardduty::parse;

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn route(source: Source, region: &str) -> Route {
        Route {
            source,
            via: "111122223333".parse().unwrap(),
            region: region.parse().unwrap(),
        }
    }

    fn finding(id: &str, at: &str) -> crate::findings::Finding {
        let place = Place {
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
        };
        parse(format!(r#"{{"id":"{id}","updatedAt":"{at}"}}"#).as_bytes(), &place)
    }

    fn known(at: &str) -> Known {
        let mut known = Known::new(Source::GuardDuty);
        known.add(&finding("a", at));
        known
    }

    const NOON: &str = "2026-03-01T12:00:00Z";

    #[test]
    fn two_ways_to_ask_take_turns_and_a_gap_makes_it_read_all() {
        let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
        let one = time("2026-03-01T13:00:00Z");
        assert_eq!(memory.scope(one), Scope::All);
        memory.learn(End::Complete, known(NOON), one, Scope::All);
        for _ in 0..2 {
            let from = memory.scope(one);
            assert_eq!(from, Scope::From(time("2026-03-01T11:45:00Z")));
            memory.learn(End::Complete, known(NOON), one, from);
            let after = memory.scope(one);
            assert_eq!(after, Scope::After(time(NOON)));
            memory.learn(End::Complete, known(NOON), one, after);
        }
        let failed = End::Partial("no answer".to_owned());
        let told = memory.learn(failed, known(NOON), one, Scope::After(time(NOON)));
        assert_eq!(told.0, CoverageState::Stale);
        assert_eq!(memory.scope(one), Scope::All);
    }

    #[test]
    fn every_tenth_refresh_goes_back_a_quarter_of_an_hour_however_much_was_updated() {
        let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
        let one = time("2026-03-01T13:00:00Z");
        let mut many = Known::new(Source::GuardDuty);
        for n in 0..60 {
            many.add(&finding(&format!("f-{n}"), &format!("2026-03-01T12:59:{n:02}Z")));
        }
        memory.learn(End::Complete, many.clone(), one, Scope::All);
        let scopes: Vec<Scope> = (0..20)
            .map(|_| {
                let scope = memory.scope(one);
                memory.learn(End::Complete, many.clone(), one, scope);
                scope
            })
            .collect();
        let whole = Scope::From(time("2026-03-01T12:44:59Z"));
        let places: Vec<usize> = (0..20).filter(|n| scopes[*n] == whole).collect();
        assert_eq!(places, [9, 19], "{scopes:?}");
    }

    #[test]
    fn a_finding_from_the_future_does_not_move_the_mark() {
        let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
        memory.learn(End::Complete, known("2031-01-01T00:00:00Z"), time(NOON), Scope::All);
        assert_eq!(memory.scope(time(NOON)), Scope::From(time("2026-03-01T11:45:00Z")));
    }

    #[test]
    fn all_is_read_again_within_the_hour_and_not_everywhere_at_once() {
        let mut minutes = std::collections::BTreeSet::new();
        for region in ["us-east-1", "us-east-2", "eu-west-1", "eu-west-2", "ap-northeast-2"] {
            let mut memory = Memory::new(&route(Source::GuardDuty, region));
            memory.learn(End::Complete, known(NOON), time(NOON), Scope::All);
            let due = |minutes: i64| time(NOON).checked_add(SignedDuration::from_mins(minutes)).unwrap();
            let first = (0..=60).find(|m| memory.scope(due(*m)) == Scope::All).unwrap();
            assert!(first >= 30, "{first}");
            minutes.insert(first);
            memory.learn(End::Complete, known(NOON), due(first), Scope::All);
            assert_ne!(memory.scope(due(first + 59)), Scope::All);
            assert_eq!(memory.scope(due(first + 60)), Scope::All);
            assert_eq!(memory.scope(due(first - 1)), Scope::All, "a clock that went back");
        }
        assert!(minutes.len() > 2, "{minutes:?}");
    }
}
