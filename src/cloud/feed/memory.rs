//! What a source is remembered by from one round to the next.
//!
//! Owns: how much a refresh reads, and which state a failed refresh leaves. Must never: let a refresh skip what a gap left out.
//!
//! # Why two ways to ask take turns
//!
//! GuardDuty lists ids without their times, so a listing tells what is new by its order alone. Asked for everything *from* a time
//! on, newest first, it shows each finding that came, even one that is listed later than its time says, and each one whose update
//! moved it. What it cannot show is an update that leaves a finding where it stands. Such a one is of the finding that was the newest
//! already, or it is both dated before a newer finding and listed after that was read. Asked for everything strictly *after* the
//! newest known time, it shows the first kind, and misses the late ones. Either costs one call when nothing is new, so they take
//! turns, and all but the second kind is seen at the second refresh at the latest.
//! Security Hub gives the findings themselves, so there the first way is enough.
//!
//! An overlap holds fewer findings than a page, so that a quiet refresh is one call however much was updated lately. Where more than
//! that is updated within a quarter of an hour, every tenth refresh reads all of it. This one also gets what is listed whatever the
//! order says, which shows the second kind of updates, until it has done so a quarter of an hour after the newest: what is dated
//! before that is listed by then. So what is quiet costs no second call.
//!
//! # What is switched off
//!
//! A detector that was suspended still lists what it found, so its lists cannot tell that nothing new comes. Its status is asked
//! beside each read of everything; where there are very many lists, after it, by a read of its own in the same round, so that no list
//! waits for it. A refresh in thirty asks for it in place of a list, which costs no call, and every other one as long as it is off or
//! does not say. Until it answers, what it said last holds; one that was never asked is as complete as its lists. What was on in this
//! session and is off now is a gap, whoever switched it off: what it would have found is missing.
//!
//! # What failed
//!
//! A refresh that failed has left nothing out: what is known is as old as before, and the next one asks from there again. Only where a
//! read of everything failed is everything read again, or where the detector turns out to be another one than the one that was read;
//! which it is, is asked after each failure.
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

/// A refresh of a source without findings goes back this long before everything was read: it costs nothing, and clocks differ.
const SINCE_EMPTY: SignedDuration = SignedDuration::from_hours(24);

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
    /// Updated then or later; where the ids and their order are the known ones, nothing is got.
    From(Time),
    /// The same, and got whatever the order says.
    Again(Time),
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
    /// Whether it is switched on, as it said last; absent where it was never asked.
    switch: Option<Switch>,
    /// Whether it was not asked since everything was read.
    owes_switch: bool,
    /// Refreshes since it was asked.
    unasked: u32,
    /// Whether everything is to be read again, for a part of it was left out.
    gap: bool,
    /// Whether the next refresh asks strictly.
    strictly: bool,
    /// Refreshes since the last whose overlap was not cut.
    narrow: u32,
    /// When the last read began that got what it listed whatever the order said.
    got_at: Option<Time>,
    full_at: Option<Time>,
    full_due: Option<Time>,
    /// When the last round began: a finding dated later must not move the mark beyond what can have happened.
    read_at: Option<Time>,
    pub known: Known,
    /// GuardDuty's detectors, in order.
    detectors: Vec<String>,
    /// Whether a read failed since they were listed: perhaps they are others now.
    doubted: bool,
}

impl Memory {
    pub fn new(route: &Route) -> Self {
        let minutes = BuildHasherDefault::<DefaultHasher>::default().hash_one(route) % 30;
        Self {
            source: route.source,
            spread: SignedDuration::from_mins(i64::try_from(minutes).unwrap_or_default()),
            was_complete: false,
            was_on: false,
            switch: None,
            owes_switch: false,
            unasked: 0,
            gap: false,
            strictly: false,
            narrow: 0,
            got_at: None,
            full_at: None,
            full_due: None,
            read_at: None,
            known: Known::new(route.source),
            detectors: Vec::new(),
            doubted: false,
        }
    }

