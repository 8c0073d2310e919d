//! The lock on the journal's file.
//!
//! Owns: how long another process is waited for. Must never: wait without an end, for then a process that hangs would hang every
//! other one that wants to write, and with it the console.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::error::JournalError;

/// A record is written in milliseconds, so that a lock is mostly free at the next look.
const LOOK: Duration = Duration::from_millis(20);
/// This often it is looked, which is 10 seconds: longer than a disk takes that is busy, shorter than a person waits.
const LOOKS: u32 = 500;

/// Takes the lock, waiting between two looks as `wait` does. Unlocking is by `File::unlock`, or closing.
pub fn exclusive(file: &File, path: &Path, wait: fn(Duration)) -> Result<(), JournalError> {
    for look in 1..=LOOKS {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if look < LOOKS => wait(LOOK),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => {
                return Err(JournalError::Io {
                    path: path.display().to_string(),
                    what: "locked",
                    source,
                });
            }
        }
    }
    Err(JournalError::Held {
        path: path.display().to_string(),
        seconds: (LOOK * LOOKS).as_secs(),
    })
}
