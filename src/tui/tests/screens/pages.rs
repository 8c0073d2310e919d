//! The journal, the coverage and the help.

use super::*;

#[test]
fn journal_screen() {
    let mut state = journaled(Mode::Respond);
    press(&mut state, &["J", "k", "k"]);
    look("journal", state);
}

#[test]
fn coverage_screen() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["C"]);
    look("coverage", state);
}

#[test]
fn help_screen() {
    let mut state = full(Mode::Respond);
    press(&mut state, &["?"]);
    look("help", state);
}

#[test]
fn help_screen_in_watch() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["?"]);
    drawn(&mut state, SIZES[0]);
    press(&mut state, &["G"]);
    look("help-watch", state);
}
