//! The small language in which a responder narrows the list.
//!
//! ```text
//! sev>=high account:prod type~Crypto age<2h !archived "free text"
//! ```
//!
//! Terms are joined by "and", written or not. `or` between two terms makes alternatives and binds closer than the space:
//! `account:prod sev>=high or type~Exfil` is `account:prod and (sev>=high or type~Exfil)`. `!` or `-` before a term turns it
//! round. `:` and `~` look for a part of the text in any case, `=` for the whole text exactly. Bare words and quoted text are
//! looked for in title, type, resources, principal and account. `ip:` takes a network too: `ip:203.0.113.0/24`.
//!
//! An unquoted word with a bracket or an operator in it is refused: something else was meant than to look for it.
//!
//! `is:`, `owner:` and `incident:` ask about the incident that a finding is in, which only the console knows.
//!
//! Owns: the language and its errors. Must never: panic on what is typed, or know the time by itself.

mod complete;
mod net;
mod parse;
mod term;
mod text;

use std::fmt;
use std::str::FromStr;

use crate::domain::{AccountId, Time};

use super::Finding;
pub use complete::{Completion, Values, complete};
pub use term::Is;
use term::Term;
pub use text::folded;

/// What a filter needs to know beside the finding.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The moment that ages are counted from.
    pub now: Time,
    /// The name that the organisation gives an account.
    pub account_name: &'a dyn Fn(&AccountId) -> Option<&'a str>,
    /// What is asked about the incident of a finding. Where nothing is known of incidents, nothing is true of them.
    pub incident: &'a dyn Fn(&Finding, Asked<'_>) -> bool,
}

/// What a filter asks about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// Whether it is in this state.
    Is(Is),
    /// Whether this is in the name of whoever has it, in any case.
    Owner(&'a str),
    /// Whether one of its names begins with this.
    Named(&'a str),
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// A filter, ready to be asked. The default lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    text: String,
    /// All of these must hold; each holds if one of its terms does.
    groups: Vec<Vec<Term>>,
}

/// What was typed is not a filter: where, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (column {column})")]
pub struct FilterError {
    /// In characters, from 1.
    pub column: usize,
    /// One sentence.
    pub message: String,
}

/// A field of the language, for help and completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldHelp {
    /// The name to type.
    pub name: &'static str,
    /// An example of its use.
    pub example: &'static str,
    /// What it asks about.
    pub says: &'static str,
}

/// Every field, in the order of the help page.
pub const FIELDS: [FieldHelp; 17] = [
    help("sev", "sev>=high", "severity, by its word or its score from 0 to 10"),
    help("account", "account:prod", "the account's name or number"),
    help("region", "region:apne2", "the region, in full or short"),
    help("source", "source:guardduty", "where it was read"),
    help("type", "type~Crypto", "the finding's type, or the control that failed"),
    help("resource", "resource:i-0ab12", "a resource's id or kind"),
    help("title", "title:\"two words\"", "the title"),
    help("user", "user:deploy-bot", "the principal's name, key or kind"),
    help("key", "key:AKIA", "the access key"),
    help("ip", "ip:203.0.113.0/24", "the address, a part of it or a network"),
    help("age", "age<2h", "how long ago it last moved: s, m, h, d, w"),
    help("first", "first<1d", "how long ago it was first seen"),
    help("archived", "!archived", "put aside in AWS"),
    help("count", "count>10", "how many times it was seen"),
    help(
        "is",
        "is:overdue",
        "the incident: claimed, unclaimed, responded, overdue, grouped, archived",
    ),
    help(
        "owner",
        "owner:oncall-1",
        "who works on the incident; unclaimed is nobody",
    ),
    help("incident", "incident:q-1f2e", "how the incident's name begins"),
];

const fn help(name: &'static str, example: &'static str, says: &'static str) -> FieldHelp {
    FieldHelp { name, example, says }
}

/// What stands between and before terms: an example and what it means, for the help page.
pub const SIGNS: [(&str, &str); 7] = [
    (
        "sev>=high account:prod",
        "both must hold; \"and\" between them says the same",
    ),
    (
        "type~Exfil or sev:crit",
        "one is enough; \"or\" binds closer than a space does",
    ),
    ("!archived", "not so; - before a term says the same"),
    ("account:prod", ": and ~ look for a part of the text, in any case"),
    ("account=prod", "= asks for the whole text, exactly"),
    (
        "title:\"two words\"",
        "text with a space, an operator or a bracket goes in quotes",
    ),
    (
        "bitcoin",
        "a word alone is looked for in title, type, resources, principal and account",
    ),
];

impl Filter {
    /// Reads a filter. Empty text lets everything through.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self {
            text: text.trim().to_owned(),
            groups: parse::groups(text)?,
        })
    }

    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether what it lets through changes as time passes.
    #[must_use]
    pub fn asks_age(&self) -> bool {
        let mut terms = self.groups.iter().flatten();
        terms.any(Term::asks_age)
    }

    /// Whether it asks about incidents, which only the console can answer.
    #[must_use]
    pub fn asks_incidents(&self) -> bool {
        let mut terms = self.groups.iter().flatten();
        terms.any(Term::asks_incident)
    }

    /// Whether it lets this finding through.
    #[must_use]
    pub fn matches(&self, finding: &Finding, context: &Context<'_>) -> bool {
        let mut groups = self.groups.iter();
        groups.all(|group| group.iter().any(|term| term.matches(finding, context)))
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests;
