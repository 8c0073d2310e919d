//! What moves rows, what stays with them, and what split and merge do.

mod crowd;
mod plain;

use super::*;
use crate::app::testing::{finding, found, now, press, said, send, state};
use crate::app::{Event, Mode, State};
use crate::domain::{Resource, ResourceKind, Time, Untrusted};
use crate::findings::filter::Context;
use crate::findings::incident::id_of;
use crate::journal::{Record, What};

fn on(id: &str, score: f64, minutes_ago: i64, instance: &str) -> Finding {
    let mut finding = finding(id, score, minutes_ago);
    finding.resource = Resource::new(ResourceKind::Instance, instance);
    (finding.others, finding.principal) = (Vec::new(), crate::domain::Principal::default());
    finding.first_seen = finding.updated_at;
    finding
}

fn leads(state: &State) -> Vec<String> {
    let rows = state.rows(0, usize::MAX);
    rows.iter().map(|row| row.lead().id.raw().to_owned()).collect()
}

fn tick(state: &mut State, minutes: i64) {
    let later = now().checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
    send(state, Event::Tick(later));
}

/// Until the tick the screen would say that nothing matches the filter, though somebody waits for the first of them.
#[test]
fn the_first_findings_are_on_the_list_at_once_and_later_ones_at_the_tick() {
    let mut state = state(Mode::Respond, Vec::new());
    found(&mut state, [on("first", 9.0, 5, "i-1")]);
    assert_eq!(leads(&state), ["first"]);
    found(&mut state, [on("second", 9.5, 5, "i-2")]);
    assert_eq!(leads(&state), ["first"]);
    tick(&mut state, 0);
    assert_eq!(leads(&state), ["second", "first"]);
}

/// A claimed row goes behind those that nobody has; who claims the first line and then opens it must not open another incident.
#[test]
fn the_cursor_goes_with_the_row_that_was_claimed() {
    let mut state = state(Mode::Respond, Vec::new());
    found(&mut state, [on("worst", 9.5, 600, "i-1"), on("other", 9.0, 600, "i-2")]);
    tick(&mut state, 0);
    assert_eq!(leads(&state), ["worst", "other"]);
    let id = state
        .incident_of(&state.current().unwrap().lead().key())
        .unwrap()
        .id
        .clone();
    press(&mut state, "c");
    let records = [
        What::Incident {
            finding: crate::app::incident::summary(state.current().unwrap().lead()),
        },
        What::Claimed { from: None },
    ];
    for (seq, what) in records.into_iter().enumerate() {
        journal(&mut state, seq as u64 + 1, &id, what);
    }
    tick(&mut state, 1);
    assert_eq!(leads(&state), ["other", "worst"]);
    assert_eq!(state.current().unwrap().lead().id.raw(), "worst");
}

#[test]
fn what_becomes_overdue_rises_and_what_was_answered_sinks() {
    let mut state = state(Mode::Respond, Vec::new());
    // High: an hour. Medium: four. Critical ones stand above both.
    let all = [
        on("crit", 9.5, 1, "i-1"),
        on("high", 8.0, 50, "i-2"),
        on("new", 8.0, 20, "i-3"),
        on("med", 5.0, 230, "i-4"),
    ];
    found(&mut state, all);
    tick(&mut state, 0);
    assert_eq!(leads(&state), ["crit", "high", "new", "med"]);
    tick(&mut state, 11);
    // Ten minutes later both the first high one and the medium one are late.
    assert_eq!(leads(&state), ["crit", "high", "med", "new"]);
    let high = state.rows(1, 1)[0].clone();
    let Row::Incident(incident) = &high else {
        panic!("{high:?}")
    };
    assert!(state.deadline(incident).unwrap().is_overdue(state.now));
    let id = incident.id.clone();
    let records = [
        What::Incident {
            finding: crate::app::incident::summary(&incident.lead),
        },
        What::Classified {
            severity: crate::domain::SeverityLabel::High,
            response_minutes: 60,
            incident_type: None,
            subtype: None,
            systems: None,
        },
    ];
    for (seq, what) in records.into_iter().enumerate() {
        journal(&mut state, seq as u64 + 1, &id, what);
    }
    tick(&mut state, 12);
    assert_eq!(leads(&state), ["crit", "med", "new", "high"]);
    list_filter(&mut state, "is:responded");
    assert_eq!(leads(&state), ["high"]);
    list_filter(&mut state, &format!("incident:{}", &id[..6]));
    assert_eq!(leads(&state), ["high"]);
}

