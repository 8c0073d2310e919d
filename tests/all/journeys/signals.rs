//! The terminal is given back whatever ends or stops the console.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use super::screen::Screen;
use super::{LARGE, Person, QUELL, SMALL, left, open};

fn ended_by(signal: Signal) {
    let person = Person::new();
    let mut screen = person.drills(&[], SMALL);
    open(&mut screen, "type~Backdoor:EC2");
    let pid = i32::try_from(screen.pid().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    let (alternate, hidden, orderly, _) = left(screen);
    assert!(!alternate && !hidden && orderly);
    person.checks_the_journal();
}

#[test]
fn sigterm_gives_the_terminal_back() {
    ended_by(Signal::TERM);
}

#[test]
fn sighup_gives_the_terminal_back() {
    ended_by(Signal::HUP);
}

#[test]
fn ctrl_z_goes_to_the_shell_and_fg_returns() {
    let person = Person::new();
    let env = [("HOME", person.home()), ("PS1", "shell> "), ("Q", QUELL)];
    let mut screen = Screen::start(Path::new("/bin/sh"), &["-i"], &env, LARGE);
    screen.see("shell>");
    screen.press("\"$Q\" drill --data-dir \"$HOME/data\"\r");
    screen.see("● 14 ok");
    for turn in 1..=2 {
        let shown = screen.see(" ▲ CRIT ");
        assert!(shown.contains("quell · DRILL"), "{shown}");
        screen.press("\x1a");
        // The shell's own screen still shows the turn before, so each wait is for something that only this turn can show: what
        // is typed before the stop would be quell's, not the shell's.
        let shown = screen.wait("the shell's word that it stopped", |shown| {
            shown.matches("Stopped").count() == turn
        });
        assert!(!shown.contains("quell · DRILL"), "{shown}");
        assert_eq!(screen.modes(), (false, false), "the shell has its screen and cursor");
        // The shell hears what is typed, as lines, with echo.
        screen.press(&format!("echo a$((40 + {turn}))z\r"));
        screen.see(&format!("a{}z", 40 + turn));
        screen.press("fg\r");
        screen.see("quell · DRILL");
    }
    screen.press("j");
    screen.wait("the cursor on the second line", |shown| {
        shown.lines().nth(5).is_some_and(|line| line.starts_with('▸'))
    });
    screen.press("q");
    screen.wait("the shell's prompt", |shown| shown.trim_end().ends_with("shell>"));
    screen.press("exit\r");
    let (status, _) = screen.end();
    assert!(status.success());
}
