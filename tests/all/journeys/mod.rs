//! Journeys of the real binary in a pseudo-terminal: press, see. Each has a home and a journal of its own.

mod aside;
mod contain;
mod hostile;
mod look;
mod respond;
#[path = "../../support/screen.rs"]
mod screen;
mod signals;
mod size;
mod watch;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use screen::Screen;
use tempfile::TempDir;

const QUELL: &str = env!("CARGO_BIN_EXE_quell");
const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 36);

const ENTER: &str = "\r";
const ESC: &str = "\x1b";
const TAB: &str = "\t";
const BACKSPACE: &str = "\x7f";
/// How long a typed confirmation may take to show before it counts as dropped.
const SOON: Duration = Duration::from_millis(500);
/// The prompt of a plan that can be confirmed.
const CONFIRM: &str = "and Enter to apply";

/// A person at a machine on which quell was never run.
struct Person {
    home: TempDir,
}

impl Person {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Self { home }
    }

    fn home(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    /// The directory of this person's only journal.
    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Runs quell with these arguments in a terminal of this size.
    fn runs(&self, args: &[&str], env: &[(&str, &str)], size: (u16, u16)) -> Screen {
        let data = self.data();
        let mut all = vec!["--data-dir", data.to_str().unwrap()];
        all.extend(args);
        let mut variables = vec![("HOME", self.home())];
        variables.extend(env);
        Screen::start(Path::new(QUELL), &all, &variables, size)
    }

    /// Begins a drill, and waits until every account and region has been read.
    fn drills(&self, args: &[&str], size: (u16, u16)) -> Screen {
        let mut all = vec!["drill"];
        all.extend(args);
        let screen = self.runs(&all, &[], size);
        screen.see("● 14 ok");
        screen
    }

    /// Runs quell without a terminal, to its end.
    fn asks(&self, args: &[&str]) -> Output {
        Command::new(QUELL)
            .args(args)
            .arg("--data-dir")
            .arg(self.data())
            .env_clear()
            .env("HOME", self.home())
            .output()
            .unwrap()
    }

    /// Checks the journal from outside.
    fn checks_the_journal(&self) {
        let output = self.asks(&["journal", "verify"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("consistent, NOT anchored"),
            "{output:?}"
        );
    }
}

/// Sets the filter, and waits for the line below the banner to say it.
fn filter(screen: &mut Screen, text: &str) {
    screen.press("/");
    screen.see("Enter keep");
    screen.press(&BACKSPACE.repeat(40));
    screen.press(text);
    screen.press(ENTER);
    screen.see_gone("Enter keep");
    screen.see(&format!("filter: {text} · "));
}

/// Opens the first finding under a filter.
fn open(screen: &mut Screen, text: &str) {
    filter(screen, text);
    screen.press(ENTER);
    screen.see("[Finding]");
}

/// Goes to the pane of this name.
fn pane(screen: &mut Screen, name: &str) -> String {
    let tab = format!("[{name}]");
    for _ in 0..5 {
        if screen.contents().contains(&tab) {
            break;
        }
        screen.press(TAB);
        screen.shows_within(&tab, SOON);
    }
    screen.see(&tab)
}

/// Takes one of the actions that a step offers: goes down to it and presses Enter.
fn take(screen: &mut Screen, action: &str) {
    screen.see(" of ");
    let is_there = |shown: &str| shown.lines().any(|line| line.contains('▸') && line.contains(action));
    for _ in 0..10 {
        if is_there(&screen.contents()) {
            break;
        }
        screen.press("j");
        let _ = screen.shows_within(&format!("▸ {action}"), SOON);
    }
    screen.wait("the cursor on the action", is_there);
    screen.press(ENTER);
}

/// Takes the first of several things that a step can do.
fn first(screen: &mut Screen) {
    screen.see("which one? (1 of ");
    screen.press(ENTER);
}

/// Types what the plan asks for. Keys typed ahead of the prompt are dropped, so it looks whether they arrived.
fn confirm(screen: &mut Screen) {
    let shown = screen.see(CONFIRM);
    let (before, _) = shown.rsplit_once(CONFIRM).unwrap();
    let answer = before.trim_end().rsplit(' ').next().unwrap().to_owned();
    let typed = format!("{CONFIRM}:  {answer}");
    let again = BACKSPACE.repeat(answer.chars().count());
    let heard = (0..40).any(|_| {
        screen.press(&format!("{again}{answer}"));
        screen.shows_within(&typed, SOON)
    });
    assert!(heard, "{answer:?} never arrived:\n{}", screen.contents());
    screen.press(ENTER);
    screen.see_gone(CONFIRM);
}

/// Ends the console with `q` and checks that the terminal is as it was found.
fn quit(mut screen: Screen) -> Vec<u8> {
    screen.press("q");
    let (alternate, hidden, status, bytes) = left(screen);
    assert!(
        !alternate && !hidden,
        "alternate screen {alternate}, cursor hidden {hidden}"
    );
    assert!(status, "it ended with a failure");
    bytes
}

/// Waits for the end: whether the alternate screen is still there, the cursor hidden, the exit a success; and every byte.
fn left(screen: Screen) -> (bool, bool, bool, Vec<u8>) {
    let (status, bytes) = screen.end();
    let mut terminal = screen::terminal(LARGE);
    terminal.process(&bytes);
    let modes = (terminal.screen().alternate_screen(), terminal.screen().hide_cursor());
    assert!(!terminal.screen().bracketed_paste(), "bracketed paste is still on");
    assert_eq!(
        terminal.screen().contents().trim(),
        "",
        "something was left on the main screen"
    );
    (modes.0, modes.1, status.success(), bytes)
}
