//! What a rule sends, how often, and that it can do nothing else.

use super::super::incident::{incident_id, summary};
use super::super::playbook::{self, StepState};
use super::super::testing::{ME, after, finding, found, on_instance, recorded, rule, said, send, state};
use super::super::{Event, Mode};
use super::*;
use crate::action::{self, Confirmed};
use crate::action::{ByRule, Draft, Facts, KeyStatus, Mutation, NotConfirmed, Plan, PlannedCall, Request, Undo};
use crate::action::{Ec2Call, IamCall};
use crate::findings::Finding;
use crate::journal::What;

pub fn notifying() -> State {
    state(Mode::Respond, vec![rule(7.0, Deed::Notify)])
}

/// The notification among these effects.
pub fn sent(effects: Vec<Effect>) -> Option<Confirmed> {
    let mut found = None;
    for effect in effects {
        match effect {
            Effect::ApplyByRule(confirmed) => assert!(found.replace(*confirmed).is_none(), "one at a time"),
            Effect::Note { what, .. } => assert!(matches!(what, What::Incident { .. }), "{what:?}"),
            Effect::Alert(_) => {}
            other => panic!("{other:?}"),
        }
    }
    found
}

fn incidents(confirmed: &Confirmed) -> usize {
    confirmed.rule().unwrap().incidents.len()
}

/// The journal and the feed say that it went out.
pub fn went_out(state: &mut State, seq: u64, confirmed: &Confirmed) {
    let what = What::Confirmed {
        plan: Box::new(confirmed.plan().clone()),
        digest: confirmed.digest(),
        rule: confirmed.rule().cloned(),
    };
    let incident = confirmed.plan().request.incident.clone();
    recorded(state, seq, ME, &incident, what);
    assert!(send(state, Event::RuleDone { trouble: None }).is_empty());
}

#[test]
fn a_new_incident_is_told_of_once() {
    let mut state = notifying();
    found(&mut state, [finding("f-1", 6.9, 1), finding("f-2", 7.0, 1)]);
    let first = sent(after(&mut state, 1)).unwrap();
    let rule = first.rule().unwrap();
    assert_eq!((rule.number, rule.file.as_str()), (1, "/etc/quell/config.toml"));
    let request = &first.plan().request;
    assert_eq!(rule.incidents, std::slice::from_ref(&request.incident));
    assert!(request.notice.as_ref().unwrap().message.contains(&request.incident));
    assert!(sent(after(&mut state, 1)).is_none(), "it is under way");
    went_out(&mut state, 1, &first);
    found(&mut state, [finding("f-2", 8.9, 0)]);
    assert!(sent(after(&mut state, 600)).is_none(), "told of already");
}

pub const INSTANCE: &str = "i-0123456789abcdef0";

/// A finding on the one instance of these tests.
pub fn shared(id: &str, score: f64) -> Finding {
    on_instance(finding(id, score, 1), INSTANCE)
}

#[test]
fn an_incident_of_many_findings_is_told_of_once_and_once_more_when_it_becomes_critical() {
    let mut state = notifying();
    found(&mut state, [shared("f-1", 7.1), shared("f-2", 7.9), shared("f-3", 7.5)]);
    let effects = after(&mut state, 1);
    let lead = shared("f-2", 7.9);
    let id = incident_id(&lead);
    let notes: Vec<_> = effects.iter().filter(|e| matches!(e, Effect::Note { .. })).collect();
    assert!(
        matches!(notes[..], [Effect::Note { incident: Some(name), what: What::Incident { finding } }]
            if *name == id && finding.id == lead.id),
        "only the worst finding opens the incident: {notes:?}"
    );
    let first = sent(effects).unwrap();
    assert_eq!(first.rule().unwrap().incidents, std::slice::from_ref(&id));
    let message = first.plan().request.notice.as_ref().unwrap().message.clone();
    assert!(message.contains("Findings: 3"), "{message}");
    let finding = summary(&lead);
    recorded(&mut state, 1, ME, &id, What::Incident { finding });
    went_out(&mut state, 2, &first);

    found(&mut state, [shared("f-4", 8.8), shared("f-1", 8.0)]);
    assert!(sent(after(&mut state, 120)).is_none(), "it was told of");
    found(&mut state, [shared("f-5", 9.2)]);
    let risen = sent(after(&mut state, 1)).unwrap();
    assert_eq!(
        risen.rule().unwrap().incidents,
        std::slice::from_ref(&id),
        "under its name"
    );
    went_out(&mut state, 3, &risen);
    found(&mut state, [shared("f-6", 9.9), shared("f-4", 8.9)]);
    assert!(sent(after(&mut state, 120)).is_none(), "and once more is enough");
}

