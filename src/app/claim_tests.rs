//! What claims add up to, from whichever process and in whichever order they are told.

use super::*;
use crate::domain::SeverityLabel;

const ONE: &str = "arn:aws:iam::222222222222:user/oncall-1";
const TWO: &str = "arn:aws:sts::222222222222:assumed-role/ir/oncall-2";

fn record(seq: u64, who: &str, incident: &str, what: What) -> Record {
    Record {
        v: crate::journal::RECORD_VERSION,
        seq,
        time: Time::from_second(i64::try_from(seq).unwrap()).unwrap(),
        prev: String::new(),
        who: who.to_owned(),
        incident: Some(incident.to_owned()),
        what,
    }
}

fn claimed(from: Option<&str>) -> What {
    What::Claimed {
        from: from.map(str::to_owned),
    }
}

#[test]
fn of_two_claims_at_once_the_first_in_the_journal_stands() {
    let journal = [
        record(1, ONE, "q-1", claimed(None)),
        record(2, TWO, "q-1", claimed(None)),
    ];
    assert_eq!(owner(&journal, &["q-1"]).as_deref(), Some(ONE));
    // The follower of the file may tell the second one first.
    let mut claims = Claims::default();
    claims.learn(&journal[1]);
    assert_eq!(claims.of(["q-1"]).owner.unwrap().0, TWO);
    claims.learn(&journal[0]);
    claims.learn(&journal[0]);
    assert_eq!(claims.of(["q-1"]).owner.unwrap().0, ONE);
}

#[test]
fn a_claim_is_taken_over_only_from_who_has_it_and_released_only_by_them() {
    let mut journal = vec![
        record(1, ONE, "q-1", claimed(None)),
        record(2, TWO, "q-1", What::Released {}),
    ];
    assert_eq!(owner(&journal, &["q-1"]).as_deref(), Some(ONE), "not theirs to release");
    journal.push(record(3, TWO, "q-1", claimed(Some("arn:aws:iam::222222222222:user/x"))));
    assert_eq!(owner(&journal, &["q-1"]).as_deref(), Some(ONE), "not from who has it");
    journal.push(record(4, TWO, "q-1", claimed(Some(ONE))));
    assert_eq!(owner(&journal, &["q-1"]).as_deref(), Some(TWO));
    journal.push(record(5, TWO, "q-1", What::Released {}));
    assert_eq!(owner(&journal, &["q-1"]), None);
    assert_eq!(owner(&journal, &["q-2"]), None);
}

#[test]
fn the_first_response_is_a_claim_a_classification_or_a_plan_that_a_person_confirmed() {
    let classified = What::Classified {
        severity: SeverityLabel::High,
        response_minutes: 60,
        incident_type: None,
        subtype: None,
        systems: None,
    };
    let noted = What::Noted { text: "seen".into() };
    let journal = [
        record(1, ONE, "q-1", noted),
        record(2, TWO, "q-2", claimed(None)),
        record(3, TWO, "q-1", classified),
        record(4, ONE, "q-1", claimed(None)),
    ];
    let (at, who) = responded(&journal, &["q-1"]).unwrap();
    assert_eq!((at.as_second(), who.as_str()), (3, TWO));
    // Two incidents that were merged are one: the earlier response counts.
    assert_eq!(responded(&journal, &["q-1", "q-2"]).unwrap().0.as_second(), 2);
    assert_eq!(responded(&journal, &["q-3"]), None);
}

#[test]
fn a_name_is_short_and_safe() {
    assert_eq!(short_name(ONE), "oncall-1");
    assert_eq!(short_name(TWO), "oncall-2");
    assert_eq!(short_name("no arn"), "no arn");
    assert!(!short_name("arn:aws:iam::1:user/\u{202e}x").contains('\u{202e}'));
}
