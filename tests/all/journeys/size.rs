//! Terminals of every size.

use unicode_width::UnicodeWidthStr;

use super::{Person, SMALL, quit};

#[test]
fn says_when_the_terminal_is_too_small_and_recovers() {
    let person = Person::new();
    let mut screen = person.drills(&[], SMALL);
    screen.see(" ▲ CRIT ");
    screen.resize(60, 10);
    screen.see("quell needs 80 × 24; this is 60 × 10.");
    screen.resize(140, 40);
    let shown = screen.see("│ What");
    assert!(shown.contains(" ▲ CRIT "), "{shown}");
    let widest = shown.lines().map(UnicodeWidthStr::width).max();
    assert_eq!((shown.lines().count(), widest), (40, Some(140)), "{shown}");
    screen.resize(80, 24);
    screen.see_gone("│ What");
    screen.see(" ▲ CRIT ");
    screen.press("j");
    screen.wait("the cursor on the second line", |shown| {
        shown.lines().nth(5).is_some_and(|line| line.starts_with('▸'))
    });
    quit(screen);
}
