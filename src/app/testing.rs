//! A console for tests of what happens without a key: signed in, with rules, told of findings by events alone.

use std::sync::Arc;

use super::duty::{Deed, Duty, Rule};
use super::state::{Identity, Start};
use super::{Effect, Event, Key, KeyMap, Mode, State, update};
use crate::domain::{IncidentId, Principal, Resource, ResourceKind, Severity, Time, Untrusted};
use crate::findings::incident::id_of;
use crate::findings::{Finding, samples};
use crate::journal::{RECORD_VERSION, Record, What};
use crate::playbook::{Classification, Library};

pub const ME: &str = "arn:aws:sts::222222222222:assumed-role/ir/oncall-1";
pub const OTHER: &str = "arn:aws:sts::222222222222:assumed-role/ir/oncall-2";

pub const MANAGEMENT: &str = "111111111111";

pub fn now() -> Time {
    "2026-11-21T18:14:09Z".parse().unwrap()
}

pub fn rule(at: f64, deed: Deed) -> Rule {
    Rule {
        at: Severity::from_score(at),
        deed,
        number: 1,
        file: "/etc/quell/config.toml".to_owned(),
        not_older_hours: 24,
        most_a_minute: 3,
    }
}

pub fn state(mode: Mode, rules: Vec<Rule>) -> State {
    let mut state = State::new(Start {
        mode,
        zone: jiff::tz::TimeZone::UTC,
        now: now(),
        keys: KeyMap::default(),
        topic: Some("arn:aws:sns:us-east-1:222222222222:incidents".parse().unwrap()),
        classification: Classification::built_in(),
        playbooks: Library::built_in(),
        look: crate::app::views::Look::default(),
        choices: std::collections::BTreeMap::new(),
        management: Some(MANAGEMENT.parse().unwrap()),
        duty: Duty {
            rules,
            ..Duty::default()
        },
        window: crate::findings::incident::WINDOW,
    });
    let identity = Identity {
        arn: ME.to_owned(),
        account: "222222222222".parse().unwrap(),
        endpoint: None,
        how: String::new(),
    };
    send(&mut state, Event::Identified(identity));
    state
}

/// A finding with this id and score, last seen so long ago, on an instance of its own.
pub fn finding(id: &str, score: f64, minutes_ago: i64) -> Finding {
    let at = now().checked_sub(jiff::SignedDuration::from_mins(minutes_ago)).unwrap();
    let finding = Finding {
        id: Untrusted::new(id),
        severity: Severity::from_score(score),
        first_seen: Some(at),
        updated_at: Some(at),
        // Another version of it is evidence of its own.
        digest: score.to_bits() ^ minutes_ago.unsigned_abs(),
        others: Vec::new(),
        principal: Principal::default(),
        ..samples::finding()
    };
    let own = id_of(&finding);
    let instance = format!("i-0ab12cd34{}", own.trim_start_matches("q-"));
    on_instance(finding, &instance)
}

/// The same on this instance: findings on one instance are one incident.
pub fn on_instance(finding: Finding, instance: &str) -> Finding {
    Finding {
        resource: Resource::new(ResourceKind::Instance, instance),
        ..finding
    }
}

pub fn send(state: &mut State, event: Event) -> Vec<Effect> {
    update(state, event)
}

pub fn found(state: &mut State, findings: impl IntoIterator<Item = Finding>) {
    let findings = findings.into_iter().map(Arc::new).collect();
    assert!(
        send(state, Event::Findings(findings)).is_empty(),
        "a page alone does nothing"
    );
}

/// Lets time pass, and says what is then to be done outside.
pub fn after(state: &mut State, seconds: i64) -> Vec<Effect> {
    let later = state.now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
    send(state, Event::Tick(later))
}

pub fn press(state: &mut State, key: &str) -> Vec<Effect> {
    let at = state.now.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
    send(state, Event::Key(key.parse::<Key>().unwrap(), at))
}

pub fn recorded(state: &mut State, seq: u64, who: &str, incident: &str, what: What) {
    let record = Record {
        v: RECORD_VERSION,
        seq,
        time: state.now,
        prev: String::new(),
        who: who.to_owned(),
        incident: Some(IncidentId::from(incident)),
        what,
    };
    send(state, Event::Recorded(Box::new(record)));
}

pub fn said(state: &State) -> &str {
    state.message.as_ref().map_or("", |m| m.text.as_str())
}

/// A finding that nothing groups with the others: of an account, and on an instance, of its own.
pub fn apart(number: u8, score: f64) -> Finding {
    let instance = format!("i-{number:017x}");
    Finding {
        account: format!("{:012}", 300_000_000_000 + u64::from(number)).parse().unwrap(),
        resource: Resource::new(ResourceKind::Instance, instance),
        others: Vec::new(),
        principal: Principal::default(),
        ..finding(&format!("apart-{number}"), score, 5)
    }
}

/// Lets the journal have what it is told, and leaves the rest.
pub fn journaled(state: &mut State, effects: Vec<Effect>) {
    for effect in effects {
        if let Effect::Note { incident, what } = effect {
            let seq = state.journal.last().map_or(1, |r| r.seq + 1);
            recorded(state, seq, ME, &incident.unwrap(), what);
        }
    }
}

/// The list with findings of different accounts that were merged into one incident.
pub fn merged(findings: impl IntoIterator<Item = Finding>) -> State {
    let mut state = state(Mode::Respond, Vec::new());
    found(&mut state, findings);
    after(&mut state, 1);
    for _ in 0..state.rows(0, usize::MAX).len() {
        press(&mut state, "space");
    }
    let effects = press(&mut state, "&");
    journaled(&mut state, effects);
    after(&mut state, 1);
    assert_eq!(state.rows(0, usize::MAX).len(), 1, "{}", said(&state));
    state
}
