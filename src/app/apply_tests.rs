//! Leaving and stopping while calls are being sent, and what is said of a plan with nothing to read back.

use crate::app::{Effect, Event, Key, KeyMap, Mode, Start, State, update};
use crate::domain::Time;
use crate::playbook::{Classification, Library};

fn state() -> State {
    State::new(Start {
        window: crate::findings::incident::WINDOW,
        mode: Mode::Respond,
        zone: jiff::tz::TimeZone::UTC,
        now: Time::UNIX_EPOCH,
        keys: KeyMap::default(),
        topic: None,
        classification: Classification::built_in(),
        playbooks: Library::built_in(),
        look: crate::app::views::Look::default(),
        duty: crate::app::duty::Duty::default(),
        choices: std::collections::BTreeMap::new(),
        management: None,
    })
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    update(state, Event::Key(key, Time::UNIX_EPOCH))
}

fn said(state: &State) -> &str {
    state.message.as_ref().map_or("", |m| m.text.as_str())
}

#[test]
fn quitting_while_calls_are_sent_says_what_that_means_first() {
    for quit in [Key::char('q'), Key::ctrl('c')] {
        let mut state = state();
        state.applying = true;
        assert!(press(&mut state, quit).is_empty());
        assert!(said(&state).contains("still being sent"), "{}", said(&state));
        assert!(matches!(press(&mut state, quit)[..], [Effect::Quit]));

        let mut state = self::state();
        state.applying = true;
        assert!(press(&mut state, quit).is_empty());
        assert!(update(&mut state, Event::CallsEnded { trouble: None }).is_empty());
        state.applying = true;
        assert!(press(&mut state, quit).is_empty(), "the next plan is warned of again");
        state.applying = false;
        assert!(matches!(press(&mut state, quit)[..], [Effect::Quit]));
    }
}

#[test]
fn the_console_is_not_stopped_while_calls_are_sent() {
    let mut state = state();
    state.applying = true;
    assert!(press(&mut state, Key::ctrl('z')).is_empty());
    assert!(said(&state).contains("still being sent"), "{}", said(&state));
    state.applying = false;
    assert!(matches!(press(&mut state, Key::ctrl('z'))[..], [Effect::Suspend]));
}

#[test]
fn a_message_that_was_sent_is_not_said_to_be_read_back() {
    let mut state = state();
    let checked = Event::Checked {
        seq: 7,
        checks: Vec::new(),
        last: true,
    };
    assert!(update(&mut state, checked).is_empty());
    assert!(said(&state).contains("nothing to read back"), "{}", said(&state));
}