#[test]
fn the_notify_step_of_each_incident_in_a_sum_is_done() {
    let mut state = notifying();
    found(&mut state, (0..5).map(|n| finding(&format!("f-{n}"), 7.0, 1)));
    let mut last = None;
    for seq in 1..=4 {
        let confirmed = sent(after(&mut state, 1)).unwrap();
        went_out(&mut state, seq, &confirmed);
        last = Some(confirmed);
    }
    let told = last.unwrap().rule().unwrap().incidents.clone();
    assert_eq!(told.len(), 2);
    for id in told {
        let incident = state.incident(&id).unwrap();
        let steps = playbook::steps(&state, &incident);
        let notify = steps.iter().find(|view| view.step == action::Step::Notify).unwrap();
        assert_ne!(notify.state, StepState::Todo, "{id}");
        assert_eq!(notify.seq, Some(4), "{id}");
    }
}

#[test]
fn another_run_or_console_that_told_of_it_is_believed() {
    let mut state = notifying();
    let id = incident_id(&finding("f-1", 8.0, 1));
    let confirmed = {
        let mut other = notifying();
        found(&mut other, [finding("f-1", 8.0, 1)]);
        sent(after(&mut other, 1)).unwrap()
    };
    found(&mut state, [finding("f-1", 8.0, 1)]);
    let what = What::Confirmed {
        plan: Box::new(confirmed.plan().clone()),
        digest: confirmed.digest(),
        rule: confirmed.rule().cloned(),
    };
    recorded(&mut state, 1, ME, &id, what);
    assert!(sent(after(&mut state, 1)).is_none());
    assert_eq!(state.claims.of([id.as_str()]).responded, None, "a rule is no response");
}

#[test]
fn watch_has_no_rules_and_old_news_of_the_first_read_is_not_told() {
    let mut watching = state(Mode::Watch, vec![rule(7.0, Deed::Notify)]);
    found(&mut watching, [finding("f-1", 8.0, 1)]);
    assert!(after(&mut watching, 60).is_empty());

    let mut state = notifying();
    found(&mut state, [finding("f-1", 8.0, 24 * 60 + 1)]);
    assert!(sent(after(&mut state, 1)).is_none());
    send(&mut state, Event::Round);
    // After the first read, what appears is new to us, however old it is.
    found(&mut state, [finding("f-2", 8.0, 24 * 60 + 1)]);
    assert!(sent(after(&mut state, 1)).is_some());
}

#[test]
fn a_flood_is_three_notices_a_minute_and_one_that_sums_up() {
    let mut state = notifying();
    let many = (0..10).map(|n| finding(&format!("f-{n}"), 7.0 + f64::from(n) / 10.0, 1));
    found(&mut state, many);
    let mut sizes = Vec::new();
    for seq in 1..=4 {
        let confirmed = sent(after(&mut state, 1)).unwrap();
        sizes.push(incidents(&confirmed));
        if seq == 4 {
            let notice = confirmed.plan().request.notice.as_ref().unwrap();
            assert!(
                notice.message.starts_with("7 incidents that came close together"),
                "{}",
                notice.message
            );
            assert_eq!(notice.message.lines().count(), 8);
        }
        went_out(&mut state, seq, &confirmed);
    }
    assert_eq!(sizes, [1, 1, 1, 7]);
    found(&mut state, [finding("f-late", 9.9, 0)]);
    assert!(sent(after(&mut state, 1)).is_none(), "the minute is full");
    assert!(sent(after(&mut state, 60)).is_some());
}

#[test]
fn what_did_not_go_out_waits_longer_each_time_and_is_never_sent_after_it_was_confirmed() {
    let mut state = notifying();
    found(&mut state, [finding("f-1", 8.0, 1)]);
    let mut due = 1;
    for minutes in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        let confirmed = sent(after(&mut state, due)).unwrap();
        assert_eq!(incidents(&confirmed), 1);
        let trouble = Some("the role could not be assumed".to_owned());
        send(&mut state, Event::RuleDone { trouble });
        let (rule, topic) = ("Rule 1 could not notify ", state.topic.clone().unwrap());
        let whom = format!("{rule}{} of ", topic.name());
        assert!(said(&state).starts_with(&whom), "{}", said(&state));
        assert!(sent(after(&mut state, minutes * 60 - 1)).is_none(), "{minutes}");
        due = 1;
    }
    assert!(sent(after(&mut state, due)).is_some(), "it is not given up");

    let mut state = notifying();
    found(&mut state, [finding("f-1", 8.0, 1)]);
    let confirmed = sent(after(&mut state, 1)).unwrap();
    went_out(&mut state, 1, &confirmed);
    let trouble = Some("no answer".to_owned());
    send(&mut state, Event::RuleDone { trouble });
    assert!(sent(after(&mut state, 600)).is_none());
}

