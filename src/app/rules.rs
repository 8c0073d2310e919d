//! Urgent notifications that a rule of the configuration sends without a key.
//!
//! Owns: which incidents are told of, when, and how many at once. The notification is the plan of `notify-sns`, confirmed by
//! `Confirmed::by_rule`, which refuses every other plan. What is told of is the incident as the list has it, whichever of its
//! findings came; it is told of once more where it has become critical since, and anew where all of it was over and begins again.
//! Must never: tell of an incident twice otherwise, run where nothing may be changed, confirm anything else, or forget an incident because a notification did not go out.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::SignedDuration;

use super::duty::{Deed, Rule};
use super::effect::Effect;
use super::state::{State, Tone};
use super::steps;
use super::telling::confirm;
use super::told::Told;
use crate::domain::{Arn, IncidentId, SeverityLabel, Time, Untrusted};
use crate::findings::incident::Incident;
use crate::findings::index::{Slot, Taken};
use crate::journal::Record;

/// Incidents that one summing-up names; the rest waits for the next.
const SUMMED: usize = 100;
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
/// A notification that did not go out is tried again after a minute, then after twice as long each time, up to this.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(60);

/// What waits to be told, and what was.
#[derive(Debug, Default)]
pub struct Rules {
    /// Whether the first full read has ended: what it found may be old news.
    caught_up: bool,
    /// Told of, as the journal says.
    pub(super) told: Told,
    /// Under way: asked for and not answered.
    sending: Option<Vec<Telling>>,
    /// The number of the rule that sends, or sent last, and its topic's name.
    by: (usize, String),
    /// Findings whose incidents are to be told of, unless they were.
    waiting: BTreeMap<Slot, Waiting>,
    /// When single notifications went out, in the last minute.
    sent: VecDeque<Time>,
    /// Whether it was said that there is no topic.
    complained: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    tries: u32,
    /// Not tried again before this.
    not_before: Option<Time>,
}

impl Waiting {
    /// After so many tries that failed before this one.
    fn again(before: u32, now: Time) -> Self {
        let tries = before.saturating_add(1);
        let times = 1_i32.checked_shl(tries - 1).filter(|times| *times > 0);
        let pause = times.and_then(|times| MINUTE.checked_mul(times));
        let pause = pause.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
        Self {
            tries,
            not_before: now.checked_add(pause).ok(),
        }
    }
}

/// An incident that is to be told of.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    pub incident: Arc<Incident>,
    /// Those of its findings that wait.
    findings: Vec<Slot>,
    waiting: Waiting,
}

impl Telling {
    pub fn id(&self) -> &IncidentId {
        &self.incident.id
    }

    /// A finding of its group.
    pub fn group(&self) -> Option<Slot> {
        self.findings.first().copied()
    }
}

impl Rules {
    /// Before anything was found, and with what the journal says.
    pub(super) fn of(journal: &[Record]) -> Self {
        let mut rules = Self::default();
        for record in journal {
            rules.told.journal.learn(record);
        }
        rules
    }
}

/// Takes in a finding that is new or has changed.
pub(super) fn found(state: &mut State, taken: &Taken) {
    let slot = taken.slot;
    let finding = state.index.at(slot);
    if finding.archived || !state.mode.can_change() {
        return;
    }
    if taken.reopens(&state.index) {
        state.rules.told.reopened(slot, &state.index, state.now);
    }
    let Some(rule) = state.duty.rule(Deed::Notify, finding.severity) else {
        return;
    };
    let oldest = SignedDuration::from_hours(i64::from(rule.not_older_hours));
    let age = finding
        .updated_at
        .or(finding.first_seen)
        .map(|at| state.now.duration_since(at));
    // What has no time is told of: better once too often than never.
    if !state.rules.caught_up && age.is_some_and(|age| age > oldest) {
        return;
    }
    // Which incident it is in is only known once all that came with it is in its groups.
    state.rules.waiting.entry(slot).or_default();
}

/// A full read has ended.
pub(super) fn round(state: &mut State) {
    state.rules.caught_up = true;
}

/// Learns from the journal what was told of, whoever did it. What AWS refused to tell of waits again.
pub(super) fn learn(state: &mut State, record: &Record) {
    let refused = state.rules.told.journal.learn(record);
    if !state.mode.can_change() || record.time < state.since {
        return;
    }
    for id in refused {
        // What this console sends itself is tried again by `done`.
        let sending = state.rules.sending.iter().flatten();
        let group = state.groups.named(&id, &state.index);
        let Some(group) = group.filter(|_| !sending.clone().any(|one| one.incident.is(&id))) else {
            continue;
        };
        let lead = state.groups.lead(group, &state.index);
        let is_wanted = !lead.archived && state.duty.rule(Deed::Notify, lead.severity).is_some();
        if let Some(slot) = state.index.slot_of(&lead.key()).filter(|_| is_wanted) {
            // Later than the console that was refused, which may be there no more.
            let waiting = Waiting::again(1, state.now);
            state.rules.waiting.entry(slot).or_insert(waiting);
        }
    }
}

