//! What a record must agree with: the mode of the journal, and the plans that it has already.

use super::*;
use crate::action::SnsCall;

fn opened((mode, endpoint): (Mode, Option<&str>)) -> What {
    What::Opened {
        mode,
        version: "0.1.0".to_owned(),
        endpoint: endpoint.map(str::to_owned),
    }
}

#[test]
fn a_plan_is_confirmed_once_whoever_tries_again() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let mut beside = place.open().unwrap();
    let (underway, _) = writer.begin(confirmed(1), at(1)).unwrap();
    let before = place.bytes();
    let mut later = place.open().unwrap();
    for (who, writer) in [
        ("the same", &mut writer),
        ("beside", &mut beside),
        ("later", &mut later),
    ] {
        let again = writer.begin(confirmed(1), at(2));
        assert!(
            matches!(again, Err(JournalError::AlreadyConfirmed { seq }) if seq == underway.seq()),
            "{who}: {again:?}"
        );
    }
    assert_eq!(place.bytes(), before, "nothing was written");
    // The refusal says nothing about the disk: the journal goes on, and so does another plan.
    note(&mut beside, "still here").unwrap();
    writer.begin(confirmed(2), at(3)).unwrap();
}

#[test]
fn drills_endpoints_and_real_accounts_never_share_a_journal() {
    let (real, drill) = ((Mode::Live, None), (Mode::Drill, None));
    let (served, other) = (
        (Mode::Live, Some("http://127.0.0.1:4600")),
        (Mode::Live, Some("http://127.0.0.1:4601")),
    );
    for (first, second) in [
        (drill, real),
        (real, drill),
        (real, served),
        (served, real),
        (served, other),
    ] {
        let place = Place::new();
        let mut writer = place.open().unwrap();
        let mut beside = place.open().unwrap();
        writer.note(at(0), None, opened(first)).unwrap();
        let before = place.bytes();
        let mut later = place.open().unwrap();
        for writer in [&mut writer, &mut beside, &mut later] {
            let refused = writer.note(at(1), None, opened(second)).unwrap_err();
            assert!(
                matches!(&refused, JournalError::OtherWorld { is, .. } if *is == World::new(first.0, first.1)),
                "{refused}"
            );
        }
        assert_eq!(place.bytes(), before);
        later.note(at(2), None, opened(first)).unwrap();
    }
}

/// Confirms a plan of this many calls, which undoes another where that is said, and applies it.
fn apply(writer: &mut Writer, calls: usize, undoes: Option<u64>) -> u64 {
    let mut plan = plan(calls);
    plan.request.undoes = undoes;
    let digest = plan.digest().to_string();
    let confirmed = Confirmed::by_digest(plan, &digest, at(1)).unwrap();
    let (mut underway, _) = writer.begin(confirmed, at(2)).unwrap();
    while underway.next().is_some() {
        let (_, receipt) = writer.intent(&mut underway, at(3), at(3)).unwrap().0.spend();
        writer.outcome(&mut underway, receipt, applied(), at(4)).unwrap();
    }
    underway.seq()
}

#[test]
fn a_plan_that_was_undone_and_done_again_is_not_undone_from_its_old_record() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let first = apply(&mut writer, 1, None);
    let undo = apply(&mut writer, 1, Some(first));
    // Undone, and nothing since: whether there is something to put back is for the world to say.
    assert_eq!(done(&writer.records().unwrap(), first).unwrap().seq, first);
    let second = apply(&mut writer, 2, None);
    let records = writer.records().unwrap();
    let refusal = done(&records, first).unwrap_err();
    assert!(
        refusal.why.contains(&format!("undone by record {undo}")) && refusal.why.contains(&format!("undo {second}")),
        "{refusal}"
    );
    assert_eq!(done(&records, second).unwrap().seq, second);
    apply(&mut writer, 2, Some(second));
    assert_eq!(done(&writer.records().unwrap(), first).unwrap().seq, first);
}

#[test]
fn a_rule_tells_of_an_incident_once_whichever_console_it_runs_in() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let mut beside = place.open().unwrap();
    let first = writer.begin(told("one", &["q-1", "q-2"]), at(1)).unwrap().1;
    let before = place.bytes();
    let mut later = place.open().unwrap();
    for writer in [&mut writer, &mut beside, &mut later] {
        let again = writer.begin(told("another", &["q-3", "q-2"]), at(2));
        assert!(
            matches!(&again, Err(JournalError::AlreadyTold { incident, seq }) if incident == "q-2" && *seq == first.seq),
            "{again:?}"
        );
    }
    assert_eq!(place.bytes(), before, "nothing was written");
    beside.begin(told("another", &["q-3"]), at(3)).unwrap();
}

