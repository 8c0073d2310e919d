//! Permits: one call each, one after another, none after a failure.

use super::*;

fn failed() -> Outcome {
    Outcome::Failed {
        request_id: Some("8f1e-req".to_owned()),
        code: Some("AccessDenied".to_owned()),
        message: Untrusted::new("not allowed"),
    }
}

fn unknown() -> Outcome {
    Outcome::Unknown {
        why: Untrusted::new("the connection broke"),
    }
}

#[test]
fn no_mutation_without_durable_intent() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let (mut underway, _) = writer.begin(confirmed(2), at(1)).unwrap();
    let before = verify(&place.bytes()).records.len();
    let (permit, _) = writer.intent(&mut underway, at(2), at(2)).unwrap();
    let found = verify(&place.bytes());
    assert_eq!(
        found.records.len(),
        before + 1,
        "the intent is in the file before the permit is in hand"
    );
    assert!(matches!(&found.records[before].what, What::Intent { mutation, .. } if mutation == permit.mutation()));
    assert_eq!(unsettled(&found.records).len(), 1);
}

#[test]
fn a_second_permit_waits_for_the_first_outcome() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let (mut underway, _) = writer.begin(confirmed(2), at(1)).unwrap();
    let (permit, _) = writer.intent(&mut underway, at(2), at(2)).unwrap();
    assert!(matches!(
        writer.intent(&mut underway, at(2), at(2)),
        Err(JournalError::OutOfTurn(_))
    ));
    let (_, receipt) = permit.spend();
    writer.outcome(&mut underway, receipt, applied(), at(3)).unwrap();
    assert_eq!(underway.next(), Some(1));
    let (_, receipt) = writer.intent(&mut underway, at(4), at(4)).unwrap().0.spend();
    writer.outcome(&mut underway, receipt, applied(), at(5)).unwrap();
    assert_eq!(underway.next(), None);
    assert!(matches!(
        writer.intent(&mut underway, at(6), at(6)),
        Err(JournalError::OutOfTurn(_))
    ));
}

#[test]
fn nothing_is_sent_after_a_failed_or_unknown_outcome() {
    for outcome in [failed(), unknown()] {
        let place = Place::new();
        let mut writer = place.open().unwrap();
        let (mut underway, _) = writer.begin(confirmed(3), at(1)).unwrap();
        let (_, receipt) = writer.intent(&mut underway, at(2), at(2)).unwrap().0.spend();
        writer.outcome(&mut underway, receipt, outcome.clone(), at(3)).unwrap();
        assert_eq!(underway.next(), None);
        assert!(matches!(
            writer.intent(&mut underway, at(4), at(4)),
            Err(JournalError::OutOfTurn(_))
        ));
        let records = verify(&place.bytes()).records;
        let came = progress(&records, underway.seq()).unwrap();
        assert_eq!(
            came.calls,
            [CallState::Answered(outcome), CallState::NotSent, CallState::NotSent]
        );
    }
}

#[test]
fn a_receipt_of_another_plan_is_refused() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let (mut one, _) = writer.begin(confirmed(2), at(1)).unwrap();
    let (mut other, _) = writer.begin(confirmed(3), at(1)).unwrap();
    let (_, receipt_of_one) = writer.intent(&mut one, at(2), at(2)).unwrap().0.spend();
    let (_, receipt_of_other) = writer.intent(&mut other, at(2), at(2)).unwrap().0.spend();
    let mixed = writer.outcome(&mut one, receipt_of_other, applied(), at(3));
    assert!(matches!(mixed, Err(JournalError::OutOfTurn(_))));
    assert_eq!(
        unsettled(&verify(&place.bytes()).records).len(),
        2,
        "nothing was written"
    );
    writer.outcome(&mut one, receipt_of_one, applied(), at(3)).unwrap();
    let open = unsettled(&verify(&place.bytes()).records).len();
    assert_eq!(open, 1, "the other plan's call stays open");
}

#[test]
fn what_belongs_to_a_plan_cannot_be_noted() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let forged = What::Outcome {
        intent: 1,
        outcome: applied(),
    };
    assert!(matches!(
        writer.note(at(1), None, forged),
        Err(JournalError::OutOfTurn(_))
    ));
    assert_eq!(place.bytes(), b"");
}

#[test]
fn an_undo_sees_the_calls_that_took_effect() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let (mut underway, _) = writer.begin(confirmed(3), at(1)).unwrap();
    for outcome in [applied(), failed()] {
        let (_, receipt) = writer.intent(&mut underway, at(2), at(2)).unwrap().0.spend();
        writer.outcome(&mut underway, receipt, outcome, at(3)).unwrap();
    }
    let records = verify(&place.bytes()).records;
    for seq in underway.seq()..=underway.seq() + 4 {
        let done = done(&records, seq).unwrap();
        assert_eq!(
            (done.seq, done.changes().count()),
            (underway.seq(), 1),
            "by record {seq}"
        );
        assert_eq!(done.made[&0]["group"], "sg-0aa1b2c3");
    }
    assert!(done(&records, 99).is_err());
}
