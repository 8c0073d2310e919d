//! Reading a journal's file without writing, and writing other files beside it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::chain;
use super::error::JournalError;
use super::record::Record;

/// Every whole record of a journal whose chain holds. An unfinished line at the end is one that is being written.
pub fn read(path: &Path) -> Result<Vec<Record>, JournalError> {
    let shown = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| JournalError::Io {
        path: shown.clone(),
        what: "read",
        source,
    })?;
    let found = chain::verify(&bytes);
    match found.problems.first() {
        Some(problem) => Err(JournalError::Broken {
            path: shown,
            problem: problem.to_string(),
        }),
        None => Ok(found.records),
    }
}

/// Writes a file that only its owner can read, in place of an older one, so that a crash leaves one or the other whole.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    // What a crash left goes; what somebody else put there, a link perhaps, is never written through.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}
