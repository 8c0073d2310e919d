//! How a command ends: the exit code, and what is said about a failure.

use std::fmt;
use std::process::ExitCode;

/// The exit codes. Scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything that was asked for was done.
    Done = 0,
    /// It failed; the reason stands on standard error.
    Failed = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// Answered in part: some account or region could not be read, each named.
    Partial = 3,
    /// Refused: nothing was changed.
    Refused = 4,
    /// A call was sent and its outcome is not known.
    Unknown = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command stopped: a sentence, what can be done about it, and the exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    /// What happened, safe to show. Empty when there is nothing to say.
    pub what: String,
    /// What to do about it, safe to show.
    pub hint: Option<String>,
}

impl Failure {
    /// It failed.
    pub fn new(what: impl fmt::Display) -> Self {
        Self::with(Exit::Failed, what)
    }

    /// It stopped with this exit code.
    pub fn with(exit: Exit, what: impl fmt::Display) -> Self {
        Self {
            exit,
            what: what.to_string(),
            hint: None,
        }
    }

    /// Adds what can be done about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The reader of our output went away (`quell … | head`). That is no failure, and there is nobody to tell.
    #[must_use]
    pub fn reader_left() -> Self {
        Self {
            exit: Exit::Done,
            what: String::new(),
            hint: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

impl From<crate::domain::SourceError> for Failure {
    fn from(error: crate::domain::SourceError) -> Self {
        Self::new(error)
    }
}

impl From<crate::journal::JournalError> for Failure {
    fn from(error: crate::journal::JournalError) -> Self {
        let exit = if error.is_refusal() {
            Exit::Refused
        } else {
            Exit::Failed
        };
        Self::with(exit, crate::domain::Untrusted::new(error.to_string()))
    }
}

impl From<crate::action::Refusal> for Failure {
    fn from(refusal: crate::action::Refusal) -> Self {
        let shown = |text: &str| crate::domain::Untrusted::new(text).shown();
        Self::with(Exit::Refused, shown(&refusal.why)).hint(shown(&refusal.instead))
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        // The text of a fault in the file has several lines, and is made safe where it is made.
        Self::new(error)
    }
}
