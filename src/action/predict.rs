//! What AWS says beforehand about the permissions that a plan needs.
//!
//! Owns: the verdicts and their sum. Must never: stand for the call itself. A prediction can be wrong in both directions, so nothing
//! is refused and nothing is applied because of it.

use std::collections::BTreeMap;

use super::plan::Digest;
use crate::domain::Untrusted;

/// What was predicted for one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The plan that it is for.
    pub digest: Digest,
    /// One for each permission that the plan's calls need, by the action's name.
    pub verdicts: BTreeMap<String, Foresight>,
}

/// What is predicted for one permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foresight {
    /// AWS says that it is allowed.
    Allowed { by: Oracle },
    /// AWS says that it is not, and in its words why.
    Denied { by: Oracle, why: Untrusted },
    /// Nothing can be said beforehand, and why not.
    Unknown { why: Untrusted },
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oracle {
    /// The call itself was sent to EC2 with `DryRun`, which checks the permissions and changes nothing (EC2 API reference,
    /// "Common query parameters").
    DryRun,
    /// IAM's `SimulatePrincipalPolicy` for the responder role: its own policies and the organisation's service control policies, not
    /// those of resources or of the session (IAM API reference, `SimulateCustomPolicy`; IAM guide, "How the IAM policy simulator
    /// works").
    Simulation,
}

impl Oracle {
    /// As it is said.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DryRun => "dry run",
            Self::Simulation => "simulation",
        }
    }
}

impl Foresight {
    /// The graver of two: a permission that several calls need is denied if any of them is.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let weight = |f: &Self| match f {
            Self::Denied { .. } => 2,
            Self::Unknown { .. } => 1,
            Self::Allowed { .. } => 0,
        };
        if weight(&other) > weight(&self) { other } else { self }
    }
}

/// Why, where the organisation denies it and not the account.
pub const BY_SCP: &str = "by a service control policy";

/// What a simulation is blind to.
const BLIND: &str = "The simulation knows the role's own policies and the service control policies of the organisation, with what it \
                     is told of the request. It does not know the policies of resources (keys, buckets, secrets, topics), resource \
                     control policies, and conditions on what only the call itself has. Where the plan does not know the ARN, \
                     it was asked of everything.";

impl Prediction {
    /// What was not looked at, where anything rests on a simulation alone. EC2's dry runs are decided as the calls are.
    #[must_use]
    pub fn blind(&self) -> Option<&'static str> {
        let simulated = |verdict: &Foresight| match verdict {
            Foresight::Allowed { by } | Foresight::Denied { by, .. } => *by == Oracle::Simulation,
            Foresight::Unknown { .. } => false,
        };
        self.verdicts.values().any(simulated).then_some(BLIND)
    }

    /// In one line, safe to show: what is denied first, then what cannot be told.
    #[must_use]
    pub fn phrase(&self) -> String {
        let (mut denied, mut unknown, mut allowed) = (Vec::new(), Vec::new(), 0);
        for (action, verdict) in &self.verdicts {
            match verdict {
                Foresight::Allowed { .. } => allowed += 1,
                Foresight::Denied { by, why } if why.raw() == BY_SCP => {
                    denied.push(format!("{action} ({}, {BY_SCP})", by.word()));
                }
                Foresight::Denied { by, .. } => denied.push(format!("{action} ({})", by.word())),
                Foresight::Unknown { .. } => unknown.push(action.as_str()),
            }
        }
        let mut parts = Vec::new();
        if !denied.is_empty() {
            parts.push(format!("denied: {}", denied.join(", ")));
        }
        if allowed > 0 {
            parts.push(if unknown.is_empty() && denied.is_empty() {
                "all allowed".to_owned()
            } else {
                format!("{allowed} of {} allowed", self.verdicts.len())
            });
        }
        if !unknown.is_empty() {
            parts.push(format!("cannot be told: {}", unknown.join(", ")));
        }
        parts.join("; ")
    }

    /// Whether anything is said to be denied.
    #[must_use]
    pub fn denies(&self) -> bool {
        self.verdicts.values().any(|v| matches!(v, Foresight::Denied { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_said_first_and_all_is_said_only_of_all() {
        let unknown = || Foresight::Unknown {
            why: Untrusted::new(""),
        };
        let allowed = || Foresight::Allowed { by: Oracle::DryRun };
        let denied = || Foresight::Denied {
            by: Oracle::Simulation,
            why: Untrusted::new("implicitDeny"),
        };
        let phrase = |verdicts: &[(&str, Foresight)]| {
            let verdicts = verdicts.iter().map(|(a, v)| ((*a).to_owned(), v.clone())).collect();
            let digest = Digest::from_hex(&"0".repeat(64)).unwrap();
            Prediction { digest, verdicts }.phrase()
        };
        assert_eq!(phrase(&[("a:A", allowed()), ("b:B", allowed())]), "all allowed");
        assert_eq!(
            phrase(&[("a:A", allowed()), ("b:B", unknown())]),
            "1 of 2 allowed; cannot be told: b:B"
        );
        assert_eq!(
            phrase(&[("a:A", denied()), ("b:B", allowed())]),
            "denied: a:A (simulation); 1 of 2 allowed"
        );
        let by_scp = || Foresight::Denied {
            by: Oracle::Simulation,
            why: Untrusted::new(BY_SCP),
        };
        assert_eq!(
            phrase(&[("a:A", by_scp())]),
            "denied: a:A (simulation, by a service control policy)"
        );
        assert_eq!(allowed().and(unknown()), unknown());
        assert_eq!(denied().and(unknown()), denied());
    }
}
