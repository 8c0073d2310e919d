//! What is told of again, and what never is.

use super::super::Event;
use super::super::testing::{ME, after, finding, found, on_instance, recorded, send};
use super::tests::{INSTANCE, notifying, sent, shared, went_out};
use super::*;
use crate::action::{self, Confirmed};
use crate::domain::Untrusted;
use crate::findings::Finding;
use crate::journal::What;

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
        assert!(sent(after(&mut state, 300)).is_none());
        // The source says that it is open again since before it was told of: another console may have seen that first.
        found(&mut state, [other(7, false)]);
        assert!(sent(after(&mut state, 1)).is_none());
        found(&mut state, [other(-1, true)]);
        assert!(sent(after(&mut state, 1)).is_none());
        found(&mut state, [other(-2, false)]);
        let again = sent(after(&mut state, 1));
        assert_eq!(again.is_none(), goes_on);
        assert!(
            again.is_none_or(|again| again.rule().unwrap().anew.len() == 1),
            "the journal lets it through"
        );
    }
}