/// Sends what waits, if it may: one at a time, so many a minute, and the rest in one.
pub(super) fn tick(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    let rules = &mut state.rules;
    if rules.sending.is_some() || rules.waiting.is_empty() || state.identity.is_none() {
        return Vec::new();
    }
    while rules.sent.front().is_some_and(|at| now.duration_since(*at) >= MINUTE) {
        rules.sent.pop_front();
    }
    let Some(rule) = state.duty.rules.iter().find(|rule| rule.deed == Deed::Notify) else {
        return Vec::new();
    };
    let (most, sent) = (
        usize::try_from(rule.most_a_minute).unwrap_or(usize::MAX),
        rules.sent.len(),
    );
    if sent > most || (state.topic.is_none() && rules.complained) {
        return Vec::new();
    }
    let mut all = untold(state);
    all.retain(|one| one.waiting.not_before.is_none_or(|at| now >= at));
    // The worst first; of equals the one that was seen first.
    all.sort_by_cached_key(|one| {
        let incident = &one.incident;
        (
            std::cmp::Reverse(incident.severity),
            incident.first_seen,
            one.id().clone(),
        )
    });
    let Some(rule) = all
        .first()
        .and_then(|one| state.duty.rule(Deed::Notify, one.incident.severity))
    else {
        return Vec::new();
    };
    let rule = rule.clone();
    let Some(topic) = state.topic.clone() else {
        state.rules.complained = true;
        let said = "A rule wants to notify, and there is no topic: set notify.topic in the configuration.";
        state.say(Tone::Bad, said);
        return Vec::new();
    };
    // The last one of a minute sums up; those that come later wait for the next minute.
    all.truncate(if sent < most { 1 } else { SUMMED });
    send(state, &topic, &rule, all)
}

/// The incidents that wait, each once. Those that were told of, or are archived by now, wait no longer.
fn untold(state: &mut State) -> Vec<Telling> {
    let mut by_group: BTreeMap<Slot, Telling> = BTreeMap::new();
    for (slot, waiting) in &state.rules.waiting {
        let group = state.groups.of(*slot);
        let telling = by_group.entry(group).or_insert_with(|| Telling {
            incident: state.groups.incident(group, &state.index),
            findings: Vec::new(),
            waiting: Waiting::default(),
        });
        telling.findings.push(*slot);
        telling.waiting.tries = telling.waiting.tries.max(waiting.tries);
        telling.waiting.not_before = telling.waiting.not_before.max(waiting.not_before);
    }
    let Rules { told, waiting, .. } = &mut state.rules;
    let mut all = Vec::new();
    for (group, one) in by_group {
        let incident = &one.incident;
        let findings = state.groups.members(group);
        if incident.archived || told.knows(incident, findings, is_critical(incident), (&state.index, state.now)) {
            for slot in &one.findings {
                waiting.remove(slot);
            }
        } else {
            all.push(one);
        }
    }
    all
}

pub(super) fn is_critical(incident: &Incident) -> bool {
    incident.severity.label() == SeverityLabel::Critical
}

fn send(state: &mut State, topic: &Arn, rule: &Rule, mut told: Vec<Telling>) -> Vec<Effect> {
    let mut confirmed = confirm(state, topic, rule, &told);
    if confirmed.is_err() && told.len() > 1 {
        // One of them may be what cannot be told, so the worst goes alone; the others go on waiting.
        told.truncate(1);
        confirmed = confirm(state, topic, rule, &told);
    }
    let confirmed = match confirmed {
        Ok(confirmed) => confirmed,
        Err(why) => {
            state.say(Tone::Bad, format!("Rule {} could not notify: {why}", rule.number));
            later(state, &told);
            return Vec::new();
        }
    };
    for slot in told.iter().flat_map(|one| &one.findings) {
        state.rules.waiting.remove(slot);
    }
    let mut effects: Vec<Effect> = told
        .iter()
        .filter_map(|one| steps::journal_incident(state, one.id(), &one.incident.lead))
        .collect();
    state.rules.sent.push_back(state.now);
    state.rules.sending = Some(told);
    state.rules.by = (rule.number, Untrusted::new(topic.name()).shown());
    effects.push(Effect::ApplyByRule(Box::new(confirmed)));
    effects
}

/// Lets incidents wait that could not be told of, the longer the more often that was tried. Nobody knows of them until it works.
fn later(state: &mut State, told: &[Telling]) {
    for one in told {
        let waiting = Waiting::again(one.waiting.tries, state.now);
        let slots = one.findings.iter().map(|slot| (*slot, waiting));
        state.rules.waiting.extend(slots);
    }
}

/// What became of a notification. One that did not go out is tried again.
pub(super) fn done(state: &mut State, trouble: Option<String>) {
    let told = state.rules.sending.take().unwrap_or_default();
    let ids: Vec<&str> = told.iter().map(|one| one.id().as_str()).collect();
    let Some(trouble) = trouble else {
        state.say(Tone::Plain, format!("A rule notified the topic of {}.", few(&ids)));
        return;
    };
    let (rule, topic) = &state.rules.by;
    // A refusal that names the topic need not do so twice: the line is short.
    let through = if trouble.contains(topic.as_str()) {
        String::new()
    } else {
        format!(" {topic}")
    };
    let said = format!("Rule {rule} could not notify{through} of {}: {trouble}", few(&ids));
    state.say(Tone::Bad, said);
    // Where the journal has the confirmation, and AWS did not refuse it, the message may have gone out: it is never sent again.
    let mut again = told;
    again.retain(|one| {
        let findings = one
            .group()
            .map_or(&[][..], |slot| state.groups.members(state.groups.of(slot)));
        let (incident, known) = (&one.incident, &state.rules.told);
        !known.knows(incident, findings, is_critical(incident), (&state.index, state.now))
    });
    later(state, &again);
}

fn few(ids: &[&str]) -> String {
    match ids {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

#[cfg(test)]
#[path = "rules_again_tests.rs"]
mod again_tests;
#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
