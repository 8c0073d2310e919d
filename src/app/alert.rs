//! Announcing a new critical incident: the terminal's bell, and a notification of the desktop where the configuration wants it.
//!
//! Owns: what is news. What was on the screen when the first full read ended is announced once, in one sum: it was there before
//! anybody looked. After that each new incident counts, and those that come close together are one announcement. Must never:
//! announce an incident twice, or let text from outside reach the terminal as it came.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::effect::Effect;
use super::incident::incident_id;
use super::state::{State, Tone};
use crate::domain::{IncidentId, Severity, Time, Untrusted};
use crate::findings::Finding;
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
    /// Incidents that are known already.
    known: BTreeSet<IncidentId>,
    /// New ones, with a line about the worst of them.
    waiting: BTreeSet<IncidentId>,
    line: String,
    worst: Severity,
    last: Option<Time>,
    /// No more sound.
    pub muted: bool,
}

/// An announcement. The text is safe: no control characters, one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub text: String,
    pub bell: bool,
    pub desktop: super::duty::Desktop,
}

/// Takes in a finding that is new or has changed.
pub(super) fn found(state: &mut State, finding: &Finding) {
    if finding.archived || finding.severity < state.duty.alert.at.floor() {
        return;
    }
    let id = incident_id(finding);
    let alerts = &mut state.alerts;
    if alerts.known.insert(id.clone()) {
        if alerts.waiting.is_empty() || finding.severity > alerts.worst {
            let words = format!("{} {}", finding.severity.label(), finding.title);
            alerts.worst = finding.severity;
            alerts.line = cut(&Untrusted::new(words).shown(), WIDTH).into_owned();
        }
        alerts.waiting.insert(id);
    }
}

/// The first full read, or a later one, has ended.
pub(super) fn round(state: &mut State) {
    state.alerts.caught_up = true;
}

/// Announces what waits, if it is time.
pub(super) fn tick(state: &mut State) -> Option<Effect> {
    let now = state.now;
    let alerts = &mut state.alerts;
    let soon = alerts.last.is_some_and(|last| now.duration_since(last) < APART);
    if !alerts.caught_up || alerts.waiting.is_empty() || soon {
        return None;
    }
    let waiting = std::mem::take(&mut alerts.waiting).len();
    let text = if waiting == 1 {
        format!("New: {}", alerts.line)
    } else {
        let at = state.duty.alert.at;
        let worse = if at == crate::domain::SeverityLabel::Critical {
            ""
        } else {
            " or worse"
        };
        format!("{waiting} new incidents are {at}{worse}; the worst: {}", alerts.line)
    };
    alerts.last = Some(now);
    let muted = alerts.muted;
    if state.prompt.is_none() && state.message.is_none() {
        state.say(Tone::Bad, text.clone());
    }
    let settings = state.duty.alert;
    let silent = muted || (!settings.bell && settings.desktop == super::duty::Desktop::Off);
    (!silent).then_some(Effect::Alert(Alert {
        text,
        bell: settings.bell,
        desktop: settings.desktop,
    }))
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
