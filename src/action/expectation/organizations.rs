//! What must be true afterwards of what Organizations holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::{Made, Ref};
use crate::action::query::{OrganizationsQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::{PolicyTargetId, Untrusted};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OrganizationsState {
    /// The policy is attached to the target, or is not. That it is in force everywhere is not read back: AWS says that it takes
    /// some minutes.
    ScpAttached {
        policy: Ref,
        target: PolicyTargetId,
        attached: bool,
    },
    /// There is no service control policy of this name.
    NoScpNamed { name: String },
}

impl State for OrganizationsState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        vec![Query::Organizations(match self {
            Self::ScpAttached { target, .. } => OrganizationsQuery::ScpsOn { target: target.clone() },
            Self::NoScpNamed { name } => OrganizationsQuery::ScpNamed { name: name.clone() },
        })]
    }

    fn patience(&self) -> Option<Duration> {
        None
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let queries = self.queries(made);
        let [query] = queries.as_slice() else {
            return Ok(Verdict::Failed("Nothing was read.".to_owned()));
        };
        Ok(match self {
            Self::ScpAttached {
                policy,
                target,
                attached,
            } => {
                let id = match policy.resolve(made) {
                    Ok(id) => id,
                    Err(not_made) => return Ok(Verdict::Failed(format!("{not_made}."))),
                };
                let found = facts.scps(query)?.iter().any(|scp| scp.id.as_str() == id);
                let id = Untrusted::new(id);
                match (found, attached) {
                    (true, true) | (false, false) => Verdict::Verified,
                    (true, false) => Verdict::Failed(format!("{id} is still attached to {target}.")),
                    (false, true) => Verdict::Failed(format!("{id} is not attached to {target}.")),
                }
            }
            Self::NoScpNamed { .. } => match facts.scp_text(query)? {
                None => Verdict::Verified,
                Some(found) => Verdict::Failed(format!("{} is still there.", found.id)),
            },
        })
    }
}

impl fmt::Display for OrganizationsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScpAttached {
                policy,
                target,
                attached: true,
            } => write!(f, "{policy} is attached to {target}; it is in force within minutes"),
            Self::ScpAttached { policy, target, .. } => write!(f, "{policy} is not attached to {target}"),
            Self::NoScpNamed { name } => {
                write!(f, "there is no service control policy {}", Untrusted::new(name.clone()))
            }
        }
    }
}