    /// How much to read now.
    pub fn scope(&self, now: Time) -> Scope {
        // A clock that went back would put the next full read out of sight.
        let due = self.full_due.is_none_or(|due| now >= due) || self.full_at.is_none_or(|at| now < at);
        if !self.was_complete || self.gap {
            return Scope::All;
        }
        if self.owes_switch {
            return Scope::Switch;
        }
        if due {
            return Scope::All;
        }
        let often = match self.switch {
            Some(Switch::On) | None => SWITCH_EVERY,
            Some(Switch::Off(_) | Switch::Unknown(_)) => SWITCH_OFTEN,
        };
        if self.source == Source::GuardDuty && self.unasked + 1 >= often {
            return Scope::Switch;
        }
        let (Some(newest), Some(read)) = (self.known.newest(), self.read_at) else {
            // Where there was nothing at all, whatever there is now came since.
            let since = self.full_at.filter(|_| !self.known.is_cut());
            return since.map_or(Scope::All, |at| Scope::From(at.checked_sub(SINCE_EMPTY).unwrap_or(at)));
        };
        let until = newest.min(read);
        if self.narrow + 1 >= WIDE_EVERY {
            let from = Known::wide_overlap(until);
            if self.source == Source::GuardDuty && self.got_at.is_none_or(|at| Known::wide_overlap(at) <= until) {
                Scope::Again(from)
            } else {
                Scope::From(from)
            }
        } else if self.strictly {
            Scope::After(until)
        } else {
            Scope::From(self.known.overlap(until))
        }
    }

    /// GuardDuty's detectors; absent where they are to be listed.
    pub fn detectors(&self) -> Option<&[String]> {
        let known = !self.doubted && !self.detectors.is_empty();
        known.then_some(self.detectors.as_slice())
    }

    /// Takes in which detectors there are. False where there are others than those that were read: then everything is to be read.
    pub fn listed(&mut self, mut detectors: Vec<String>) -> bool {
        detectors.sort_unstable();
        let same = detectors.is_empty() || detectors == self.detectors;
        self.gap |= !same;
        (self.detectors, self.doubted) = (detectors, false);
        same
    }

    /// Whether everything is to be read again at the next time, whenever that is.
    pub fn has_gap(&self) -> bool {
        self.gap
    }

    /// Something was left out of what was read: everything is read again at the next time.
    pub fn leaves_out(&mut self) {
        self.gap = true;
    }

    /// Whether the whole list was read and is known to be short, fewer findings than a page.
    pub fn is_short(&self) -> bool {
        self.was_complete && !self.known.is_cut()
    }

    /// Takes in whether it is switched on; absent where that was not asked.
    pub fn switched(&mut self, switch: Option<Switch>) {
        if switch.is_some() {
            (self.switch, self.owes_switch, self.unasked) = (switch, false, 0);
        } else {
            self.unasked = self.unasked.saturating_add(1);
        }
    }

    /// Whether everything was read, and it was not asked since whether it is switched on.
    pub fn owes_switch(&self) -> bool {
        self.owes_switch
    }

    /// Takes in how a round ended, and says what is known now.
    pub fn learn(&mut self, end: End, known: Known, started: Time, scope: Scope) -> (CoverageState, Option<String>) {
        let failed = matches!(end, End::Partial(_) | End::Refused(_));
        self.doubted |= failed;
        if scope == Scope::All {
            self.gap = failed;
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
                self.strictly = self.source == Source::GuardDuty && matches!(scope, Scope::From(_) | Scope::Again(_));
                if matches!(scope, Scope::All | Scope::Again(_)) {
                    self.got_at = Some(started);
                }
                if scope == Scope::All {
                    let wait = match self.full_due {
                        None => FIRST_FULL + self.spread,
                        Some(_) => FULL_EVERY,
                    };
                    self.full_at = Some(started);
                    self.full_due = started.checked_add(wait).ok();
                    // Where it was asked beside the lists, it is not asked again.
                    self.owes_switch = self.source == Source::GuardDuty && self.unasked > 0;
                }
                self.was_complete = true;
                self.as_switched()
            }
            End::Disabled(why) => {
                (self.was_complete, self.owes_switch) = (false, false);
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
            Some(Switch::On) => {
                self.was_on = true;
                (CoverageState::Complete, None)
            }
            None => {
                // A hub that gives its findings is on; of a detector that is not yet known.
                self.was_on |= self.source != Source::GuardDuty;
                (CoverageState::Complete, None)
            }
            Some(Switch::Off(why)) => self.off(&why),
            Some(Switch::Unknown(why)) => (CoverageState::Partial, Some(why)),
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
#[path = "memory_tests.rs"]
mod tests;
