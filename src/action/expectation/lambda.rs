//! What must be true afterwards of what Lambda holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{LambdaQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::FunctionName;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LambdaState {
    /// So many executions are reserved, or none are.
    ReservedConcurrency {
        function: FunctionName,
        reserved: Option<i32>,
    },
}

impl State for LambdaState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        vec![self.query()]
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::ReservedConcurrency { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        match self {
            Self::ReservedConcurrency { reserved, .. } => {
                let found = *facts.reserved_concurrency(&self.query())?;
                Ok(if found == *reserved {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!("It is {}.", shown(found)))
                })
            }
        }
    }
}

impl LambdaState {
    fn query(&self) -> Query {
        match self {
            Self::ReservedConcurrency { function, .. } => {
                let name = function.clone();
                Query::Lambda(LambdaQuery::ReservedConcurrency { name })
            }
        }
    }
}

impl fmt::Display for LambdaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedConcurrency { function, reserved } => {
                write!(f, "reserved concurrency of {function} is {}", shown(*reserved))
            }
        }
    }
}

fn shown(reserved: Option<i32>) -> String {
    reserved.map_or_else(|| "not set".to_owned(), |number| number.to_string())
}
