//! The signals by which others end the console.
//!
//! Owns: hearing SIGTERM (a shutdown, a supervisor) and SIGHUP (the terminal or the SSH connection is gone). Must never: end the
//! process itself. Whoever hears them leaves in order, so that the terminal is given back and the journal's last write is whole.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ears for both signals. They count from the moment this is made.
#[derive(Debug)]
pub struct Ending {
    terminate: Signal,
    hang_up: Signal,
}

impl Ending {
    /// Begins to listen, in place of what the system does by default. Needs a runtime with IO.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Returns once either has come.
    pub async fn come(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
