//! What is wrong with a scenario, said so that its author finds the place.

use std::fmt;
use std::ops::Range;

/// File, line, column and what was expected there. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScenarioError {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Something wrong at a place in the text that is known by its bytes.
#[derive(Debug)]
pub struct Fault {
    pub span: Range<usize>,
    pub message: String,
}

impl Fault {
    /// Something wrong with this value.
    pub fn at<T>(value: &toml::Spanned<T>, message: impl Into<String>) -> Self {
        Self {
            span: value.span(),
            message: message.into(),
        }
    }

    /// The same as its author needs it.
    pub fn locate(self, file: &str, text: &str) -> ScenarioError {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        ScenarioError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: self.message,
        }
    }
}
