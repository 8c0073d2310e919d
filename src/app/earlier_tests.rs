//! The list of earlier events, by its keys.

use super::super::testing::{after, finding, found, press, said, send, state};
use super::super::{Event, Mode};
use super::*;
use crate::findings::event::parse;
use crate::findings::{Finding, Source, samples};

fn event(time: &str) -> Vec<u8> {
    format!(
        r#"{{"detail-type":"Outage","source":"acme","id":"id of {time}","account":"111122223333","region":"eu-west-1",
        "time":"2026-03-01T{time}Z","detail":{{"id":"p1","title":"Payments at {time}","status":"open"}}}}"#
    )
    .into_bytes()
}

fn told(time: &str) -> Finding {
    parse(&event(time), &samples::place())
}

fn brief(time: &str) -> Brief {
    Brief::read(&event(time), &samples::place())
}

fn open(state: &State) -> &IncidentScreen {
    match state.screen() {
        Screen::Incident(open) => open,
        other => panic!("{other:?}"),
    }
}

fn evidence(state: &mut State, time: &str, earlier: usize) {
    let raw = Ok(Bytes::from(event(time)));
    let key = told(time).key();
    send(state, Event::Evidence { key, raw, earlier });
}

fn asked(effects: &[Effect]) -> Vec<&Effect> {
    let earlier = |effect: &&Effect| matches!(effect, Effect::Earlier { .. } | Effect::EarlierEvent { .. });
    effects.iter().filter(earlier).collect()
}

/// An incident of three events, at its JSON.
fn opened() -> State {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, [told("12:00:00")]);
    after(&mut state, 1);
    press(&mut state, "enter");
    evidence(&mut state, "12:00:00", 2);
    for _ in 0..3 {
        press(&mut state, "tab");
    }
    assert_eq!(open(&state).pane, Pane::Raw);
    state
}

fn list(state: &mut State, times: &[&str]) {
    let events = Ok(times.iter().map(|time| brief(time)).collect());
    let key = told("12:00:00").key();
    send(state, Event::Earlier { key, events });
}

#[test]
fn an_earlier_event_is_opened_from_the_list_and_left_again() {
    let mut state = opened();
    let effects = press(&mut state, "enter");
    assert!(matches!(asked(&effects)[..], [Effect::Earlier { key }] if key.source == Source::EventBridge));
    list(&mut state, &["11:00:00", "10:00:00"]);
    press(&mut state, "j");
    let copied = press(&mut state, "y");
    assert!(
        matches!(&copied[..], [Effect::Copy(id)] if id == "id of 10:00:00"),
        "{copied:?}"
    );
    let effects = press(&mut state, "enter");
    let [Effect::EarlierEvent { key, digest }] = asked(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(*digest, brief("10:00:00").digest);
    let (key, digest) = (key.clone(), *digest);
    assert!(
        open(&state).json().is_empty(),
        "nothing of another one is shown meanwhile"
    );
    // An answer about another one is not shown under this one's line.
    for time in ["11:00:00", "10:00:00"] {
        let raw = Ok(Bytes::from(event(time)));
        let digest = brief(time).digest;
        send(
            &mut state,
            Event::EarlierEvent {
                key: key.clone(),
                digest,
                raw,
            },
        );
        assert_eq!(open(&state).json().is_empty(), time == "11:00:00");
    }
    assert_eq!(open(&state).earlier.opened().unwrap().digest, digest);
    assert!(open(&state).json().join("\n").contains("id of 10:00:00"));
    // The search is in what is seen.
    for letter in ["/", "o", "p", "e", "n", "enter"] {
        press(&mut state, letter);
    }
    let line = open(&state).json_scroll().cursor;
    assert!(open(&state).json()[line].contains("open"), "{}", said(&state));
    press(&mut state, "esc");
    assert_eq!(
        (open(&state).earlier.shown, open(&state).json_scroll().cursor),
        (Shown::List, 1)
    );
    press(&mut state, "esc");
    assert!(open(&state).json().join("\n").contains("id of 12:00:00"));
    press(&mut state, "esc");
    assert!(matches!(state.screen(), Screen::List));
}

#[test]
fn the_list_grows_when_another_event_comes_and_the_cursor_stays() {
    let mut state = opened();
    press(&mut state, "enter");
    list(&mut state, &["11:00:00", "10:00:00"]);
    press(&mut state, "j");
    found(&mut state, [told("13:00:00")]);
    let effects = after(&mut state, 1);
    assert!(matches!(asked(&effects)[..], [Effect::Earlier { .. }]), "{effects:?}");
    list(&mut state, &["12:00:00", "11:00:00", "10:00:00"]);
    let earlier = &open(&state).earlier;
    assert_eq!((earlier.count, earlier.list.cursor), (3, 2));
}

#[test]
fn where_there_are_none_enter_goes_on_to_the_next_pane() {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, [finding("f-1", 8.0, 9)]);
    after(&mut state, 1);
    press(&mut state, "enter");
    let raw = Ok(Bytes::from_static(samples::GUARDDUTY[0].1));
    let key = finding("f-1", 8.0, 9).key();
    send(&mut state, Event::Evidence { key, raw, earlier: 0 });
    for _ in 0..3 {
        press(&mut state, "tab");
    }
    assert!(asked(&press(&mut state, "enter")).is_empty());
    assert_eq!(open(&state).pane, Pane::Journal);
}

#[test]
fn why_they_cannot_be_listed_or_shown_is_said() {
    let mut state = opened();
    press(&mut state, "enter");
    let key = told("12:00:00").key();
    let why = || "The earlier events cannot be listed: the disk failed.".to_owned();
    send(
        &mut state,
        Event::Earlier {
            key: key.clone(),
            events: Err(why()),
        },
    );
    assert_eq!(open(&state).earlier.events, Some(Err(why())));
    assert!(asked(&press(&mut state, "enter")).is_empty());
    list(&mut state, &["11:00:00"]);
    press(&mut state, "enter");
    let digest = brief("11:00:00").digest;
    send(
        &mut state,
        Event::EarlierEvent {
            key,
            digest,
            raw: Err(why()),
        },
    );
    assert_eq!(open(&state).json(), [why()]);
}