/// What AWS says of the topic is the whole message: two lines of 80 columns, and the topic once.
#[test]
fn a_topic_that_is_not_there_is_named_once_and_briefly() {
    let mut state = notifying();
    found(&mut state, [finding("f-1", 8.0, 1)]);
    assert!(sent(after(&mut state, 1)).is_some());
    let topic = state.topic.clone().unwrap();
    let trouble = format!("AWS has no SNS topic {} in 222222222222 ap-northeast-2.", topic.name());
    let trouble = Some(trouble + " Correct notify.topic.");
    send(&mut state, Event::RuleDone { trouble });
    let said = said(&state);
    assert!(said.starts_with("Rule 1 could not notify of q-"), "{said}");
    assert!(said.matches(topic.name()).count() == 1 && said.len() <= 140, "{said}");
}

#[test]
fn without_a_topic_it_is_said_and_nothing_is_sent() {
    let mut state = notifying();
    state.topic = None;
    found(&mut state, [finding("f-1", 8.0, 1)]);
    assert!(after(&mut state, 1).is_empty());
    assert!(said(&state).contains("notify.topic"), "{}", said(&state));
}

#[test]
fn a_rule_confirms_no_plan_with_any_other_call() {
    let mut state = notifying();
    found(&mut state, [finding("f-1", 8.0, 1)]);
    let notification = sent(after(&mut state, 1)).unwrap().plan().clone();
    let by = || ByRule {
        number: 1,
        file: "f".to_owned(),
        incidents: Vec::new(),
        below_critical: Vec::new(),
        anew: std::collections::BTreeMap::new(),
    };
    let call = |mutation| PlannedCall {
        mutation,
        undo: Undo::Irreversible,
        was: None,
    };
    let protect = Mutation::Ec2(Ec2Call::SetTerminationProtection {
        instance: "i-0ab12cd34ef567890".parse().unwrap(),
        on: true,
    });
    let switch = Mutation::Iam(IamCall::UpdateAccessKey {
        user: "deploy-bot".parse().unwrap(),
        key: "AKIAIOSFODNN7EXAMPLE".parse().unwrap(),
        status: KeyStatus::Inactive,
    });
    let publish = notification.draft.calls[0].mutation.clone();
    let plan = |calls: Vec<Mutation>| {
        let draft = Draft {
            calls: calls.into_iter().map(call).collect(),
            ..Draft::default()
        };
        Plan::new(notification.request.clone(), draft, Facts::default())
    };
    for calls in [
        vec![],
        vec![protect.clone()],
        vec![switch],
        vec![publish.clone(), protect],
    ] {
        let refused = Confirmed::by_rule(plan(calls), by(), state.now).unwrap_err();
        assert!(matches!(refused, NotConfirmed::NotForRules { .. }), "{refused}");
    }
    let undo = Plan::new(
        Request {
            undoes: Some(1),
            ..notification.request.clone()
        },
        notification.draft.clone(),
        Facts::default(),
    );
    assert!(Confirmed::by_rule(undo, by(), state.now).is_err());
    assert!(Confirmed::by_rule(plan(vec![publish]), by(), state.now).is_ok());
}

/// Long texts of an intruder, or of a broken application, do not keep the others from being told of.
#[test]
fn long_texts_do_not_silence_the_others() {
    let mut state = notifying();
    let long = "\u{202e}".repeat(10_000);
    found(
        &mut state,
        (0..100).map(|n| {
            let mut finding = finding(&format!("f-{n}"), 9.9, 1);
            finding.title = crate::domain::Untrusted::new(long.clone());
            finding.kind = crate::domain::Untrusted::new(long.clone());
            finding
        }),
    );
    let mut told = 0;
    for seq in 1..=4 {
        let confirmed = sent(after(&mut state, 1)).unwrap();
        told += incidents(&confirmed);
        went_out(&mut state, seq, &confirmed);
    }
    assert_eq!(told, 100);
}

/// What cannot be told together goes one by one, and what cannot be told at all goes on waiting.
#[test]
fn what_cannot_be_planned_goes_on_waiting() {
    let mut state = notifying();
    found(&mut state, (0..6).map(|n| finding(&format!("f-{n}"), 8.0, 1)));
    let topic = state.topic.clone();
    state.topic = Some("arn:aws:sns:::incidents".parse().unwrap());
    for _ in 0..3 {
        assert!(sent(after(&mut state, 1)).is_none());
        assert!(said(&state).contains("could not notify"), "{}", said(&state));
    }
    state.topic = topic;
    let mut told = 0;
    for seq in 1..=8 {
        if let Some(confirmed) = sent(after(&mut state, 61)) {
            told += incidents(&confirmed);
            went_out(&mut state, seq, &confirmed);
        }
    }
    assert_eq!(told, 6);
}
