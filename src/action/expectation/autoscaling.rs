//! What must be true afterwards of what Auto Scaling holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{AutoScalingQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::{InstanceId, Untrusted};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AutoScalingState {
    /// The instance is in this group and in this state, or in no group where the state is none.
    ScalingState {
        instance: InstanceId,
        group: String,
        state: Option<String>,
    },
    /// The group's minimum is as said.
    ScalingMinimum { group: String, min: i32 },
}

impl State for AutoScalingState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        match self {
            Self::ScalingState { instance, .. } => vec![member(instance)],
            Self::ScalingMinimum { group, .. } => vec![sizes(group)],
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            // Connections drain first; the longest that a target group may be told to wait is an hour.
            Self::ScalingState { .. } => Some(Duration::from_mins(65)),
            Self::ScalingMinimum { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        match self {
            Self::ScalingState { instance, group, state } => {
                let members = facts.scaling_members(&member(instance))?;
                let found = members.iter().find(|m| m.group.raw() == group);
                let now = found.map(|m| m.state.as_str());
                Ok(match (state.as_deref(), now) {
                    (wanted, now) if wanted == now => Verdict::Verified,
                    (Some("Standby"), Some("EnteringStandby"))
                    | (None, Some("Detaching" | "Detached"))
                    | (Some("InService"), Some("Pending" | "Pending:Wait" | "Pending:Proceed")) => {
                        Verdict::Pending(format!("it is {}", now.unwrap_or_default()))
                    }
                    (_, now) => Verdict::Failed(format!("it is {}.", now.unwrap_or("not in the group"))),
                })
            }
            Self::ScalingMinimum { group, min } => {
                let found = facts.scaling_group(&sizes(group))?.min;
                Ok(if found == *min {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!("its minimum is {found}."))
                })
            }
        }
    }
}

fn member(id: &InstanceId) -> Query {
    Query::AutoScaling(AutoScalingQuery::ScalingMember { id: id.clone() })
}

fn sizes(name: &str) -> Query {
    Query::AutoScaling(AutoScalingQuery::ScalingGroup { name: name.to_owned() })
}

impl fmt::Display for AutoScalingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScalingState {
                instance,
                group,
                state: Some(state),
            } => write!(
                f,
                "{instance} is {state} in the Auto Scaling group {}",
                Untrusted::new(group.as_str())
            ),
            Self::ScalingState {
                instance,
                group,
                state: None,
            } => write!(
                f,
                "{instance} is not in the Auto Scaling group {}",
                Untrusted::new(group.as_str())
            ),
            Self::ScalingMinimum { group, min } => {
                write!(
                    f,
                    "the minimum of the Auto Scaling group {} is {min}",
                    Untrusted::new(group.as_str())
                )
            }
        }
    }
}
