//! Claiming, taking over and giving up, as the person at the keys sees it.

use super::super::testing::{
    ME, OTHER, after, apart, finding, found, journaled, merged, on_instance, press, recorded, said, send, state,
};
use super::super::{Event, Mode};
use super::*;
use crate::app::incident::incident_id;

/// A console with one finding in the list, and its incident.
fn one(mode: Mode) -> (State, IncidentId) {
    let mut state = state(mode, Vec::new());
    let only = finding("f-1", 8.0, 5);
    let id = incident_id(&only);
    found(&mut state, [only]);
    assert!(after(&mut state, 1).is_empty());
    (state, id)
}

fn claim_of(effects: &[Effect]) -> Vec<&What> {
    let notes = effects.iter().map(|effect| match effect {
        Effect::Note { what, .. } => what,
        other => panic!("{other:?}"),
    });
    notes.collect()
}

#[test]
fn watch_claims_nothing() {
    let (mut state, id) = one(Mode::Watch);
    for key in ["c", "R", "f"] {
        assert!(press(&mut state, key).is_empty());
        assert!(said(&state).contains("only looks"), "{}", said(&state));
    }
    assert_eq!(state.claims.of([id.as_str()]).owner, None);
}

#[test]
fn a_claim_is_written_first_and_true_then() {
    let (mut state, id) = one(Mode::Respond);
    let effects = press(&mut state, "c");
    let [What::Incident { .. }, What::Claimed { from: None }] = claim_of(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(
        state.claims.of([id.as_str()]).owner,
        None,
        "the journal has not got it yet"
    );
    recorded(&mut state, 1, ME, &id, What::Claimed { from: None });
    assert_eq!(state.claims.of([id.as_str()]).owner.unwrap().0, ME);
    assert_eq!(said(&state), format!("You work on {id} now."));
    assert!(press(&mut state, "c").is_empty());
    assert!(said(&state).contains("already"));
    let effects = press(&mut state, "R");
    assert!(matches!(claim_of(&effects)[..], [.., What::Released {}]));
    recorded(&mut state, 2, ME, &id, What::Released {});
    assert_eq!(state.claims.of([id.as_str()]).owner, None);
}

#[test]
fn what_another_has_is_asked_about_and_taken_over_from_them_alone() {
    let (mut state, id) = one(Mode::Respond);
    recorded(&mut state, 1, OTHER, &id, What::Claimed { from: None });
    assert!(press(&mut state, "R").is_empty());
    assert!(said(&state).contains("only they release it"), "{}", said(&state));
    assert!(press(&mut state, "c").is_empty());
    let Some(Prompt::TakeOver { held }) = &state.prompt else {
        panic!("{:?}", state.prompt);
    };
    assert_eq!(question(held), format!("oncall-2 works on {id} already. Take it over?"));
    assert!(press(&mut state, "Esc").is_empty());
    assert!(state.prompt.is_none());
    press(&mut state, "c");
    let effects = press(&mut state, "y");
    let notes = claim_of(&effects);
    assert!(
        matches!(notes[..], [.., What::Claimed { from: Some(from) }] if from == OTHER),
        "{notes:?}"
    );
}

#[test]
fn who_was_beaten_by_another_console_is_told_whichever_record_comes_first() {
    let (mut state, id) = one(Mode::Respond);
    press(&mut state, "c");
    // The other's record is followed in time.
    recorded(&mut state, 1, OTHER, &id, What::Claimed { from: None });
    recorded(&mut state, 2, ME, &id, What::Claimed { from: None });
    assert!(
        said(&state).contains("oncall-2 has") && said(&state).contains("stands"),
        "{}",
        said(&state)
    );

    let (mut state, id) = one(Mode::Respond);
    press(&mut state, "c");
    // It is followed late: what was said first is taken back.
    recorded(&mut state, 2, ME, &id, What::Claimed { from: None });
    assert!(said(&state).starts_with("You work on"), "{}", said(&state));
    recorded(&mut state, 1, OTHER, &id, What::Claimed { from: None });
    assert!(
        said(&state).contains("oncall-2 took") && said(&state).contains("just before you"),
        "{}",
        said(&state)
    );
    assert_eq!(state.claims.of([id.as_str()]).owner.unwrap().0, OTHER);
}

#[test]
fn the_claim_of_a_security_hub_finding_offers_the_note_and_the_key_plans_it() {
    let mut state = state(Mode::Respond, Vec::new());
    let hub = Finding {
        source: Source::SecurityHub,
        ..finding("arn:aws:securityhub:us-east-1:999999999999:x/finding/0001abcd", 8.0, 5)
    };
    let id = incident_id(&hub);
    found(&mut state, [hub]);
    after(&mut state, 1);
    press(&mut state, "c");
    recorded(&mut state, 1, ME, &id, What::Claimed { from: None });
    assert!(
        said(&state).contains("f plans a note on its 1 Security Hub finding."),
        "{}",
        said(&state)
    );
    let effects = press(&mut state, "f");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Read { queries, .. }
            if matches!(&queries[..], [crate::action::Query::SecurityHub(crate::action::SecurityHubQuery::HubFindings { ids })] if ids.len() == 1))),
        "{effects:?}"
    );
    assert!(matches!(state.screen(), Screen::Plan(plan) if plan.request.action == ActionName::NoteFindings));
}

