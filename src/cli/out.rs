//! The only place that prints: results to standard output, everything else to standard error.
//!
//! Must never: panic because nobody reads. A closed pipe ends the command quietly.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

use super::exit::Failure;

/// What leaves in one write.
const BUFFER: usize = 64 * 1024;

/// Writes a result to standard output. It is text or bytes that are safe to show, or raw data that was asked for.
pub fn result(bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    stream(|out| out.write_all(bytes.as_ref()))
}

/// The same for a long result, which then is never held as a whole.
pub fn stream(write: impl FnOnce(&mut BufWriter<StdoutLock<'_>>) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    write(&mut out)
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
