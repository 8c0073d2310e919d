//! What a responder may choose about an action: an option that is on or off, one of a few words, a name.
//!
//! Owns: the shape of choices and the check of what was chosen. Must never: let an unknown choice pass unseen; a plan that ignored
//! a wish would be another plan than the one that was asked for.

use std::collections::BTreeMap;

use super::plan::Request;
use super::refusal::{Refusal, RefusalKind, Stop};

/// What was chosen, by the choice's name. What stands here is part of the plan and of its digest.
pub type Choices = BTreeMap<String, String>;

/// One thing that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it is typed: `subnet-acl`.
    pub name: &'static str,
    pub takes: Takes,
    /// What it does, in one sentence; where it is not chosen, the action does without.
    pub about: &'static str,
}

/// What can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// `yes` or `no`.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Text, checked by the action itself: an ARN, an address, a time. The text says what it should look like.
    Text(&'static str),
}

impl Request {
    /// Whether this is chosen.
    #[must_use]
    pub fn chose(&self, name: &str) -> bool {
        self.choices.get(name).is_some_and(|value| value == "yes")
    }

    /// What was given for this, where anything was.
    #[must_use]
    pub fn choice(&self, name: &str) -> Option<&str> {
        self.choices
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

impl Choice {
    /// Whether this may be given for it; else what it takes.
    pub fn accepts(&self, value: &str) -> Result<(), String> {
        match self.takes {
            Takes::Flag if !["yes", "no"].contains(&value) => Err(format!("{} takes yes or no.", self.name)),
            Takes::OneOf(words) if !words.contains(&value) => {
                Err(format!("{} takes one of {}.", self.name, words.join(", ")))
            }
            Takes::Flag | Takes::OneOf(_) | Takes::Text(_) => Ok(()),
        }
    }
}

/// Refuses what the action does not know.
pub(super) fn check(request: &Request, known: &[Choice]) -> Result<(), Stop> {
    for (name, value) in &request.choices {
        let fault = match known.iter().find(|choice| choice.name == name) {
            Some(choice) => choice.accepts(value).err(),
            None => Some(format!("{} knows no choice {name:?}.", request.action)),
        };
        if let Some(why) = fault {
            let names: Vec<&str> = known.iter().map(|choice| choice.name).collect();
            let instead = match names.as_slice() {
                [] => "It has no choices.".to_owned(),
                names => format!("It knows {}.", names.join(", ")),
            };
            return Err(Refusal::new(RefusalKind::BadChoice, why, instead).into());
        }
    }
    Ok(())
}
