//! What the console is shown on.
//!
//! Owns: what the loop asks of a terminal. Must never: know how one is driven.

use std::io;

use crate::app::State;
use crate::app::alert::Alert;

/// Where the state is drawn.
pub trait Stage {
    /// Draws the state, and tells it what only the drawing knows: how large the screen is, and how far it can be scrolled.
    fn draw(&mut self, state: &mut State) -> io::Result<()>;
    /// What went wrong in the background since the last question: faults of quell, one text each.
    fn faults(&mut self) -> Vec<String>;
    /// Puts a line into the terminal's clipboard.
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Rings, or asks the terminal for a notification, as the alert says.
    fn alert(&mut self, alert: &Alert) -> io::Result<()>;
    /// Gives the terminal back to the shell, and returns when the console is in the foreground again.
    fn suspend(&mut self) -> io::Result<()>;
}
