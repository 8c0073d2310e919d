//! The journal: what was decided, intended, answered and read back, as JSON lines in a hash chain.
//!
//! Owns: the record's shape, the chain, the one writer, and the permit that each change costs. Must never: lose or rewrite a
//! record, give out a permit before its intent is on the disk, or hold a secret.

mod chain;
mod error;
mod evidence;
mod file;
mod history;
mod lock;
mod open;
mod permit;
mod record;
mod told;
mod writer;

#[cfg(test)]
mod tests;

pub use chain::{Head, Problem, Verification, hash, verify};
pub use error::JournalError;
pub use evidence::EvidenceKept;
pub use file::{read, write_private};
pub use history::{CallState, Progress, done, progress, unsettled};
pub use permit::{Permit, Receipt, Underway};
pub use record::{FindingRef, FindingSummary, Mode, RECORD_VERSION, Record, What, World, kind_phrase, minutes};
pub use told::{Once, Told};
pub use writer::Writer;

/// The file name of a workspace's journal.
pub const FILE_NAME: &str = "journal.jsonl";
