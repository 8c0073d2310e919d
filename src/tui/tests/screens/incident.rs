//! The panes of an incident.

use super::*;

#[test]
fn incident_finding() {
    look("incident-finding", opened(Mode::Respond));
}

#[test]
fn incident_context() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["Tab"]);
    look("incident-context", state);
}

#[test]
fn incident_playbook() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["Tab", "Tab", "j"]);
    look("incident-playbook", state);
}

#[test]
fn incident_playbook_in_watch() {
    let mut state = opened(Mode::Watch);
    press(&mut state, &["Tab", "Tab"]);
    look("incident-playbook-watch", state);
}

#[test]
fn incident_playbook_half_way() {
    let mut state = journaled(Mode::Respond);
    press(&mut state, &["Enter", "Tab", "Tab", "j"]);
    look("incident-playbook-half-way", state);
}

#[test]
fn incident_raw_searched() {
    let mut state = opened(Mode::Watch);
    press(&mut state, &["/", "t", "a", "g", "s", "Enter"]);
    look("incident-raw", state);
}

#[test]
fn incident_earlier_events() {
    look("incident-earlier", fixture::told_again(Mode::Watch));
    look("incident-earlier-opened", fixture::told_before(Mode::Watch));
    let mut state = fixture::told_again(Mode::Watch);
    press(&mut state, &["Esc"]);
    look("incident-earlier-latest", state);
}

#[test]
fn incident_journal() {
    let mut state = journaled(Mode::Respond);
    press(&mut state, &["Enter", "BackTab", "G"]);
    look("incident-journal", state);
}

#[test]
fn classify_prompt() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["v"]);
    look("classify", state);
}

#[test]
fn playbook_prompt() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["Tab", "Tab", "P", "j"]);
    look("playbooks", state);
}

#[test]
fn what_a_step_can_do_is_chosen_from_a_list() {
    let mut state = opened(Mode::Respond);
    press(&mut state, &["i", "G"]);
    look("chooser", state);
}
