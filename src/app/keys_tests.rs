//! Where a key goes: marks on the list, and Korean input.

use super::super::Mode;
use super::super::testing::{finding, found, press, recorded, said, send, state as console};
use super::*;
use crate::app::Event;
use crate::domain::{Principal, Resource, ResourceKind};
use crate::findings::Finding;
use crate::findings::incident::id_of;
use crate::journal::What;

/// Two incidents: `a` is critical, `b` is not.
fn two() -> State {
    let mut state = console(Mode::Respond, Vec::new());
    let on = |id, score, instance| Finding {
        resource: Resource::new(ResourceKind::Instance, instance),
        others: Vec::new(),
        principal: Principal::default(),
        ..finding(id, score, 10)
    };
    found(&mut state, [on("a", 9.5, "i-1"), on("b", 5.0, "i-2")]);
    let now = state.now;
    send(&mut state, Event::Tick(now));
    state
}

#[test]
fn marks_are_set_and_acted_on_only_where_they_are_seen() {
    let mut state = two();
    press(&mut state, "j");
    press(&mut state, "Space");
    assert_eq!(state.marked()[0].lead().id.raw(), "b");
    list::set_filter(&mut state, "sev>=critical").unwrap();
    let hidden = "1 marked row is hidden by the filter; it is left out.";
    let effects = press(&mut state, "c");
    assert_eq!(said(&state), hidden);
    let wanted = id_of(state.current().unwrap().lead());
    let about_a = |e: &Effect| matches!(e, Effect::Note { incident: Some(id), .. } if *id == wanted);
    assert!(!effects.is_empty() && effects.iter().all(about_a), "{effects:?}");
    press(&mut state, "Enter");
    press(&mut state, "Space");
    assert_eq!(state.list.marks(), 1, "nothing is marked from another screen");
    assert!(said(&state).contains("ticked in the Playbook pane"), "{}", said(&state));
    press(&mut state, "1");
    assert!(said(&state).contains("on the list only"), "{}", said(&state));
}

#[test]
fn a_faulty_term_leaves_the_list_as_it_was_before_it() {
    let mut state = two();
    list::set_filter(&mut state, "").unwrap();
    press(&mut state, "/");
    for c in "sev:hihg".chars() {
        press(&mut state, &c.to_string());
    }
    assert_eq!((state.list.filter_text.as_str(), state.list.len()), ("", 2));
    let Some(Prompt::Filter { error, .. }) = &state.prompt else {
        panic!("the prompt stays open")
    };
    assert!(error.is_some(), "what is wrong is said");
    press(&mut state, "Esc");
    list::set_filter(&mut state, "").unwrap();
    press(&mut state, "/");
    for c in "sev>=critical".chars() {
        press(&mut state, &c.to_string());
    }
    press(&mut state, "Space");
    for c in "sev:hihg".chars() {
        press(&mut state, &c.to_string());
    }
    assert_eq!(
        (state.list.filter_text.as_str(), state.list.len()),
        ("sev>=critical", 1)
    );
}

#[test]
fn an_owner_and_a_line_of_the_json_are_found_however_their_syllables_are_written() {
    let mut state = two();
    let id = id_of(state.current().unwrap().lead());
    let who = "arn:aws:sts::222222222222:assumed-role/ir/김당번";
    let lead = std::sync::Arc::clone(state.current().unwrap().lead());
    let finding = crate::app::incident::summary(&lead);
    recorded(&mut state, 1, who, &id, What::Incident { finding });
    recorded(&mut state, 2, who, &id, What::Claimed { from: None });
    // The same name in its letters.
    let letters = "\u{1100}\u{1175}\u{11b7}\u{1103}\u{1161}\u{11bc}";
    list::set_filter(&mut state, &format!("owner:{letters}")).unwrap();
    assert_eq!(state.list.len(), 1);
    press(&mut state, "Enter");
    let Some(Screen::Incident(open)) = state.screens.last_mut() else {
        panic!("no incident is open")
    };
    open.raw_lines = vec!["{".to_owned(), "  \"team\": \"운영팀\"".to_owned()];
    open.search = "\u{110b}\u{116e}\u{11ab}\u{110b}\u{1167}\u{11bc}\u{1110}\u{1175}\u{11b7}".to_owned();
    super::super::run::search(&mut state, true);
    let Screen::Incident(open) = state.screen() else {
        panic!("it stays open")
    };
    assert_eq!(open.scrolls[crate::app::incident::Pane::Raw as usize].cursor, 1);
}

#[test]
fn with_korean_input_on_a_letter_means_its_key_but_never_guesses_a_change() {
    let mut state = two();
    press(&mut state, "ㅓ");
    assert_eq!(state.list.scroll.cursor, 1);
    assert!(
        press(&mut state, "ㅊ").is_empty() && said(&state).contains("c and C"),
        "{}",
        said(&state)
    );
    press(&mut state, "/");
    press(&mut state, "ㅓ");
    assert!(matches!(&state.prompt, Some(Prompt::Filter { line, .. }) if line.text().ends_with('ㅓ')));
}
