//! Looking: open, filter, read an incident, leave.

use unicode_width::UnicodeWidthStr;

use super::{ENTER, ESC, LARGE, Person, SMALL, TAB, filter, open, pane, quit};

#[test]
fn opens_and_leaves_the_terminal_as_found() {
    let person = Person::new();
    let screen = person.drills(&[], SMALL);
    let (alternate, hidden) = screen.modes();
    assert!(alternate && hidden, "the console has a screen of its own");
    let shown = screen.see(" ▲ CRIT ");
    assert!(shown.contains("quell · DRILL"), "{shown}");
    quit(screen);
    person.checks_the_journal();
}

#[test]
fn ctrl_c_leaves_too() {
    let person = Person::new();
    let mut screen = person.drills(&[], SMALL);
    screen.press("?");
    screen.see("what could be read");
    screen.press("\x03");
    let (alternate, hidden, success, _) = super::left(screen);
    assert!(!alternate && !hidden && success);
}

#[test]
fn filters_in_korean_and_opens() {
    let person = Person::new();
    let mut screen = person.drills(&[], LARGE);
    filter(&mut screen, "sev>=high 버킷");
    screen.see("· 1 shown");
    // The finding is one of several in an incident; Tab shows it by itself.
    screen.press(TAB);
    screen.see("Tab incidents");
    let shown = screen.see("· 1 shown");
    assert!(shown.contains("Policy:S3/Bu"), "{shown}");
    screen.press(ENTER);
    let shown = screen.see("[Finding]");
    assert!(
        shown.contains("S3 버킷 acme-payments-receipts 에 퍼블릭 액세스가"),
        "{shown}"
    );
    screen.press(ESC);
    screen.see("· 1 shown");
    quit(screen);
}

#[test]
fn what_is_typed_wrongly_is_said_and_esc_takes_it_back() {
    let person = Person::new();
    let mut screen = person.drills(&[], SMALL);
    screen.press("/");
    screen.see("Enter keep");
    screen.press(" sev>=nonsense");
    screen.see("nonsense");
    screen.press(ENTER);
    screen.see("sev>=nonsense");
    screen.press(ESC);
    screen.see_gone("sev>=nonsense");
    screen.see("filter: !archived · ");
    screen.see(" ▲ CRIT ");
    quit(screen);
}

#[test]
fn walks_the_panes_and_wide_characters_line_up() {
    let person = Person::new();
    let mut screen = person.drills(&[], LARGE);
    open(&mut screen, "type~Backdoor:EC2");
    pane(&mut screen, "Context");
    let shown = screen.see("└─ role web-instance");
    assert!(shown.contains("결제-웹-01"), "{shown}");
    // The line between the panes stands in one column, whatever is left of it.
    let columns: Vec<usize> = shown
        .lines()
        .filter(|line| line.contains("결제-웹-01") || line.contains("volume vol-"))
        .filter_map(|line| line.rfind('│').map(|at| line[..at].width()))
        .collect();
    assert!(
        columns.len() >= 3 && columns.iter().all(|c| *c == columns[0]),
        "{columns:?}\n{shown}"
    );
    let shown = pane(&mut screen, "Playbook");
    for step in ["classify", "isolate", "snapshot", "revoke", "notify"] {
        assert!(shown.contains(step), "{step}\n{shown}");
    }
    screen.press("G");
    screen.see(" document ");
    pane(&mut screen, "Raw JSON");
    screen.see("\"accountId\": \"333333333333\"");
    pane(&mut screen, "Journal");
    screen.press(ESC);
    screen.see("filter: type~");
    quit(screen);
}
