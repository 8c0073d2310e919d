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

/// What became of a result, where a reader who has left changes nothing about how the command ends.
pub fn unless_left(written: Result<(), Failure>) -> Result<(), Failure> {
    written.or_else(|failure| {
        if failure == Failure::reader_left() {
            Ok(())
        } else {
            Err(failure)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_who_left_is_passed_over() {
        assert_eq!(unless_left(Err(Failure::reader_left())), Ok(()));
        assert_eq!(unless_left(Ok(())), Ok(()));
        let full = Failure::new("standard output could not be written: no space");
        assert_eq!(unless_left(Err(full.clone())), Err(full));
    }
}
