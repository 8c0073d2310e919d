//! What must be true after a plan was applied, and how it is read back.
//!
//! *Applied* is what AWS answered. *Verified* is what was read back. This file is the second.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::answer::KeyStatus;
use super::facts::Facts;
use super::hub::{HubFinding, HubId, HubNote, Workflow};
use super::mutation::{Made, Ref};
use super::query::Query;
use super::refusal::Stop;
use crate::domain::{AccessKeyId, GroupId, InstanceId, InterfaceId, SnapshotId, UserName};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expectation {
    /// The interface of this instance has exactly these groups.
    InterfaceGroups {
        instance: InstanceId,
        interface: InterfaceId,
        groups: Vec<Ref>,
    },
    /// The group has no rule at all.
    Sealed { group: Ref },
    /// The instance has these tags with these values, and lacks the keys whose value is none.
    InstanceTags {
        instance: InstanceId,
        tags: BTreeMap<String, Option<String>>,
    },
    /// Termination protection is as said.
    TerminationProtection { instance: InstanceId, on: bool },
    /// The snapshots that the call made, one for each of these volumes, are complete.
    Snapshots { call: usize, volumes: Vec<String> },
    /// The key's status is as said.
    KeyStatus {
        user: UserName,
        key: AccessKeyId,
        status: KeyStatus,
    },
    /// The findings that this call was for have the note and the workflow status.
    FindingsNoted {
        call: usize,
        findings: Vec<HubId>,
        note: HubNote,
        status: Workflow,
    },
}

/// What reading back showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum Verdict {
    /// It is as expected.
    Verified,
    /// Not yet: it takes time. Says how far it is.
    Pending(String),
    /// It is not as expected. Says what was found.
    Failed(String),
    /// It could not be read.
    Unreadable(String),
}

/// An expectation with its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub expectation: Expectation,
    pub verdict: Verdict,
}

impl Verdict {
    /// The word beside the line.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Pending(_) => "pending",
            Self::Failed(_) => "failed",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl Expectation {
    /// What must be read to check it. A result that was never made needs no reading: the check will fail.
    #[must_use]
    pub fn queries(&self, made: &Made) -> Vec<Query> {
        match self {
            Self::InterfaceGroups { instance, .. } => vec![Query::Interfaces { of: instance.clone() }],
            Self::Sealed { group } => group
                .resolve(made)
                .ok()
                .and_then(|id| id.parse::<GroupId>().ok())
                .map(|id| Query::Groups { ids: vec![id] })
                .into_iter()
                .collect(),
            Self::InstanceTags { instance, .. } => vec![Query::Instance { id: instance.clone() }],
            Self::TerminationProtection { instance, .. } => {
                vec![Query::TerminationProtection { id: instance.clone() }]
            }
            Self::Snapshots { call, volumes } => snapshot_query(*call, volumes, made).into_iter().collect(),
            Self::FindingsNoted { findings, .. } => vec![hub_query(findings)],
            Self::KeyStatus { user, .. } => vec![Query::AccessKeys { user: user.clone() }],
        }
    }

    /// How long it may stay pending before it counts as failed, where there is a limit: Security Hub says "several minutes";
    /// a large snapshot may take a day.
    #[must_use]
    pub fn patience(&self) -> Option<std::time::Duration> {
        match self {
            Self::FindingsNoted { .. } => Some(std::time::Duration::from_mins(10)),
            Self::InterfaceGroups { .. }
            | Self::Sealed { .. }
            | Self::InstanceTags { .. }
            | Self::TerminationProtection { .. }
            | Self::Snapshots { .. }
            | Self::KeyStatus { .. } => None,
        }
    }

    /// Compares what was read with what was expected.
    #[must_use]
    pub fn check(&self, facts: &Facts, made: &Made) -> Verdict {
        match self.holds(facts, made) {
            Ok(verdict) => verdict,
            Err(Stop::Refuse(refusal)) => Verdict::Unreadable(refusal.why),
            Err(Stop::Ask(_)) => Verdict::Unreadable("It was not read.".to_owned()),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let verdict = match self {
            Self::InterfaceGroups {
                instance,
                interface,
                groups,
            } => {
                let interfaces = facts.interfaces(&Query::Interfaces { of: instance.clone() })?;
                let Some(found) = interfaces.iter().find(|i| i.id == *interface) else {
                    return Ok(Verdict::Failed(format!(
                        "{interface} is no longer attached to {instance}."
                    )));
                };
                let wanted: Result<BTreeSet<String>, _> = groups.iter().map(|g| g.resolve(made)).collect();
                match wanted {
                    Err(not_made) => Verdict::Failed(format!("{not_made}.")),
                    Ok(wanted) => same(
                        "groups",
                        &wanted,
                        &found.groups.iter().map(ToString::to_string).collect(),
                    ),
                }
            }
            Self::Sealed { group } => {
                let Some(query) = self.queries(made).pop() else {
                    return Ok(Verdict::Failed(format!("{group} was not made.")));
                };
                let groups = facts.groups(&query)?;
                match groups.first() {
                    None => Verdict::Failed(format!("{group} does not exist.")),
                    Some(found) if found.is_sealed() => Verdict::Verified,
                    Some(found) => Verdict::Failed(format!(
                        "{} has {} ingress and {} egress rules.",
                        found.id,
                        found.ingress.len(),
                        found.egress.len()
                    )),
                }
            }
            Self::InstanceTags { instance, tags } => {
                let found = &facts.instance(&Query::Instance { id: instance.clone() })?.tags;
                let differs: Vec<&str> = tags
                    .iter()
                    .filter(|(key, value)| found.get(*key).map(crate::domain::Untrusted::raw) != value.as_deref())
                    .map(|(key, _)| key.as_str())
                    .collect();
                if differs.is_empty() {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!("these tags are not as set: {}.", differs.join(", ")))
                }
            }
            Self::TerminationProtection { instance, on } => {
                let found = facts.protection(&Query::TerminationProtection { id: instance.clone() })?;
                if found == on {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!(
                        "termination protection is {}.",
                        if *found { "on" } else { "off" }
                    ))
                }
            }
            Self::Snapshots { call, volumes } => {
                let Some(query) = snapshot_query(*call, volumes, made) else {
                    return Ok(Verdict::Failed(
                        "AWS did not name a snapshot for every volume.".to_owned(),
                    ));
                };
                snapshots(facts, &query, volumes.len())?
            }
            Self::FindingsNoted {
                call,
                findings,
                note,
                status,
            } => {
                let accepted = made.contains_key(call);
                noted(facts, findings, (note, *status), accepted)?
            }
            Self::KeyStatus { user, key, status } => {
                let keys = facts.access_keys(&Query::AccessKeys { user: user.clone() })?;
                match keys.iter().find(|k| k.id == *key) {
                    None => Verdict::Failed(format!("{key} no longer exists.")),
                    Some(found) if found.status == *status => Verdict::Verified,
                    Some(found) => Verdict::Failed(format!("{key} is {}.", found.status.as_str())),
                }
            }
        };
        Ok(verdict)
    }
}

