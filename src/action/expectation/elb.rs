//! What must be true afterwards of what Elastic Load Balancing holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::answer::Registered;
use crate::action::facts::Facts;
use crate::action::mutation::{Made, target_group_name as elb_name};
use crate::action::query::{ElbQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::Arn;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ElbState {
    /// These targets are registered in the group, or none of them is. One that drains is not registered any more.
    TargetsRegistered {
        group: Arn,
        targets: Vec<Registered>,
        on: bool,
    },
}

impl State for ElbState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        match self {
            Self::TargetsRegistered { group, targets, .. } => vec![registered(group, targets)],
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::TargetsRegistered { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        match self {
            Self::TargetsRegistered { group, targets, on } => {
                let found = facts.targets(&registered(group, targets))?;
                let wrong: Vec<&str> = targets
                    .iter()
                    .filter(|target| found.contains(target) != *on)
                    .map(|target| target.id.as_str())
                    .collect();
                Ok(if wrong.is_empty() {
                    Verdict::Verified
                } else {
                    let not = if *on { "not " } else { "" };
                    Verdict::Failed(format!("{not}registered: {}.", wrong.join(", ")))
                })
            }
        }
    }
}

fn registered(group: &Arn, targets: &[Registered]) -> Query {
    let mut ids: Vec<String> = targets.iter().map(|t| t.id.clone()).collect();
    ids.sort();
    ids.dedup();
    let group = group.clone();
    Query::Elb(ElbQuery::Targets { group, ids })
}

impl fmt::Display for ElbState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TargetsRegistered { group, targets, on } => {
                let verb = if *on { "has" } else { "no longer has" };
                let ids: Vec<&str> = targets.iter().map(|t| t.id.as_str()).collect();
                write!(f, "target group {} {verb} {}", elb_name(group), ids.join(", "))
            }
        }
    }
}
