//! What is announced, when, and how often.

use super::super::testing::{after, finding, found, on_instance, press, said, send, state};
use super::super::{Event, Mode};
use super::*;
use crate::findings::Finding;

fn alerts(effects: Vec<Effect>) -> Vec<Alert> {
    let alerts = effects.into_iter().map(|effect| match effect {
        Effect::Alert(alert) => alert,
        other => panic!("{other:?}"),
    });
    alerts.collect()
}

/// What the screen says of incidents that nobody has looked at.
fn shown(state: &State) -> String {
    state.alerts.unseen(state.duty.alert.at).unwrap_or_default()
}

#[test]
fn what_was_announced_stays_until_a_key_is_pressed_on_the_list() {
    let mut state = state(Mode::Respond, Vec::new());
    send(&mut state, Event::Round);
    state.say(Tone::Plain, "Nobody is here to take this away.");
    let titled = |id: &str, score: f64| Finding {
        title: Untrusted::new(format!("title of {id}")),
        ..finding(id, score, 1)
    };
    found(&mut state, [titled("f-1", 9.1)]);
    after(&mut state, 1);
    assert_eq!(shown(&state), "1 new critical: title of f-1");
    found(&mut state, [titled("f-2", 9.5), titled("f-3", 9.0)]);
    after(&mut state, 60);
    assert_eq!(shown(&state), "3 new critical: title of f-2");
    found(&mut state, [titled("f-4", 9.2)]);
    after(&mut state, 60);
    assert_eq!(shown(&state), "4 new critical: title of f-2", "the worst stays");
    press(&mut state, "j");
    assert_eq!(shown(&state), "");
    press(&mut state, "Enter");
    found(&mut state, [titled("f-5", 9.2)]);
    after(&mut state, 60);
    press(&mut state, "j");
    assert!(shown(&state).starts_with("1 new"), "this is not the list");
}

#[test]
fn findings_of_one_incident_are_one_piece_of_news() {
    let mut state = state(Mode::Watch, Vec::new());
    send(&mut state, Event::Round);
    let shared = |id: &str, score: f64| on_instance(finding(id, score, 1), "i-0123456789abcdef0");
    found(
        &mut state,
        [shared("f-1", 9.1), shared("f-2", 9.3), finding("f-3", 9.2, 1)],
    );
    let alert = alerts(after(&mut state, 1)).remove(0);
    assert!(alert.text.starts_with("2 new incidents"), "{}", alert.text);
    found(&mut state, [shared("f-4", 9.9)]);
    assert!(after(&mut state, 60).is_empty(), "it joined what was announced");

    state.duty.alert.at = SeverityLabel::High;
    let other = |id: &str, score: f64| on_instance(finding(id, score, 1), "i-0fedcba9876543210");
    found(&mut state, [other("f-5", 8.0)]);
    assert_eq!(alerts(after(&mut state, 60)).len(), 1);
    found(&mut state, [other("f-6", 8.5)]);
    assert!(after(&mut state, 60).is_empty());
    found(&mut state, [other("f-7", 9.5)]);
    assert_eq!(alerts(after(&mut state, 60)).len(), 1, "it became critical");
    found(&mut state, [other("f-8", 9.6)]);
    assert!(after(&mut state, 60).is_empty());
}

#[test]
fn what_the_first_read_found_is_one_sum_and_later_each_burst_one() {
    let mut state = state(Mode::Watch, Vec::new());
    found(&mut state, ["f-1", "f-2", "f-3"].map(|id| finding(id, 9.5, 600)));
    assert!(after(&mut state, 30).is_empty(), "the first read is not at its end");
    send(&mut state, Event::Round);
    let first = alerts(after(&mut state, 1));
    assert_eq!(first.len(), 1);
    assert!(
        first[0].bell && first[0].text.starts_with("3 incidents are critical at the start"),
        "{first:?}"
    );
    assert!(
        shown(&state).starts_with("3 critical at the start: "),
        "{}",
        shown(&state)
    );

    found(&mut state, [finding("f-2", 9.9, 1)]);
    assert!(after(&mut state, 60).is_empty(), "an update is no news");
    found(&mut state, [finding("f-4", 8.9, 1)]);
    assert!(after(&mut state, 60).is_empty(), "high is not critical");
    found(&mut state, [finding("f-4", 9.0, 0)]);
    let risen = alerts(after(&mut state, 1));
    assert!(risen[0].text.starts_with("New critical: "), "{risen:?}");
    assert!(
        shown(&state).starts_with("1 new critical, 3 at the start: "),
        "{}",
        shown(&state)
    );

    found(&mut state, [finding("f-5", 9.0, 1)]);
    assert!(after(&mut state, 3).is_empty(), "too soon for another sound");
    found(&mut state, [finding("f-6", 9.0, 1)]);
    let both = alerts(after(&mut state, 10));
    assert!(both[0].text.starts_with("2 new"), "{both:?}");
    assert!(after(&mut state, 60).is_empty());
}

#[test]
fn muted_is_silent_and_still_shown_and_archived_ones_are_no_news() {
    let mut state = state(Mode::Respond, Vec::new());
    send(&mut state, Event::Round);
    press(&mut state, "M");
    assert!(said(&state).starts_with("Muted"));
    state.message = None;
    found(&mut state, [finding("f-1", 9.5, 1)]);
    assert!(after(&mut state, 1).is_empty());
    assert!(shown(&state).starts_with("1 new critical: "), "{}", shown(&state));
    press(&mut state, "M");
    let archived = Finding {
        archived: true,
        ..finding("f-2", 9.5, 1)
    };
    found(&mut state, [archived]);
    assert!(after(&mut state, 60).is_empty());
    found(&mut state, [finding("f-3", 9.5, 1)]);
    assert_eq!(alerts(after(&mut state, 60)).len(), 1);
}

#[test]
fn a_title_reaches_the_terminal_without_its_escape_sequences() {
    let mut state = state(Mode::Watch, Vec::new());
    send(&mut state, Event::Round);
    let hostile = Finding {
        title: Untrusted::new("evil\u{1b}]0;x\u{7}\u{202e}drow"),
        ..finding("f-1", 9.5, 1)
    };
    found(&mut state, [hostile]);
    let alert = alerts(after(&mut state, 1)).remove(0);
    assert!(
        !alert.text.contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{:?}",
        alert.text
    );
}

#[test]
fn what_was_over_and_opens_again_is_news() {
    let mut state = state(Mode::Watch, Vec::new());
    send(&mut state, Event::Round);
    let version = |minutes_ago: i64, archived: bool| Finding {
        archived,
        ..on_instance(finding("f-1", 9.5, minutes_ago), "i-0123456789abcdef0")
    };
    found(&mut state, [version(9, false)]);
    assert_eq!(alerts(after(&mut state, 1)).len(), 1);
    found(&mut state, [version(8, true)]);
    assert!(after(&mut state, 60).is_empty());
    found(&mut state, [version(7, false)]);
    assert_eq!(alerts(after(&mut state, 60)).len(), 1, "it is open again");
    // While another finding keeps the incident open, it has not begun again.
    let other = on_instance(finding("f-2", 9.1, 1), "i-0123456789abcdef0");
    found(&mut state, [other]);
    after(&mut state, 60);
    found(&mut state, [version(6, true)]);
    after(&mut state, 60);
    found(&mut state, [version(5, false)]);
    assert!(after(&mut state, 60).is_empty());
}
