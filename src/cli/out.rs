//! The only place that prints: results to standard output, everything else to standard error.
//!
//! Must never: panic because nobody reads. A closed pipe ends the command quietly.

use std::io::{self, ErrorKind, Write};

use super::exit::Failure;

/// Writes a result to standard output. It is text or bytes that are safe to show, or raw data that was asked for.
pub fn result(bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes.as_ref())
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::reader_left(),
            _ => Failure::new(format!("standard output could not be written: {error}")),
        })
}

/// Says something on standard error. When that cannot be written there is nobody left to tell.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
