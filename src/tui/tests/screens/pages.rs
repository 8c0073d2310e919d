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
fn coverage_screen_with_what_a_complete_queue_kept_aside() {
    let mut state = full(Mode::Watch);
    let told = "2 kept aside since 2026-01-31, the last one at 2026-02-14 09:12 UTC. These messages of queue quell-events were no \
                events: 5fea7756-0ea4-451a-a703-a558b933e274: it is no JSON: hello? is this thing on; \
                7f4c1c0e-9a1b-4c5d-8e2f-3a4b5c6d7e8f: it is no JSON: ping.";
    coverage(
        &mut state,
        "111111111111",
        "ap-northeast-2",
        Source::EventBridge,
        CoverageState::Complete,
        Some(told),
    );
    press(&mut state, &["C", "G"]);
    look("coverage-aside", state);
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
