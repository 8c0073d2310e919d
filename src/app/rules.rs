//! Urgent notifications that a rule of the configuration sends without a key.
//!
//! Owns: which incidents are told of, when, and how many at once. The notification is the plan of `notify-sns`, confirmed by
//! `Confirmed::by_rule`, which refuses every other plan. Must never: tell of an incident twice, run where nothing may be changed,
//! or confirm anything else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::sync::Arc;

use jiff::SignedDuration;

use super::duty::{Deed, Rule};
use super::effect::Effect;
use super::incident::incident_id;
use super::state::{State, Tone};
use super::steps;
use crate::action::{self, ActionName, Confirmed, Facts, Notice};
use crate::domain::{Arn, IncidentId, Resource, ResourceKind, Time};
use crate::findings::Finding;
use crate::findings::incident::Incident;
use crate::journal::{Record, What};

/// Incidents that one summing-up names; the rest waits for the next.
const SUMMED: usize = 100;
/// A notification that did not go out is tried again this often.
const TRIES: u8 = 3;
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// What waits to be told, and what was.
#[derive(Debug, Default)]
pub struct Rules {
    /// Whether the first full read has ended: what it found may be old news.
    caught_up: bool,
    /// Told of, as the journal says.
    told: BTreeSet<IncidentId>,
    /// Under way: asked for and not answered.
    sending: Option<Vec<Waiting>>,
    waiting: BTreeMap<IncidentId, Waiting>,
    /// When single notifications went out, in the last minute.
    sent: VecDeque<Time>,
    /// Whether it was said that there is no topic.
    complained: bool,
}

#[derive(Clone, Debug)]
struct Waiting {
    id: IncidentId,
    finding: Arc<Finding>,
    tries: u8,
    /// Not tried again before this.
    not_before: Option<Time>,
}

