//! What may be changed through Elastic Load Balancing.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::action::answer::Registered;
use crate::domain::{Arn, Untrusted};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum ElbCall {
    /// sends these targets no new requests.
    DeregisterTargets { group: Arn, targets: Vec<Registered> },
    /// sends these targets requests, once they pass the health checks.
    RegisterTargets { group: Arn, targets: Vec<Registered> },
}

impl Call for ElbCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::DeregisterTargets { .. } => "elasticloadbalancing:DeregisterTargets",
            Self::RegisterTargets { .. } => "elasticloadbalancing:RegisterTargets",
        }
    }

    fn needs(&self, _place: &Place<'_>) -> Vec<Grant> {
        match self {
            Self::DeregisterTargets { group, .. } | Self::RegisterTargets { group, .. } => {
                vec![Grant::exactly(self.permission(), group.as_str())]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        Ok(())
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::DeregisterTargets { group, targets } => {
                format!("target group {}: deregister {}", name(group), list(targets))
            }
            Self::RegisterTargets { group, targets } => {
                format!("target group {}: register {}", name(group), list(targets))
            }
        }
    }
}

/// `targetgroup/web/0123456789abcdef` is called `web`.
pub fn name(group: &Arn) -> String {
    let name = group.resource().split('/').nth(1).unwrap_or_default();
    Untrusted::new(name).shown()
}

fn list(targets: &[Registered]) -> String {
    let say = |t: &Registered| match t.port {
        Some(port) => format!("{}:{port}", Untrusted::new(t.id.as_str())),
        None => Untrusted::new(t.id.as_str()).shown(),
    };
    targets.iter().map(say).collect::<Vec<_>>().join(", ")
}
