//! The terminal as the console's loop sees it: something to draw on, and a thread that hears keys.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::alert::Alert;
use crate::app::{Event, State};
use crate::domain::Time;
use crate::runtime;
use crate::tui::{Terminal, Theme, terminal};

/// How long the hearing thread waits for a key before it looks whether it should rest or end.
const EAR: Duration = Duration::from_millis(50);

/// The terminal and its colours.
#[derive(Debug)]
pub struct Stage {
    terminal: Terminal,
    theme: Theme,
    /// Set while the shell has the terminal: its keys are not ours to hear.
    resting: Arc<AtomicBool>,
}

impl Stage {
    /// Takes the terminal and begins to hear keys. `clock` says when a key was pressed.
    pub fn enter(
        theme: Theme,
        clock: impl Fn() -> Time + Send + 'static,
    ) -> io::Result<(Self, UnboundedReceiver<Event>)> {
        let terminal = Terminal::enter()?;
        let resting = Arc::new(AtomicBool::new(false));
        let (tell, heard) = unbounded_channel();
        let rests = Arc::clone(&resting);
        std::thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || listen(&tell, &rests, clock))?;
        Ok((
            Self {
                terminal,
                theme,
                resting,
            },
            heard,
        ))
    }
}

impl runtime::Stage for Stage {
    fn draw(&mut self, state: &mut State) -> io::Result<()> {
        self.terminal.draw(state, &self.theme)
    }

    fn faults(&mut self) -> Vec<String> {
        self.terminal.faults()
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.terminal.copy(text)
    }

    fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        self.terminal.alert(alert)
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.resting.store(true, Ordering::SeqCst);
        let back = self.terminal.suspend();
        self.resting.store(false, Ordering::SeqCst);
        back
    }
}

/// Turns what the terminal says into events, until nobody wants them or the terminal is gone. Then the channel closes, which
/// ends the console.
fn listen(tell: &UnboundedSender<Event>, resting: &AtomicBool, clock: impl Fn() -> Time) {
    while !tell.is_closed() {
        if resting.load(Ordering::SeqCst) {
            std::thread::sleep(EAR);
            continue;
        }
        match event::poll(EAR) {
            Ok(false) => {}
            Ok(true) => {
                let Ok(heard) = event::read() else { return };
                if let Some(event) = terminal::event(heard, clock())
                    && tell.send(event).is_err()
                {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}