/// Whether the findings have the note and the status. `accepted` is whether AWS took the call: it says that it may take minutes then
/// (API reference, `BatchUpdateFindings`).
fn noted(
    facts: &Facts,
    findings: &[HubId],
    (note, status): (&HubNote, Workflow),
    accepted: bool,
) -> Result<Verdict, Stop> {
    let found = facts.hub_findings(&hub_query(findings))?;
    let has = |id: &&HubId| {
        let this = |f: &&HubFinding| f.id == **id && f.workflow == status && f.note.as_ref() == Some(note);
        found.iter().any(|f| this(&f))
    };
    let done = findings.iter().filter(has).count();
    let far = format!("{done} of {} findings have it", findings.len());
    Ok(if done == findings.len() {
        Verdict::Verified
    } else if accepted {
        Verdict::Pending(far)
    } else {
        Verdict::Failed(format!("{far}."))
    })
}

fn hub_query(findings: &[HubId]) -> Query {
    let ids: BTreeSet<String> = findings.iter().map(|f| f.id.clone()).collect();
    Query::HubFindings {
        ids: ids.into_iter().collect(),
    }
}

fn snapshot_query(call: usize, volumes: &[String], made: &Made) -> Option<Query> {
    let results = made.get(&call)?;
    let ids: Option<Vec<SnapshotId>> = volumes.iter().map(|v| results.get(v)?.parse().ok()).collect();
    Some(Query::Snapshots { ids: ids? })
}

fn snapshots(facts: &Facts, query: &Query, wanted: usize) -> Result<Verdict, Stop> {
    let found = facts.snapshots(query)?;
    if found.len() < wanted {
        return Ok(Verdict::Failed(format!("{} of {wanted} snapshots exist.", found.len())));
    }
    if let Some(bad) = found.iter().find(|s| s.state == "error") {
        return Ok(Verdict::Failed(format!("{} is in the state error.", bad.id)));
    }
    let done = found.iter().filter(|s| s.state == "completed").count();
    if done == found.len() {
        return Ok(Verdict::Verified);
    }
    let progress: Vec<String> = found.iter().map(|s| format!("{} {}", s.id, s.progress)).collect();
    Ok(Verdict::Pending(format!(
        "{done} of {} complete: {}",
        found.len(),
        progress.join(", ")
    )))
}

fn same(what: &str, wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> Verdict {
    if wanted == found {
        return Verdict::Verified;
    }
    let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    Verdict::Failed(format!("{what} are {}, expected {}.", list(found), list(wanted)))
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InterfaceGroups { interface, groups, .. } => {
                let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
                write!(f, "{interface} has exactly {}", groups.join(", "))
            }
            Self::Sealed { group } => write!(f, "{group} has no rule"),
            Self::InstanceTags { instance, tags } => write!(f, "{instance} has its {} tags as planned", tags.len()),
            Self::TerminationProtection { instance, on } => {
                write!(
                    f,
                    "termination protection of {instance} is {}",
                    if *on { "on" } else { "off" }
                )
            }
            Self::Snapshots { volumes, .. } => write!(f, "{} snapshots are complete", volumes.len()),
            Self::FindingsNoted { findings, status, .. } => {
                write!(
                    f,
                    "{} findings are {} and have the note",
                    findings.len(),
                    status.as_str()
                )
            }
            Self::KeyStatus { key, status, .. } => write!(f, "{key} is {}", status.as_str()),
        }
    }
}
