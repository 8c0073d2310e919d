//! Cutting an instance off, seeing it verified, and undoing it.

use super::{CONFIRM, ENTER, ESC, LARGE, Person, SMALL, confirm, first, open, pane, quit};

#[test]
fn isolates_sees_it_verified_and_undoes_it() {
    let person = Person::new();
    let mut screen = person.drills(&[], SMALL);
    open(&mut screen, "type~Backdoor:EC2");
    screen.press("i");
    first(&mut screen);
    confirm(&mut screen);
    let shown = screen.see("VERIFIED  isolate-instance");
    assert!(shown.contains("All 15 calls applied."), "{shown}");
    screen.press("u");
    screen.see(CONFIRM);
    confirm(&mut screen);
    screen.see("VERIFIED");
    screen.see("read back as planned");
    screen.press(ESC);
    screen.see_gone("undo of record");
    quit(screen);
    person.checks_the_journal();
    let output = person.asks(&["journal", "show", "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    // Fifteen calls cut it off; two interfaces, the Auto Scaling group and its minimum, the target group, the volume, the protection
    // and the tags take it back.
    assert_eq!((count(&text, "intent"), count(&text, "outcome")), (23, 23));
}

#[test]
fn a_wrong_answer_changes_nothing() {
    let person = Person::new();
    let mut screen = person.drills(&[], LARGE);
    open(&mut screen, "type~Backdoor:EC2");
    screen.press("i");
    first(&mut screen);
    screen.see(CONFIRM);
    let typed = format!("{CONFIRM}:  zzzz");
    let heard = (0..40).any(|_| {
        screen.press(&super::BACKSPACE.repeat(4));
        screen.press("zzzz");
        screen.shows_within(&typed, super::SOON)
    });
    assert!(heard, "{}", screen.contents());
    screen.press(ENTER);
    // What was typed is gone, and the plan is still there to be confirmed or left.
    screen.see_gone("zzzz");
    screen.see(CONFIRM);
    screen.press(ESC);
    // An Esc with another key right behind it is Alt and that key to a terminal.
    screen.see_gone(CONFIRM);
    let shown = pane(&mut screen, "Playbook");
    assert!(shown.contains("isolate   · waits"), "{shown}");
    quit(screen);
    let output = person.asks(&["journal", "show", "--format", "json"]);
    assert_eq!(count(&String::from_utf8(output.stdout).unwrap(), "intent"), 0);
}

/// The records of this kind.
fn count(journal: &str, kind: &str) -> usize {
    let kind = format!("\"what\":{{\"kind\":\"{kind}\"");
    journal.lines().filter(|line| line.contains(&kind)).count()
}
