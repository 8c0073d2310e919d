//! What is announced, when, and how often.

use super::super::testing::{after, finding, found, press, said, send, state};
use super::super::{Event, Mode};
use super::*;

fn alerts(effects: Vec<Effect>) -> Vec<Alert> {
    let alerts = effects.into_iter().map(|effect| match effect {
        Effect::Alert(alert) => alert,
        other => panic!("{other:?}"),
    });
    alerts.collect()
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
        first[0].bell && first[0].text.starts_with("3 new incidents are critical"),
        "{first:?}"
    );
    assert!(said(&state).starts_with("3 new incidents"), "{}", said(&state));

    found(&mut state, [finding("f-2", 9.9, 1)]);
    assert!(after(&mut state, 60).is_empty(), "an update is no news");
    found(&mut state, [finding("f-4", 8.9, 1)]);
    assert!(after(&mut state, 60).is_empty(), "high is not critical");
    found(&mut state, [finding("f-4", 9.0, 1)]);
    let risen = alerts(after(&mut state, 1));
    assert!(risen[0].text.starts_with("New: critical "), "{risen:?}");

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
    assert!(said(&state).starts_with("New: critical"), "{}", said(&state));
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
