//! The one way the state changes.

use crate::action::Prediction;
use std::sync::Arc;

use bytes::Bytes;
use jiff::tz::TimeZone;

use super::alert;
use super::apply;
use super::collecting;
use super::context;
use super::coverage;
use super::earlier;
use super::effect::Effect;
use super::event::Event;
use super::incident::{IncidentScreen, Pane};
use super::keys;
use super::list::{self, Row};
use super::plan::{Next, PlanScreen, Stage};
use super::prepared;
use super::presumed;
use super::rules;
use super::state::{Prompt, Screen, State, Tone};
use super::{regroup, run};
use crate::action::Reading;
use crate::domain::{AccountId, Untrusted};
use crate::findings::index::{Merged, Slot};
use crate::findings::{Finding, FindingKey, pages};
use crate::journal::Record;

/// Takes in an event, and says what has to be done outside.
#[must_use]
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key, at) => keys::key(state, key, at),
        Event::Paste(text) => {
            keys::paste(state, &text);
            Vec::new()
        }
        Event::Wheel(lines) => {
            run::scroll(state, isize::from(lines));
            Vec::new()
        }
        Event::Resize(columns, rows) => {
            state.size = (columns, rows);
            Vec::new()
        }
        Event::Tick(now) => {
            state.now = now;
            list::tick(state);
            coverage::refresh(state);
            let mut effects = super::incident::ask(state);
            effects.extend(on_duty(state));
            effects
        }
        Event::Presumed(identity) => presumed::presumed(state, identity),
        Event::Withdrawn(told) => presumed::withdrawn(state, told),
        Event::Identified(identity) => presumed::identified(state, identity),
        Event::Accounts(accounts) => {
            named(state, accounts);
            Vec::new()
        }
        Event::Fatal(why) => fatal(state, why),
        Event::Findings(findings) => found(state, findings),
        Event::Idle => {
            list::work(state);
            Vec::new()
        }
        Event::Round => {
            alert::round(state);
            rules::round(state);
            Vec::new()
        }
        Event::RuleDone { trouble } => {
            rules::done(state, trouble);
            Vec::new()
        }
        Event::Way { how, may_miss } => {
            state.coverage.may_miss(may_miss.then(|| how.clone()));
            if let Some(identity) = &mut state.identity {
                identity.how = how;
            }
            Vec::new()
        }
        Event::Offline(told) => set(&mut state.offline, told),
        Event::NotUnderstood { entries, count } => {
            state.coverage.not_understood(entries, count);
            Vec::new()
        }
        Event::Evidence { key, raw, earlier } => evidence(state, &key, &raw, earlier),
        Event::Earlier { key, events } => earlier::listed(state, &key, &events),
        Event::EarlierEvent { key, digest, raw } => earlier::fetched(state, &key, digest, &raw),
        Event::Coverage(row) => {
            state.coverage.insert(row);
            Vec::new()
        }
        Event::Uncovered(place, source) => {
            state.coverage.remove(place.account, &place.region, source);
            Vec::new()
        }
        Event::Read { number, readings } => read(state, number, readings),
        Event::Predicted(prediction) => predicted(state, *prediction),
        Event::Recorded(record) => {
            recorded(state, &record);
            Vec::new()
        }
        Event::ApplyRefused { why } => apply::refused(state, why),
        Event::ApplyBegan { seq } => apply::began(state, seq),
        Event::CallSent { call } => apply::sent(state, call),
        Event::CallAnswered { call, outcome } => apply::answered(state, call, outcome),
        Event::CallsEnded { trouble } => apply::calls_ended(state, trouble),
        Event::Checked { seq, checks, last } => apply::checked(state, seq, &checks, last),
        Event::Reported { path } => {
            state.say(
                Tone::Good,
                format!("Report written to {}", crate::domain::Untrusted::new(path)),
            );
            Vec::new()
        }
        Event::Collected { incident, result } => collecting::ended(state, incident, result),
        Event::Organization(account) => {
            // What the configuration names stays: it may be the account that the services are delegated to.
            state.management.get_or_insert(account);
            Vec::new()
        }
        Event::Failed(why) => {
            state.say(Tone::Bad, why);
            Vec::new()
        }
    }
}

/// Takes in what accounts are called. One that comes without a name may have been named by the cache.
fn named(state: &mut State, accounts: Vec<(AccountId, Untrusted)>) {
    for (account, name) in accounts {
        let known = state.account_names.entry(account).or_insert_with(|| name.clone());
        if !name.is_empty() {
            *known = name;
        }
    }
    list::renamed(state);
}

/// Takes in a finding. None where that changed nothing.
fn take(state: &mut State, finding: Arc<Finding>) -> Option<Slot> {
    let taken = state.index.insert(finding);
    if taken.merged == Merged::Unchanged {
        return None;
    }
    state.groups.follow(&taken, &state.index);
    alert::found(state, &taken);
    rules::found(state, &taken);
    prepared::found(state, taken.slot);
    Some(taken.slot)
}

/// Takes in a page of findings.
fn found(state: &mut State, findings: Vec<Arc<Finding>>) -> Vec<Effect> {
    for finding in findings {
        let Some(slot) = take(state, finding) else { continue };
        let over = pages::over(state.index.at(slot), |key| state.index.get(key).map(AsRef::as_ref));
        for page in over {
            take(state, Arc::new(page));
        }
    }
    // The list is worked out once a tick, not once a page: thousands may stream in. But whoever looks at an empty screen waits for the
    // first, and would meanwhile read that nothing matches.
    state.list.dirty = true;
    if state.list.total() == 0 {
        list::settle(state);
    }
    Vec::new()
}