fn list_filter(state: &mut State, text: &str) {
    set_filter(state, text).unwrap();
    while work(state) {}
}

fn journal(state: &mut State, seq: u64, incident: &str, what: What) {
    let record = Record {
        v: 1,
        seq,
        time: state.now,
        prev: String::new(),
        who: "arn:aws:iam::222222222222:user/somebody".to_owned(),
        incident: Some(incident.to_owned()),
        what,
    };
    send(state, Event::Recorded(Box::new(record)));
}

/// Writes down what the command asked to be written.
fn write(state: &mut State, effects: Vec<crate::app::Effect>) {
    let before = state.journal.len() as u64;
    for (seq, effect) in (before + 1..).zip(effects) {
        let crate::app::Effect::Note { incident, what } = effect else {
            panic!("{effect:?}")
        };
        journal(state, seq, &incident.unwrap(), what);
    }
    tick(state, 0);
}

#[test]
fn merge_and_split_go_through_the_journal_and_undo_each_other() {
    let mut state = state(Mode::Respond, Vec::new());
    let all = [
        on("a", 9.5, 10, "i-1"),
        on("b", 8.0, 10, "i-1"),
        on("c", 7.0, 10, "i-2"),
        on("d", 5.0, 10, "i-3"),
    ];
    let (a, c) = (id_of(&all[0]), id_of(&all[2]));
    found(&mut state, all);
    tick(&mut state, 0);
    assert_eq!(leads(&state), ["a", "c", "d"]);
    assert!(press(&mut state, "&").is_empty() && said(&state).contains("at least two"));
    state.list.mark();
    state.list.by(1);
    state.list.mark();
    assert_eq!(state.marked().len(), 2);
    let merged = press(&mut state, "&");
    assert_eq!(
        merged.len(),
        3,
        "both incidents are named, then they are one: {merged:?}"
    );
    assert_eq!(leads(&state), ["a", "c", "d"], "only the record makes it true");
    write(&mut state, merged);
    assert_eq!(leads(&state), ["a", "d"]);
    let Row::Incident(one) = &state.rows(0, 1)[0] else {
        panic!()
    };
    assert_eq!((&one.id, one.members.len()), (&a, 3));
    assert!(one.is(&c) && one.reasons.iter().any(|r| r.to_string() == "joined by hand"));
    state.list.jump(false);
    let split = press(&mut state, "|");
    write(&mut state, split);
    assert_eq!(leads(&state), ["a", "c", "d"]);

    // Of the findings of one incident, one is split off; the one that the journal knows it by stays.
    press(&mut state, "Tab");
    assert_eq!(state.list.kind, Kind::Findings);
    assert_eq!(leads(&state), ["a", "b", "c", "d"]);
    state.list.jump(false);
    assert!(
        press(&mut state, "|").is_empty() && said(&state).contains("stays"),
        "{}",
        said(&state)
    );
    state.list.by(1);
    let split = press(&mut state, "|");
    write(&mut state, split);
    press(&mut state, "Tab");
    assert_eq!(leads(&state), ["a", "b", "c", "d"]);
    assert_eq!(state.incident(&a).unwrap().members.len(), 1);
}

