//! Long text can be read to its end, and the way back begins at once.

use super::fixture::{full, press};
use super::{SIZES, drawn, rows, shown};
use crate::app::state::Tone;
use crate::app::{Mode, State};

/// The row that says which lines are seen.
fn lines_seen(state: &mut State) -> String {
    let (buffer, _) = drawn(state, SIZES[0]);
    let found = rows(&buffer).find_map(|row| {
        // Not the heading that says how many there are.
        let counts = |at: &usize| row[at + "lines ".len()..].starts_with(|c: char| c.is_ascii_digit());
        let at = row.match_indices("lines ").map(|(at, _)| at).find(counts)?;
        Some(row[at..].split(" ·").next()?.trim_end_matches([' ', '─']).to_owned())
    });
    found.unwrap_or_else(|| panic!("no such row in\n{}", shown(&buffer)))
}

#[test]
fn a_plan_is_scrolled_to_its_end_and_no_further() {
    let mut state = full(Mode::Respond);
    press(&mut state, &["Enter", "i", "Enter"]);
    assert_eq!(lines_seen(&mut state), "lines 1–17 of 60");
    press(&mut state, &["Down"]);
    assert_eq!(lines_seen(&mut state), "lines 2–18 of 60");
    press(&mut state, &["End"]);
    assert_eq!(lines_seen(&mut state), "lines 44–60 of 60");
    press(&mut state, &["Down", "Down", "Up"]);
    assert_eq!(lines_seen(&mut state), "lines 43–59 of 60");
}

#[test]
fn help_is_scrolled_by_half_a_page() {
    let mut state = full(Mode::Respond);
    press(&mut state, &["?"]);
    lines_seen(&mut state);
    press(&mut state, &["Ctrl-d"]);
    assert!(lines_seen(&mut state).starts_with("lines 13–"));
    press(&mut state, &["g"]);
    assert!(lines_seen(&mut state).starts_with("lines 1–"));
}

#[test]
fn guidance_moves_by_pages_and_begins_anew_with_each_step() {
    let mut state = full(Mode::Respond);
    press(&mut state, &["Enter", "Tab", "Tab"]);
    let (before, _) = drawn(&mut state, SIZES[0]);
    // A message of three lines leaves less room than the guidance needs.
    state.say(Tone::Bad, "long ".repeat(40));
    assert!(lines_seen(&mut state).starts_with("lines 1–"));
    press(&mut state, &["PageDown"]);
    state.say(Tone::Bad, "long ".repeat(40));
    assert!(!lines_seen(&mut state).starts_with("lines 1–"));
    press(&mut state, &["j", "k"]);
    let (after, _) = drawn(&mut state, SIZES[0]);
    // All but the clock in the banner is as it was.
    assert!(rows(&before).skip(1).eq(rows(&after).skip(1)), "{}", shown(&after));
}
