//! The terminal itself: taken over, drawn to, given back.
//!
//! Owns: raw mode, the alternate screen, bracketed paste, the cursor. Must never: leave the terminal otherwise than it was
//! found, whether quell ends, panics or is suspended.
//!
//! The mouse is not captured. A responder copies ids out of this screen all the time, and capture would take selection away.
//! The wheel works all the same: terminals turn it into arrow keys on the alternate screen, and those that do so only when
//! asked are asked (private mode 1007, saved and put back).

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
    MouseEventKind,
};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use super::clipboard;
use super::theme::Theme;
use crate::app::alert::Alert;
use crate::app::{Code, Event, Key, State};
use crate::domain::Time;

/// Whether the terminal is quell's now. Global, because the panic hook has to know.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();
/// Panics of background tasks that have not been shown yet.
static FAULTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Saves how the wheel behaves on the alternate screen, and has it send arrow keys.
const WHEEL_AS_ARROWS: &str = "\x1b[?1007s\x1b[?1007h";
/// Puts that back.
const WHEEL_AS_BEFORE: &str = "\x1b[?1007r";
/// A frame of a large screen fits, so that it leaves in one write.
const BUFFER: usize = 128 * 1024;
/// The stop signal may reach another thread first; this one waits so long for the stop to take hold.
const UNTIL_STOPPED: std::time::Duration = std::time::Duration::from_millis(50);

/// The terminal while quell has it. Dropping it gives it back.
pub struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").finish_non_exhaustive()
    }
}

impl Terminal {
    /// Takes the terminal over. Fails with a sentence where standard input or output is none.
    pub fn enter() -> io::Result<Self> {
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the console needs a terminal for its input and output; quell findings prints into a pipe",
            ));
        }
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                // The console draws on the main thread. A panic elsewhere ends one task, not the console: it is shown on the
                // screen, which stays, and a plan that is being applied goes on.
                if std::thread::current().name() == Some("main") {
                    restore();
                    before(panic);
                } else {
                    FAULTS
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(panic.to_string());
                }
            }));
        });
        take()?;
        let out = BufWriter::with_capacity(BUFFER, io::stdout());
        let inner = ratatui::Terminal::new(CrosstermBackend::new(out)).inspect_err(|_| restore())?;
        Ok(Self { inner })
    }

    /// What background tasks failed with since the last question.
    pub fn faults(&mut self) -> Vec<String> {
        std::mem::take(&mut *FAULTS.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Draws the state as one update, so that nothing flickers, and tells the state how large the screen is.
    pub fn draw(&mut self, state: &mut State, theme: &Theme) -> io::Result<()> {
        queue!(self.inner.backend_mut(), BeginSynchronizedUpdate)?;
        let mut furthest = 0;
        let size = {
            let state = &*state;
            let frame = self.inner.draw(|frame| furthest = super::draw(frame, state, theme))?;
            (frame.area.width, frame.area.height)
        };
        state.furthest = furthest;
        state.size = size;
        execute!(self.inner.backend_mut(), EndSynchronizedUpdate)
    }

    /// Puts a line into the clipboard of the terminal that is being looked at, even over SSH: OSC 52. Terminals may refuse, and
    /// none says so.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.inner.backend_mut(), Print(clipboard::osc52(text)))
    }

    /// Rings the bell, and asks for a notification of the desktop.
    pub fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        execute!(self.inner.backend_mut(), Print(super::alert::sequence(alert)))
    }

    /// Gives the terminal to the shell and stops, as Ctrl-z does to any program. Returns when brought back to the foreground;
    /// the next frame is drawn in full.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        // The whole group, as the terminal driver would: a cargo or a script that started quell has to stop too.
        let stopped = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
        std::thread::sleep(UNTIL_STOPPED);
        take()?;
        // Not `clear`: that asks the terminal where its cursor is, and the answer would go to whoever reads the keys.
        let size = self.inner.size()?;
        self.inner.resize(Rect::new(0, 0, size.width, size.height))?;
        Ok(stopped?)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        Print(WHEEL_AS_ARROWS),
        cursor::Hide
    )
    .inspect_err(|_| restore())
}

/// Gives the terminal back as it was. Does nothing where quell does not have it, so it may be called any number of times.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // Nothing can be done about a failure here, and each part is worth trying.
    let mut out = io::stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        Print(WHEEL_AS_BEFORE),
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// What came in from the terminal, as the state machine takes it. Nothing for what has no meaning there: a key that is let
/// go, a function key, a change of focus.
pub fn event(input: Input, at: Time) -> Option<Event> {
    match input {
        Input::Key(pressed) => key(pressed).map(|key| Event::Key(key, at)),
        Input::Paste(text) => Some(Event::Paste(text)),
        Input::Resize(columns, rows) => Some(Event::Resize(columns, rows)),
        Input::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollUp => Some(Event::Wheel(-1)),
            MouseEventKind::ScrollDown => Some(Event::Wheel(1)),
            _ => None,
        },
        Input::FocusGained | Input::FocusLost => None,
    }
}

fn key(pressed: KeyEvent) -> Option<Key> {
    let with = |modifier| pressed.modifiers.contains(modifier);
    if pressed.kind == KeyEventKind::Release
        || with(KeyModifiers::SUPER)
        || with(KeyModifiers::HYPER)
        || with(KeyModifiers::META)
    {
        return None;
    }
    let ctrl = with(KeyModifiers::CONTROL);
    let code = match pressed.code {
        // With Control, terminals differ in the case that they report.
        KeyCode::Char(c) if ctrl => Code::Char(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab if with(KeyModifiers::SHIFT) => Code::BackTab,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    Some(Key {
        code,
        ctrl,
        alt: with(KeyModifiers::ALT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        key(KeyEvent::new(code, modifiers)).map(|key| key.to_string())
    }

    #[test]
    fn keys_arrive_under_the_names_of_the_key_map() {
        for (code, modifiers, name) in [
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('D'), KeyModifiers::CONTROL, "Ctrl-d"),
            (KeyCode::Tab, KeyModifiers::SHIFT, "BackTab"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "BackTab"),
            (KeyCode::Char('x'), KeyModifiers::ALT, "Alt-x"),
            (KeyCode::Char('한'), KeyModifiers::NONE, "한"),
        ] {
            assert_eq!(pressed(code, modifiers).as_deref(), Some(name));
        }
        assert_eq!(pressed(KeyCode::F(5), KeyModifiers::NONE), None);
        assert_eq!(pressed(KeyCode::Char('q'), KeyModifiers::SUPER), None);
    }

    #[test]
    fn a_key_counts_once() {
        let let_go = KeyEvent {
            kind: KeyEventKind::Release,
            ..KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)
        };
        assert!(event(Input::Key(let_go), Time::UNIX_EPOCH).is_none());
        assert!(event(Input::FocusLost, Time::UNIX_EPOCH).is_none());
        let resized = event(Input::Resize(100, 30), Time::UNIX_EPOCH);
        assert!(matches!(resized, Some(Event::Resize(100, 30))));
    }
}
