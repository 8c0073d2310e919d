//! What a rule sends, how often, and that it can do nothing else.

use super::super::incident::{incident_id, summary};
use super::super::playbook::{self, StepState};
use super::super::testing::{ME, after, finding, found, on_instance, recorded, rule, said, send, state};
use super::super::{Event, Mode};
use super::*;
use crate::action::{ByRule, Draft, KeyStatus, Mutation, NotConfirmed, Plan, PlannedCall, Request, Undo};
use crate::action::{Ec2Call, IamCall};
use crate::findings::Finding;
use crate::journal::What;

fn notifying() -> State {
    state(Mode::Respond, vec![rule(7.0, Deed::Notify)])
}

/// The notification among these effects.
fn sent(effects: Vec<Effect>) -> Option<Confirmed> {
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
fn went_out(state: &mut State, seq: u64, confirmed: &Confirmed) {
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

const INSTANCE: &str = "i-0123456789abcdef0";

/// A finding on the one instance of these tests.
fn shared(id: &str, score: f64) -> Finding {
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
        assert!(said(&state).contains("could not notify"), "{}", said(&state));
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

/// What the journal says of the one call of a notification, after its confirmation.
fn answered(state: &mut State, seq: u64, incident: &str, outcome: Option<action::Outcome>, backwards: bool) {
    let intent = What::Intent {
        plan: seq,
        call: 0,
        mutation: action::Mutation::Sns(action::SnsCall::Publish {
            topic: state.topic.clone().unwrap(),
            subject: String::new(),
            message: String::new(),
        }),
        target_arn: String::new(),
    };
    let outcome = outcome.map(|outcome| What::Outcome {
        intent: seq + 1,
        outcome,
    });
    let mut records: Vec<_> = (seq + 1..).zip(std::iter::once(intent).chain(outcome)).collect();
    if backwards {
        records.reverse();
    }
    for (seq, what) in records {
        recorded(state, seq, ME, incident, what);
    }
}

fn confirmation(confirmed: &Confirmed) -> What {
    What::Confirmed {
        plan: Box::new(confirmed.plan().clone()),
        digest: confirmed.digest(),
        rule: confirmed.rule().cloned(),
    }
}

fn refused() -> action::Outcome {
    action::Outcome::Failed {
        request_id: None,
        code: Some("AuthorizationError".to_owned()),
        message: Untrusted::new("not authorized to perform: SNS:Publish"),
    }
}

/// AWS refused it, so nobody knows: it is sent again until it goes out, here and after a restart.
#[test]
fn what_aws_refused_is_sent_again() {
    for backwards in [false, true] {
        let mut state = notifying();
        found(&mut state, [finding("f-1", 9.5, 1)]);
        let mut seq = 1;
        for wait in [1, 60, 120] {
            let confirmed = sent(after(&mut state, wait)).unwrap();
            let id = confirmed.rule().unwrap().incidents[0].clone();
            recorded(&mut state, seq, ME, &id, confirmation(&confirmed));
            answered(&mut state, seq, &id, Some(refused()), backwards);
            let trouble = Some("Call 1 of 1 was refused by AWS".to_owned());
            send(&mut state, Event::RuleDone { trouble });
            seq += 3;
        }
        let journal = state.journal.clone();
        let mut restarted = notifying();
        for record in journal {
            send(&mut restarted, Event::Recorded(Box::new(record)));
        }
        found(&mut restarted, [finding("f-1", 9.5, 1)]);
        assert!(sent(after(&mut restarted, 1)).is_some(), "after a restart");
        assert!(sent(after(&mut state, 239)).is_none());
        assert!(sent(after(&mut state, 1)).is_some(), "after four minutes");
    }
}

#[test]
fn what_may_have_gone_out_is_not_sent_again() {
    let unknown = action::Outcome::Unknown {
        why: Untrusted::new("the connection was reset"),
    };
    for outcome in [None, Some(unknown)] {
        let mut state = notifying();
        found(&mut state, [finding("f-1", 9.5, 1)]);
        let confirmed = sent(after(&mut state, 1)).unwrap();
        let id = confirmed.rule().unwrap().incidents[0].clone();
        recorded(&mut state, 1, ME, &id, confirmation(&confirmed));
        answered(&mut state, 1, &id, outcome, false);
        let trouble = Some("It is not known".to_owned());
        send(&mut state, Event::RuleDone { trouble });
        assert!(sent(after(&mut state, 7200)).is_none());
    }
}

/// The console that was refused may be there no more: the others send, if it does not.
#[test]
fn what_aws_refused_to_another_console_is_sent_here() {
    let mut state = notifying();
    found(&mut state, [finding("f-1", 9.5, 1)]);
    let confirmed = {
        let mut other = notifying();
        found(&mut other, [finding("f-1", 9.5, 1)]);
        sent(after(&mut other, 1)).unwrap()
    };
    let id = confirmed.rule().unwrap().incidents[0].clone();
    recorded(&mut state, 1, ME, &id, confirmation(&confirmed));
    assert!(sent(after(&mut state, 1)).is_none(), "the other sends");
    answered(&mut state, 1, &id, Some(refused()), false);
    assert!(sent(after(&mut state, 119)).is_none(), "the other tries again first");
    assert!(sent(after(&mut state, 1)).is_some());
}

/// An application's incident that was resolved and is opened again begins anew, in a console that saw it end and in one that did not.
#[test]
fn what_begins_anew_is_told_of_again() {
    let event = |minutes_ago: i64, archived: bool| Finding {
        source: crate::findings::Source::EventBridge,
        archived,
        ..finding("payments-down", 9.5, minutes_ago)
    };
    let mut state = notifying();
    send(&mut state, Event::Round);
    found(&mut state, [event(100, false)]);
    let first = sent(after(&mut state, 1)).unwrap();
    went_out(&mut state, 1, &first);
    found(&mut state, [event(90, false)]);
    assert!(sent(after(&mut state, 600)).is_none(), "it goes on");
    let journal = state.journal.clone();
    // Told ten minutes from now, resolved, and opened again after that.
    found(&mut state, [event(-11, true)]);
    assert!(sent(after(&mut state, 600)).is_none());
    found(&mut state, [event(-12, false)]);
    assert!(sent(after(&mut state, 1)).is_some());

    let mut restarted = notifying();
    for record in journal {
        send(&mut restarted, Event::Recorded(Box::new(record)));
    }
    found(&mut restarted, [event(-12, false)]);
    assert!(sent(after(&mut restarted, 60)).is_none(), "it has not happened yet");
    found(&mut restarted, [event(-13, false)]);
    assert!(sent(after(&mut restarted, 720)).is_some(), "it is another one");
}

/// GuardDuty and Security Hub leave the time at which it was first seen; one that was archived and is taken up again is news too.
#[test]
fn what_was_archived_and_is_open_again_is_told_of_again_unless_the_incident_went_on() {
    let other = |minutes_ago: i64, archived: bool| Finding {
        archived,
        ..on_instance(finding("f-2", 9.0, minutes_ago), INSTANCE)
    };
    for goes_on in [false, true] {
        let mut state = notifying();
        send(&mut state, Event::Round);
        if goes_on {
            found(&mut state, [shared("f-1", 9.5)]);
        }
        found(&mut state, [other(9, false)]);
        let first = sent(after(&mut state, 1)).unwrap();
        went_out(&mut state, 1, &first);
        found(&mut state, [other(8, true)]);
        assert!(sent(after(&mut state, 1)).is_none());
        found(&mut state, [other(7, false)]);
        assert_eq!(sent(after(&mut state, 1)).is_none(), goes_on);
    }
}