#[test]
fn the_note_begins_with_the_finding_that_is_open() {
    let hub = |number| Finding {
        source: Source::SecurityHub,
        ..apart(number, 8.0)
    };
    let mut state = merged([hub(1), hub(2)]);
    press(&mut state, "enter");
    for number in [2, 1] {
        let wanted = hub(number);
        let Some(Screen::Incident(open)) = state.screens.last_mut() else {
            panic!("no incident");
        };
        let member = open.incident.members.iter().find(|f| f.key() == wanted.key());
        open.finding = Arc::clone(member.unwrap());
        press(&mut state, "f");
        assert_eq!(
            said(&state),
            "1 more finding is in another account or region: open it to note it."
        );
        let Screen::Plan(plan) = state.screen() else {
            panic!("{:?}", state.screen());
        };
        assert_eq!(
            (plan.request.account, &plan.request.target.id),
            (wanted.account, &wanted.id)
        );
        press(&mut state, "esc");
    }
}

#[test]
fn nobody_claims_before_aws_has_said_who_they_are() {
    let (mut state, _) = one(Mode::Respond);
    state.identity = None;
    assert!(press(&mut state, "c").is_empty());
    assert!(said(&state).contains("who you are"));
    let effects = send(&mut state, Event::Tick(super::super::testing::now()));
    assert!(effects.is_empty());
}

/// Lets so many minutes pass, and writes down what a key asked to be written then.
fn pressed_after(state: &mut State, minutes: i64, key: &str) -> Vec<What> {
    after(state, minutes * 60);
    let effects = press(state, key);
    let notes = claim_of(&effects).into_iter().cloned().collect();
    journaled(state, effects);
    after(state, 1);
    notes
}

fn clock(state: &State) -> crate::app::clock::Deadline {
    let Row::Incident(incident) = &state.rows(0, 1)[0] else {
        panic!("incidents are shown");
    };
    state.deadline(incident).unwrap()
}

/// A worse finding joins: who works on the incident answers its new clock by the key that answers clocks.
#[test]
fn the_owner_answers_a_clock_that_runs_again() {
    let on = |finding| on_instance(finding, "i-0123456789abcdef0");
    let mut state = state(Mode::Respond, Vec::new());
    found(&mut state, [on(finding("mild", 5.0, 60))]);
    pressed_after(&mut state, 1, "c");
    let first = clock(&state).responded.unwrap();
    found(&mut state, [on(finding("worst", 9.5, -3))]);
    after(&mut state, 240);
    assert_eq!((clock(&state).responded, clock(&state).before), (None, Some(first)));
    let effects = pressed_after(&mut state, 1, "c");
    assert!(matches!(effects[..], [What::Claimed { from: None }]), "{effects:?}");
    assert!(said(&state).starts_with("You work on"), "{}", said(&state));
    assert!(clock(&state).responded.is_some(), "{:?}", clock(&state));
    let id = state.rows(0, 1)[0].clone();
    let Row::Incident(incident) = id else { panic!("{id:?}") };
    let (who, since) = crate::app::clock::work(&incident, &state.claims).owner.unwrap();
    assert_eq!((who.as_str(), since), (ME, first), "it was theirs all the time");
    assert!(pressed_after(&mut state, 1, "c").is_empty());
    assert!(said(&state).contains("already"), "{}", said(&state));
}

/// Whoever had it in March has not taken on what happens in June.
#[test]
fn a_claim_is_of_the_incident_before_it_began_anew() {
    let event = |minutes_ago: i64, archived: bool| Finding {
        source: Source::EventBridge,
        archived,
        ..finding("payments-down", 9.5, minutes_ago)
    };
    let mut state = state(Mode::Respond, Vec::new());
    found(&mut state, [event(60, false)]);
    after(&mut state, 1);
    let id = incident_id(&event(60, false));
    let summary = What::Incident {
        finding: crate::app::incident::summary(&event(60, false)),
    };
    recorded(&mut state, 1, OTHER, &id, summary);
    recorded(&mut state, 2, OTHER, &id, What::Claimed { from: None });
    after(&mut state, 1);
    let visible = |state: &mut State, filter: &str| {
        crate::app::list::set_filter(state, filter).unwrap();
        let n = state.list.len();
        crate::app::list::set_filter(state, "").unwrap();
        n
    };
    assert_eq!(
        (visible(&mut state, "is:claimed"), visible(&mut state, "is:unclaimed")),
        (1, 0)
    );
    found(&mut state, [event(-10, true), event(-20, false)]);
    after(&mut state, 30 * 60);
    assert_eq!(
        (visible(&mut state, "is:claimed"), visible(&mut state, "is:unclaimed")),
        (0, 1)
    );
    let effects = pressed_after(&mut state, 1, "c");
    assert!(state.prompt.is_none(), "nobody has to be asked");
    // In the journal by itself the old claim stands until it is taken over.
    assert!(
        matches!(&effects[..], [What::Claimed { from: Some(from) }] if from == OTHER),
        "{effects:?}"
    );
    assert!(said(&state).starts_with("You work on"), "{}", said(&state));
    assert_eq!(visible(&mut state, "owner:oncall-1"), 1);
    assert_eq!(state.claims.of([id.as_str()]).owner.unwrap().0, ME);
}
