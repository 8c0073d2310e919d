//! Announcing a new critical incident: the terminal's bell, and a notification of the desktop where the configuration wants it.
//!
//! Owns: what is news. What was on the screen when the first full read ended is announced once, in one sum: it was there before
//! anybody looked. After that each new incident counts, and those that come close together are one announcement. The incidents are
//! the list's: a finding that joins one that was announced is no news, unless that becomes critical by it. What was over and begins
//! again is news once more. What was announced stays
//! on the screen until a key is pressed on the list. Must never: announce an incident twice otherwise, or let text from outside
//! reach the terminal as it came.

use std::collections::{BTreeSet, HashSet};

use jiff::SignedDuration;

use super::effect::Effect;
use super::state::{State, Tone};
use crate::domain::{Severity, SeverityLabel, Time, Untrusted};
use crate::findings::index::{Slot, Taken};
use crate::findings::output::cut;

/// Between two announcements at least: a burst is one sound.
const APART: SignedDuration = SignedDuration::from_secs(10);
/// Columns of a notification's text.
const WIDTH: usize = 120;

/// What was announced, and what is to be.
#[derive(Debug, Default)]
pub struct Alerts {
    /// Whether the first full read has ended.
    caught_up: bool,
    /// Whether what waits is what that read found.
    begins: bool,
    /// Findings of the incidents that are known already, and of those that are known to be critical.
    known: HashSet<Slot>,
    critical: HashSet<Slot>,
    /// Findings that may be news.
    waiting: BTreeSet<Slot>,
    last: Option<Time>,
    /// What was announced since a key was last pressed on the list.
    unseen: Option<Unseen>,
    /// No more sound.
    pub muted: bool,
}

/// Incidents that were announced and that nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unseen {
    /// Those that came since the first full read, and those that this found.
    incidents: usize,
    at_start: usize,
    /// The worst of them, in words that are safe to show.
    worst: (Severity, String),
}

impl Alerts {
    /// What was announced since a key was last pressed on the list, for the screen: `3 new critical: …`. What the first read found is
    /// not said to be new: an earlier start may have shown it.
    #[must_use]
    pub fn unseen(&self, at: SeverityLabel) -> Option<String> {
        let unseen = self.unseen.as_ref()?;
        let (at, headline) = (from_on(at), &unseen.worst.1);
        Some(match (unseen.incidents, unseen.at_start) {
            (0, old) => format!("{old} {at} at the start: {headline}"),
            (new, 0) => format!("{new} new {at}: {headline}"),
            (new, old) => format!("{new} new {at}, {old} at the start: {headline}"),
        })
    }
}

/// An announcement. The text is safe: no control characters, one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub text: String,
    pub bell: bool,
    pub desktop: super::duty::Desktop,
}

/// Takes in a finding that is new or has changed.
pub(super) fn found(state: &mut State, taken: &Taken) {
    let slot = taken.slot;
    let finding = state.index.at(slot);
    if taken.reopens(&state.index) {
        state.alerts.known.remove(&slot);
        state.alerts.critical.remove(&slot);
    }
    if !finding.archived && finding.severity >= state.duty.alert.at.floor() {
        state.alerts.waiting.insert(slot);
    }
}

/// Somebody looked at the list.
pub(super) fn seen(state: &mut State) {
    state.alerts.unseen = None;
}

/// The first full read, or a later one, has ended.
pub(super) fn round(state: &mut State) {
    let alerts = &mut state.alerts;
    alerts.begins |= !alerts.caught_up && !alerts.waiting.is_empty();
    alerts.caught_up = true;
}

/// Announces what waits, if it is time.
pub(super) fn tick(state: &mut State) -> Option<Effect> {
    let now = state.now;
    let alerts = &mut state.alerts;
    let soon = alerts.last.is_some_and(|last| now.duration_since(last) < APART);
    if !alerts.caught_up || alerts.waiting.is_empty() || soon {
        return None;
    }
    let begins = std::mem::take(&mut alerts.begins);
    let (found, worst) = news(state)?;
    let at = from_on(state.duty.alert.at);
    let text = match (found, begins) {
        (1, true) => format!("One {at} at the start: {}", worst.1),
        (1, false) => format!("New {at}: {}", worst.1),
        (_, true) => format!("{found} incidents are {at} at the start; the worst: {}", worst.1),
        (_, false) => format!("{found} new incidents are {at}; the worst: {}", worst.1),
    };
    let (new, old) = if begins { (0, found) } else { (found, 0) };
    let alerts = &mut state.alerts;
    alerts.last = Some(now);
    alerts.unseen = Some(match alerts.unseen.take() {
        None => Unseen {
            incidents: new,
            at_start: old,
            worst,
        },
        // Of equals the newest: who looks now knows nothing of any of them.
        Some(before) => Unseen {
            incidents: before.incidents + new,
            at_start: before.at_start + old,
            worst: if worst.0 >= before.worst.0 { worst } else { before.worst },
        },
    });
    let settings = state.duty.alert;
    let silent = state.alerts.muted || (!settings.bell && settings.desktop == super::duty::Desktop::Off);
    (!silent).then_some(Effect::Alert(Alert {
        text,
        bell: settings.bell,
        desktop: settings.desktop,
    }))
}

/// How many incidents are new, and how bad the worst of them is, in words.
fn news(state: &mut State) -> Option<(usize, (Severity, String))> {
    let waiting = std::mem::take(&mut state.alerts.waiting);
    let groups: BTreeSet<Slot> = waiting.iter().map(|slot| state.groups.of(*slot)).collect();
    let mut new = 0;
    let mut worst: Option<(Severity, Slot)> = None;
    for group in groups {
        let alerts = &mut state.alerts;
        let members = state.groups.members(group);
        let lead = state.groups.lead(group, &state.index);
        let made = state.groups.made(group);
        let (severity, archived) = made.map_or((lead.severity, lead.archived), |i| (i.severity, i.archived));
        if archived {
            continue;
        }
        let critical = severity.label() == SeverityLabel::Critical;
        let is_new = !members.iter().any(|slot| alerts.known.contains(slot));
        let has_risen = critical && !members.iter().any(|slot| alerts.critical.contains(slot));
        // What joined what is known is known from now on, so that it is no news where it is split off.
        let come = members
            .iter()
            .filter(|slot| is_new || has_risen || waiting.contains(slot));
        for slot in come {
            alerts.known.insert(*slot);
            if critical {
                alerts.critical.insert(*slot);
            }
        }
        if is_new || has_risen {
            new += 1;
            worst = worst.max(Some((severity, group)));
        }
    }
    let (severity, group) = worst?;
    let title = &state.groups.lead(group, &state.index).title;
    // The announcement says `critical` itself, where it is of nothing less.
    let words = if state.duty.alert.at == SeverityLabel::Critical {
        title.to_string()
    } else {
        format!("{} {title}", severity.label())
    };
    let headline = cut(&Untrusted::new(words).shown(), WIDTH).into_owned();
    Some((new, (severity, headline)))
}

/// `critical`, `high or worse`.
fn from_on(at: SeverityLabel) -> String {
    if at == SeverityLabel::Critical {
        at.to_string()
    } else {
        format!("{at} or worse")
    }
}

/// Sound off, or on again.
pub(super) fn mute(state: &mut State) {
    state.alerts.muted = !state.alerts.muted;
    let said = if state.alerts.muted {
        "Muted: new incidents make no sound; they are still shown."
    } else {
        "New incidents make a sound again."
    };
    state.say(Tone::Plain, said);
}

#[cfg(test)]
#[path = "alert_tests.rs"]
mod tests;
