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
    incidents: usize,
    /// The worst of them, in words that are safe to show.
    worst: (Severity, String),
}

impl Alerts {
    /// What was announced since a key was last pressed on the list, for the screen: `3 new critical: …`.
    #[must_use]
    pub fn unseen(&self, at: SeverityLabel) -> Option<String> {
        let unseen = self.unseen.as_ref()?;
        let (n, headline) = (unseen.incidents, &unseen.worst.1);
        Some(format!("{n} new {}: {headline}", from_on(at)))
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
    state.alerts.caught_up = true;
}

/// Announces what waits, if it is time.
pub(super) fn tick(state: &mut State) -> Option<Effect> {
    let now = state.now;
    let alerts = &state.alerts;
    let soon = alerts.last.is_some_and(|last| now.duration_since(last) < APART);
    if !alerts.caught_up || alerts.waiting.is_empty() || soon {
        return None;
    }
    let (new, worst) = news(state)?;
    let at = state.duty.alert.at;
    let text = if new == 1 {
        format!("New: {}", worst.1)
    } else {
        format!("{new} new incidents are {}; the worst: {}", from_on(at), worst.1)
    };
    let alerts = &mut state.alerts;
    alerts.last = Some(now);
    alerts.unseen = Some(match alerts.unseen.take() {
        None => Unseen { incidents: new, worst },
        // Of equals the newest: who looks now knows nothing of any of them.
        Some(before) => Unseen {
            incidents: before.incidents + new,
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
    let words = format!("{} {}", severity.label(), state.groups.lead(group, &state.index).title);
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