/// Takes in a finding that is new or has changed.
pub(super) fn found(state: &mut State, finding: &Arc<Finding>) {
    if finding.archived || !state.mode.can_change() {
        return;
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
    let id = incident_id(finding);
    let sending = state.rules.sending.iter().flatten().any(|w| w.id == id);
    if sending || state.rules.told.contains(&id) {
        return;
    }
    state.rules.waiting.entry(id.clone()).or_insert_with(|| Waiting {
        id,
        finding: Arc::clone(finding),
        tries: 0,
        not_before: None,
    });
}

/// A full read has ended.
pub(super) fn round(state: &mut State) {
    state.rules.caught_up = true;
}

/// Learns from the journal what was told of, whoever did it.
pub(super) fn learn(state: &mut State, record: &Record) {
    if let What::Confirmed { rule: Some(rule), .. } = &record.what {
        for incident in &rule.incidents {
            state.rules.waiting.remove(incident);
            state.rules.told.insert(incident.clone());
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
    let Some(topic) = state.topic.clone() else {
        if !std::mem::replace(&mut rules.complained, true) {
            let said = "A rule wants to notify, and there is no topic: set notify.topic in the configuration.";
            state.say(Tone::Bad, said);
        }
        return Vec::new();
    };
    let Some(rule) = state.duty.rules.iter().find(|rule| rule.deed == Deed::Notify).cloned() else {
        return Vec::new();
    };
    let (most, sent) = (
        usize::try_from(rule.most_a_minute).unwrap_or(usize::MAX),
        state.rules.sent.len(),
    );
    if sent > most {
        return Vec::new();
    }
    // The worst first; of equals the one that was seen first.
    let due = |w: &&Waiting| w.not_before.is_none_or(|at| now >= at);
    let mut all: Vec<Waiting> = state.rules.waiting.values().filter(due).cloned().collect();
    all.sort_by_key(|w| {
        (
            std::cmp::Reverse(w.finding.severity),
            w.finding.first_seen,
            w.id.clone(),
        )
    });
    let Some(rule) = all
        .first()
        .and_then(|w| state.duty.rule(Deed::Notify, w.finding.severity))
    else {
        return Vec::new();
    };
    let rule = rule.clone();
    // The last one of a minute sums up; those that come later wait for the next minute.
    all.truncate(if sent < most { 1 } else { SUMMED });
    send(state, &topic, &rule, all)
}

fn send(state: &mut State, topic: &Arn, rule: &Rule, told: Vec<Waiting>) -> Vec<Effect> {
    let confirmed = match confirm(state, topic, rule, &told) {
        Ok(confirmed) => confirmed,
        Err(why) => {
            // What cannot be planned now cannot be planned again either: it is said and not tried again.
            for w in &told {
                state.rules.waiting.remove(&w.id);
            }
            state.say(Tone::Bad, format!("Rule {} could not notify: {why}", rule.number));
            return Vec::new();
        }
    };
    let mut effects: Vec<Effect> = told
        .iter()
        .filter_map(|w| steps::journal_incident(state, &w.id, &w.finding))
        .collect();
    for w in &told {
        state.rules.waiting.remove(&w.id);
    }
    state.rules.sent.push_back(state.now);
    state.rules.sending = Some(told);
    effects.push(Effect::ApplyByRule(Box::new(confirmed)));
    effects
}

fn confirm(state: &State, topic: &Arn, rule: &Rule, told: &[Waiting]) -> Result<Confirmed, String> {
    let first = told.first().ok_or("there is nothing to tell of")?;
    let (Ok(account), Ok(region)) = (topic.account().parse(), topic.region().parse()) else {
        return Err(format!("{topic} names no account and region."));
    };
    let notice = match told {
        [one] => {
            let incident = state.incident_of(&one.finding.key());
            let incident = incident.unwrap_or_else(|| Arc::new(Incident::alone(Arc::clone(&one.finding))));
            steps::notice(state, topic.clone(), &one.id, &incident)
        }
        many => sum(topic, many),
    };
    let target = Resource::new(ResourceKind::Topic, topic.as_str());
    let mut request = steps::request(
        state,
        ActionName::NotifySns,
        target,
        &first.id,
        &first.finding,
        region,
        Some(notice),
    );
    request.account = account;
    let plan = match action::plan(&request, None, &Facts::default()) {
        Ok(plan) => plan,
        Err(action::Stop::Refuse(refusal)) => return Err(refusal.to_string()),
        Err(action::Stop::Ask(_)) => return Err("a notification asked for facts".to_owned()),
    };
    let incidents = told.iter().map(|w| w.id.clone()).collect();
    Confirmed::by_rule(plan, rule.confirms(incidents), state.now).map_err(|e| e.to_string())
}

/// One notice about many incidents.
fn sum(topic: &Arn, many: &[Waiting]) -> Notice {
    let worst = many.first().map(|w| w.finding.severity.label());
    let worst = worst.map_or("", crate::domain::SeverityLabel::short);
    let mut message = format!("{} incidents that came close together:\n", many.len());
    for one in many {
        let f = &one.finding;
        let _ = writeln!(
            message,
            "{} {} {} {} in {} {}: {}",
            one.id,
            f.severity.label(),
            f.headline(),
            f.resource,
            f.account,
            f.region,
            f.subline()
        );
    }
    Notice {
        topic: topic.clone(),
        subject: format!("[quell] {worst} {} incidents", many.len()),
        message,
    }
}

/// What became of a notification. One that did not go out is tried again, a few times.
pub(super) fn done(state: &mut State, trouble: Option<String>) {
    let told = state.rules.sending.take().unwrap_or_default();
    let ids: Vec<&str> = told.iter().map(|w| w.id.as_str()).collect();
    let Some(trouble) = trouble else {
        state.say(Tone::Plain, format!("A rule notified the topic of {}.", few(&ids)));
        return;
    };
    state.say(
        Tone::Bad,
        format!("A rule could not notify of {}: {trouble}", few(&ids)),
    );
    for mut one in told {
        one.tries += 1;
        one.not_before = state.now.checked_add(MINUTE).ok();
        // Where the journal has the confirmation, the message may have gone out: it is never sent again.
        if one.tries < TRIES && !state.rules.told.contains(&one.id) {
            state.rules.waiting.insert(one.id.clone(), one);
        }
    }
}

fn few(ids: &[&str]) -> String {
    match ids {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
