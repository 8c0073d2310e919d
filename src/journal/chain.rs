//! The hash chain: each record carries the SHA-256 of the line before it.
//!
//! Anyone can check a journal with `sha256sum` and a loop. What a local chain cannot show: whoever owns the disk can cut its tail
//! off or write it anew from the start. Only a head that is kept elsewhere shows that.

use std::fmt;

use sha2::{Digest, Sha256};

use super::record::Record;

/// The longest line that is read, in bytes. A plan with its facts stays far below.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last sequence number; 0 when there is no record.
    pub seq: u64,
    /// The last line's hash; 64 zeros when there is none.
    pub hash: String,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: "0".repeat(64),
        }
    }
}

/// What reading a journal showed.
#[derive(Debug, Default)]
pub struct Verification {
    /// The records up to the first problem.
    pub records: Vec<Record>,
    pub problems: Vec<Problem>,
    /// The bytes at the end that are not a whole line.
    pub torn: usize,
    pub head: Head,
}

/// Where and how a journal is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1 in the bytes that were given.
    pub line: usize,
    /// The sequence number that belongs there.
    pub seq: u64,
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} (record {}): {}", self.line, self.seq, self.what)
    }
}

/// The hash that the next record must carry.
#[must_use]
pub fn hash(line: &[u8]) -> String {
    use fmt::Write;
    Sha256::digest(line)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Checks a whole journal.
#[must_use]
pub fn verify(bytes: &[u8]) -> Verification {
    verify_from(&Head::default(), bytes)
}

/// Checks lines that follow a known head. Stops at the first problem: what comes after it proves nothing.
#[must_use]
pub fn verify_from(head: &Head, bytes: &[u8]) -> Verification {
    let mut found = Verification {
        head: head.clone(),
        ..Verification::default()
    };
    let mut rest = bytes;
    let mut line_number = 0;
    while let Some(end) = rest.iter().position(|b| *b == b'\n') {
        let line = &rest[..end];
        line_number += 1;
        match check(&found.head, line) {
            Ok(record) => {
                found.head = Head {
                    seq: record.seq,
                    hash: hash(line),
                };
                found.records.push(record);
            }
            Err(what) => {
                found.problems.push(Problem {
                    line: line_number,
                    seq: found.head.seq + 1,
                    what,
                });
                return found;
            }
        }
        rest = &rest[end + 1..];
    }
    found.torn = rest.len();
    found
}

fn check(head: &Head, line: &[u8]) -> Result<Record, String> {
    if line.len() > MAX_LINE {
        return Err(format!("it is {} bytes long; at most {MAX_LINE} are read", line.len()));
    }
    let record: Record = serde_json::from_slice(line).map_err(|e| format!("it is not a record: {e}"))?;
    if record.prev != head.hash {
        return Err("its prev is not the hash of the line before it: that line, or this one, was changed".to_owned());
    }
    if record.seq != head.seq + 1 {
        return Err(format!("its sequence is {}", record.seq));
    }
    Ok(record)
}
