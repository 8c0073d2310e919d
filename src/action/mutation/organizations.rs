//! What may be changed through Organizations.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place, Ref};
use crate::domain::{PolicyTargetId, Untrusted};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum OrganizationsCall {
    /// Makes a service control policy; its result is `policy`.
    CreatePolicy {
        name: String,
        description: String,
        content: String,
    },
    AttachPolicy {
        policy: Ref,
        target: PolicyTargetId,
    },
    DetachPolicy {
        policy: Ref,
        target: PolicyTargetId,
    },
    DeletePolicy {
        policy: Ref,
    },
}

impl Call for OrganizationsCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::CreatePolicy { .. } => "organizations:CreatePolicy",
            Self::AttachPolicy { .. } => "organizations:AttachPolicy",
            Self::DetachPolicy { .. } => "organizations:DetachPolicy",
            Self::DeletePolicy { .. } => "organizations:DeletePolicy",
        }
    }

    /// The ARNs name the management account and the organisation, whoever calls; ids of policies and targets are the organisation's
    /// own (Service Authorization Reference, "AWS Organizations").
    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        let arn = |rest: String| format!("arn:{}:organizations::*:{rest}", place.partition);
        let policy = |policy: &Ref| {
            let id = match policy {
                Ref::Id(id) => id.as_str(),
                Ref::Made { .. } => "*",
            };
            Grant::on(
                self.permission(),
                arn(format!("policy/o-*/service_control_policy/{id}")),
            )
        };
        match self {
            Self::CreatePolicy { .. } => vec![Grant::on(self.permission(), "*")],
            Self::DeletePolicy { policy: id } => vec![policy(id)],
            Self::AttachPolicy { policy: id, target } | Self::DetachPolicy { policy: id, target } => {
                let kind = match target.as_str() {
                    text if text.starts_with("r-") => "root",
                    text if text.starts_with("ou-") => "ou",
                    _ => "account",
                };
                let own = Grant::on(self.permission(), arn(format!("{kind}/o-*/{target}")));
                vec![own, policy(id)]
            }
        }
    }

    fn resolve(&mut self, made: &Made) -> Result<(), NotMade> {
        match self {
            Self::CreatePolicy { .. } => {}
            Self::AttachPolicy { policy, .. } | Self::DetachPolicy { policy, .. } | Self::DeletePolicy { policy } => {
                *policy = Ref::Id(policy.resolve(made)?);
            }
        }
        Ok(())
    }

    fn phrase(&self, was: &str) -> String {
        let was = if was.is_empty() {
            String::new()
        } else {
            format!(" (beside {was})")
        };
        match self {
            Self::CreatePolicy { name, content, .. } => format!(
                "make service control policy {}: {}",
                Untrusted::new(name.clone()),
                Untrusted::new(content.clone())
            ),
            Self::AttachPolicy { policy, target } => format!("attach {policy} to {target}{was}"),
            Self::DetachPolicy { policy, target } => format!("detach {policy} from {target}"),
            Self::DeletePolicy { policy } => format!("delete service control policy {policy}"),
        }
    }
}