#[test]
fn whoever_only_looks_splits_nothing() {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, [on("a", 9.5, 10, "i-1"), on("b", 8.0, 10, "i-1")]);
    tick(&mut state, 0);
    for key in ["|", "&"] {
        assert!(press(&mut state, key).is_empty());
        assert!(said(&state).contains("only looks"), "{}", said(&state));
    }
}

#[test]
fn the_cursor_and_marks_stay_with_their_rows() {
    let mut state = state(Mode::Watch, Vec::new());
    found(
        &mut state,
        (0..20)
            .map(|n| on(&format!("f-{n:02}"), 5.0, 10 + n, &format!("i-{n}")))
            .collect::<Vec<_>>(),
    );
    tick(&mut state, 0);
    state.list.by(7);
    state.list.mark();
    let here = state.current().unwrap().lead().id.clone();
    found(
        &mut state,
        (0..5)
            .map(|n| on(&format!("new-{n}"), 9.9, 1, &format!("i-new-{n}")))
            .collect::<Vec<_>>(),
    );
    tick(&mut state, 0);
    assert_eq!(state.current().unwrap().lead().id, here);
    assert!(state.is_marked(&state.current().unwrap()));
    sort_by(&mut state, Sort::FirstSeen);
    assert_eq!(state.current().unwrap().lead().id, here);
    let forward = leads(&state);
    sort_by(&mut state, Sort::FirstSeen);
    let mut back = leads(&state);
    back.reverse();
    // Of the same age are only the new ones.
    assert_eq!(forward[..20], back[..20]);
    assert_eq!(state.marked()[0].lead().id, here);
    list_filter(&mut state, "sev>=critical");
    assert_eq!((leads(&state).len(), state.marked().len()), (5, 0));
    assert_eq!(state.hidden_marks(), 1, "a row that is not seen is not acted on");
}

#[test]
fn a_filter_shows_the_first_rows_at_once_and_takes_what_arrives_meanwhile() {
    let mut state = state(Mode::Watch, Vec::new());
    let many = SLICE * 2 + 100;
    found(
        &mut state,
        (0..many)
            .map(|n| on(&format!("f-{n}"), 5.0, 10, &format!("i-{n}")))
            .collect::<Vec<_>>(),
    );
    tick(&mut state, 0);
    while work(&mut state) {}
    set_filter(&mut state, "sev>=medium").unwrap();
    assert_eq!((state.list.len(), state.list.is_filtering()), (SLICE, true));
    found(
        &mut state,
        [
            on("first", 9.9, 1, "i-first"),
            on("last", 4.0, 1, "i-last"),
            on("none", 1.0, 1, "i-none"),
        ],
    );
    tick(&mut state, 0);
    assert_eq!(leads(&state)[0], "first");
    send(&mut state, Event::Idle);
    assert!(state.list.is_filtering());
    while work(&mut state) {}
    assert_eq!(state.list.len(), many + 2);
    assert_eq!(leads(&state).last().unwrap(), "last");
}

#[test]
fn times_are_taken_as_they_come() {
    // A finding of the future, one without a time, and one from before 1970 have their places.
    let mut state = state(Mode::Watch, Vec::new());
    let mut none = on("none", 5.0, 0, "i-1");
    (none.first_seen, none.updated_at) = (None, None);
    let mut old = on("old", 5.0, 0, "i-2");
    old.first_seen = Some(Time::from_second(-5).unwrap());
    let mut hostile = on("x", 5.0, -600_000, "i-3");
    hostile.title = Untrusted::new("\u{1b}");
    found(&mut state, [none, old, hostile]);
    tick(&mut state, 0);
    assert_eq!(leads(&state), ["old", "x", "none"]);
    let name = |_: &crate::domain::AccountId| None;
    let context = Context {
        now: state.now,
        account_name: &name,
        incident: &|_, _| false,
    };
    assert!(
        Filter::parse("age<1h")
            .unwrap()
            .matches(state.rows(1, 1)[0].lead(), &context)
    );
}