#[test]
fn an_incident_that_became_critical_is_told_of_once_more_and_never_a_third_time() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let below = |message| {
        let (plan, rule) = plan_and_rule(message, &["q-1"]);
        let below_critical = rule.incidents.clone();
        Confirmed::by_rule(plan, crate::action::ByRule { below_critical, ..rule }, at(1)).unwrap()
    };
    writer.begin(below("high"), at(1)).unwrap();
    let again = writer.begin(below("still high"), at(2));
    assert!(matches!(again, Err(JournalError::AlreadyTold { .. })), "{again:?}");
    let risen = writer.begin(told("critical", &["q-1"]), at(3)).unwrap().1;
    for (n, confirmed) in [told("critical again", &["q-1"]), below("fallen")]
        .into_iter()
        .enumerate()
    {
        let again = writer.begin(confirmed, at(4));
        assert!(
            matches!(&again, Err(JournalError::AlreadyTold { seq, .. }) if *seq == risen.seq),
            "{n}: {again:?}"
        );
    }
}

/// Nothing went out, so nobody was told: here, beside this console, and in a later one.
#[test]
fn an_incident_that_aws_refused_to_tell_of_is_told_of_again() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    let mut beside = place.open().unwrap();
    let refused = Outcome::Failed {
        request_id: None,
        code: Some("AuthorizationError".to_owned()),
        message: Untrusted::new("not authorized to perform: SNS:Publish"),
    };
    let unknown = Outcome::Unknown {
        why: Untrusted::new("the connection was reset"),
    };
    for (message, outcome) in [("one", &refused), ("two", &refused), ("three", &unknown)] {
        let (mut underway, _) = writer.begin(told(message, &["q-1", "q-2"]), at(1)).unwrap();
        let (_, receipt) = writer.intent(&mut underway, at(2), at(2)).unwrap().0.spend();
        let meanwhile = beside.begin(told("meanwhile", &["q-2"]), at(3));
        assert!(
            matches!(meanwhile, Err(JournalError::AlreadyTold { .. })),
            "{meanwhile:?}"
        );
        writer.outcome(&mut underway, receipt, outcome.clone(), at(4)).unwrap();
    }
    let mut later = place.open().unwrap();
    for writer in [&mut writer, &mut beside, &mut later] {
        let again = writer.begin(told("four", &["q-1"]), at(5));
        assert!(matches!(again, Err(JournalError::AlreadyTold { .. })), "{again:?}");
    }
}

#[test]
fn an_incident_that_began_anew_is_told_of_again_by_one_console() {
    let place = Place::new();
    let mut writer = place.open().unwrap();
    writer.begin(told("in March", &["q-1"]), at(10)).unwrap();
    let anew = |message, since| {
        let (plan, rule) = plan_and_rule(message, &["q-1"]);
        let anew = std::iter::once(("q-1".to_owned(), at(since))).collect();
        Confirmed::by_rule(plan, crate::action::ByRule { anew, ..rule }, at(1)).unwrap()
    };
    assert!(writer.begin(anew("before it was told of", 9), at(20)).is_err());
    let june = writer.begin(anew("in June", 15), at(20)).unwrap().1;
    let beside = place.open().unwrap().begin(anew("and beside", 15), at(21));
    assert!(
        matches!(&beside, Err(JournalError::AlreadyTold { seq, .. }) if *seq == june.seq),
        "{beside:?}"
    );
}

/// A notification that a rule confirmed.
fn told(message: &str, incidents: &[&str]) -> Confirmed {
    let (plan, rule) = plan_and_rule(message, incidents);
    Confirmed::by_rule(plan, rule, at(1)).unwrap()
}

fn plan_and_rule(message: &str, incidents: &[&str]) -> (Plan, crate::action::ByRule) {
    let topic: crate::domain::Arn = "arn:aws:sns:us-east-1:111122223333:incidents".parse().unwrap();
    let call = PlannedCall {
        mutation: Mutation::Sns(SnsCall::Publish {
            topic,
            subject: "s".to_owned(),
            message: message.to_owned(),
        }),
        undo: Undo::Irreversible,
        was: None,
    };
    let draft = Draft {
        calls: vec![call],
        ..Draft::default()
    };
    let rule = crate::action::ByRule {
        number: 1,
        file: "config.toml".to_owned(),
        incidents: incidents.iter().map(|id| (*id).to_owned()).collect(),
        below_critical: Vec::new(),
        anew: std::collections::BTreeMap::new(),
    };
    (Plan::new(plan(0).request, draft, Facts::default()), rule)
}
