//! What must be true afterwards of what Secrets Manager holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::Query;
use crate::action::refusal::Stop;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecretsState {}

impl State for SecretsState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        match *self {}
    }

    fn patience(&self) -> Option<Duration> {
        match *self {}
    }

    fn holds(&self, _facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        match *self {}
    }
}

impl fmt::Display for SecretsState {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