/// What the configuration wants to happen without a key.
fn on_duty(state: &mut State) -> Vec<Effect> {
    let mut effects = rules::tick(state);
    effects.extend(alert::tick(state));
    effects.extend(prepared::tick(state));
    effects
}

/// Takes in a record. It may be told twice, by who wrote it and by who follows the file, and in either order.
fn recorded(state: &mut State, record: &Record) {
    if let Err(place) = state.journal.binary_search_by_key(&record.seq, |r| r.seq) {
        state.claims.learn(record);
        rules::learn(state, record);
        state.journal.insert(place, record.clone());
        regroup::recorded(state, place);
        super::claiming::told(state, record);
    }
}

/// Nothing can be read: the first time, or once more.
fn fatal(state: &mut State, why: String) -> Vec<Effect> {
    if state.fatal.is_some() {
        state.say(Tone::Bad, "Tried again, and it still cannot be read.");
    }
    set(&mut state.fatal, why)
}

/// Notes a sentence that stays.
fn set(sentence: &mut Option<String>, told: String) -> Vec<Effect> {
    *sentence = Some(told);
    Vec::new()
}

/// Hands what AWS sent to the screen that shows it.
fn evidence(state: &mut State, key: &FindingKey, raw: &Result<Bytes, String>, earlier: usize) -> Vec<Effect> {
    for screen in &mut state.screens {
        if let Screen::Incident(open) = screen
            && open.finding.key() == *key
        {
            open.raw_lines = match raw {
                Ok(raw) => super::incident::raw_lines(raw),
                Err(why) => vec![why.clone()],
            };
            if let Ok(raw) = raw {
                open.evidence(raw);
                open.earlier.count = earlier;
            }
        }
    }
    Vec::new()
}

/// Hands readings to the screen that asked for them; the answer to a screen that is gone is dropped.
fn read(state: &mut State, number: u64, readings: Vec<Reading>) -> Vec<Effect> {
    if let Some(effects) = prepared::read(state, number, &readings) {
        return effects;
    }
    let now = state.now;
    let place = state.screens.iter().position(|screen| match screen {
        Screen::Incident(incident) => incident.reading == Some(number),
        Screen::Plan(plan) => matches!(plan.stage, Stage::Reading { number: asked, .. } if asked == number),
        Screen::List | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => false,
    });
    let Some(place) = place else { return Vec::new() };
    let next = state.read_number();
    let zone = state.zone.clone();
    let effect = match &mut state.screens[place] {
        Screen::Incident(incident) => {
            for reading in readings {
                incident.facts.insert(reading);
            }
            incident.reading = None;
            read_context(incident, next, &zone)
        }
        Screen::Plan(plan) => {
            for reading in readings {
                plan.facts.insert(reading);
            }
            advance(plan, next, now)
        }
        Screen::List | Screen::Journal(_) | Screen::Coverage(_) | Screen::Help(_) => None,
    };
    effect.into_iter().collect()
}

/// Asks for what the context pane still lacks.
pub(super) fn read_context(incident: &mut IncidentScreen, number: u64, zone: &TimeZone) -> Option<Effect> {
    if incident.reading.is_some() {
        return None;
    }
    let queries = context::tree(&incident.incident, &incident.facts, zone).missing;
    if queries.is_empty() {
        return None;
    }
    incident.reading = Some(number);
    let (account, region) = (incident.finding.account, incident.finding.region.clone());
    Some(Effect::Read {
        number,
        account,
        region,
        queries,
    })
}

/// Keeps what was said beforehand with the plan that it is about, wherever that is among the screens.
fn predicted(state: &mut State, said: Prediction) -> Vec<Effect> {
    for screen in &mut state.screens {
        if let Screen::Plan(open) = screen
            && let Stage::Ready { digest, prediction, .. } = &mut open.stage
            && *digest == said.digest
        {
            *prediction = Some(said);
            break;
        }
    }
    Vec::new()
}

/// Takes a plan one step further: to its next round of reads, or to the plan or refusal itself.
pub(super) fn advance(plan: &mut PlanScreen, number: u64, now: crate::domain::Time) -> Option<Effect> {
    let round = match plan.stage {
        Stage::Reading { round, .. } => round + 1,
        Stage::Ready { .. } | Stage::Refused(_) | Stage::Applying(_) => return None,
    };
    match plan.advance(now) {
        Next::Settled => match &plan.stage {
            Stage::Ready { plan, .. } => Some(Effect::Predict(plan.clone())),
            Stage::Reading { .. } | Stage::Refused(_) | Stage::Applying(_) => None,
        },
        Next::Read(queries) => {
            plan.stage = Stage::Reading { number, round };
            let (account, region) = (plan.request.account, plan.request.region.clone());
            Some(Effect::Read {
                number,
                account,
                region,
                queries,
            })
        }
    }
}

/// Opens the incident under the cursor, or the one that the finding under it is in.
pub(super) fn open_incident(state: &mut State) -> Vec<Effect> {
    let opened = match state.current() {
        Some(Row::Incident(incident)) => Some((Arc::clone(&incident.lead), incident)),
        Some(Row::Finding(finding)) => state.incident_of(&finding.key()).map(|incident| (finding, incident)),
        None => None,
    };
    let Some((finding, incident)) = opened else {
        return Vec::new();
    };
    let key = finding.key();
    let mut incident = IncidentScreen::new(incident, finding);
    let number = state.read_number();
    let effect = read_context(&mut incident, number, &state.zone);
    if state.mode.can_change() {
        incident.pane = Pane::Finding;
    }
    state.screens.push(Screen::Incident(Box::new(incident)));
    state.prompt = None::<Prompt>;
    let mut effects = vec![Effect::Evidence { key }];
    effects.extend(effect);
    effects
}
