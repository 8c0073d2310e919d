//! What must be true afterwards of what EC2 holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, TakenSet, Verdict, instance, same};
use crate::action::answer::Snapshot;
use crate::action::facts::Facts;
use crate::action::mutation::{Made, Ref};
use crate::action::query::{Ec2Query, Query};
use crate::action::refusal::Stop;
use crate::domain::{GroupId, InstanceId, InterfaceId, ProfileName, SnapshotId, VolumeId};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ec2State {
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
    Snapshots {
        call: usize,
        volumes: Vec<String>,
        /// How they are known where the call's answer, which names them, was lost. Plans of before have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        set: Option<TakenSet>,
    },
    /// What happens when the instance is shut down from inside is as said.
    ShutdownBehavior { instance: InstanceId, behavior: String },
    /// Whether these volumes go with the instance is as said.
    DeleteOnTermination {
        instance: InstanceId,
        volumes: Vec<VolumeId>,
        on: bool,
    },
    /// The instance is in this state, which the call was for.
    InstanceState {
        call: usize,
        instance: InstanceId,
        state: String,
    },
    /// The instance has this profile, or none.
    InstanceProfile {
        instance: InstanceId,
        profile: Option<ProfileName>,
    },
}

impl State for Ec2State {
    fn queries(&self, made: &Made) -> Vec<Query> {
        match self {
            Self::InterfaceGroups { instance, .. } => vec![Query::Ec2(Ec2Query::Interfaces { of: instance.clone() })],
            Self::Sealed { group } => group
                .resolve(made)
                .ok()
                .and_then(|id| id.parse::<GroupId>().ok())
                .map(|id| Query::Ec2(Ec2Query::Groups { ids: vec![id] }))
                .into_iter()
                .collect(),
            Self::InstanceTags { instance, .. } | Self::InstanceState { instance, .. } => {
                vec![Query::Ec2(Ec2Query::Instance { id: instance.clone() })]
            }
            Self::TerminationProtection { instance, .. } => {
                vec![Query::Ec2(Ec2Query::TerminationProtection { id: instance.clone() })]
            }
            Self::Snapshots { call, volumes, set } => {
                let named = snapshot_query(*call, volumes, made);
                let known = || set.as_ref().map(|set| set.of.query());
                named.or_else(known).into_iter().collect()
            }
            Self::ShutdownBehavior { instance, .. } => {
                vec![Query::Ec2(Ec2Query::ShutdownBehavior { id: instance.clone() })]
            }
            Self::DeleteOnTermination { instance, .. } => vec![Query::Ec2(Ec2Query::Volumes { of: instance.clone() })],
            Self::InstanceProfile { instance, .. } => {
                vec![Query::Ec2(Ec2Query::ProfileAssociations { of: instance.clone() })]
            }
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::InterfaceGroups { .. }
            | Self::Sealed { .. }
            | Self::InstanceTags { .. }
            | Self::TerminationProtection { .. }
            | Self::Snapshots { .. }
            | Self::ShutdownBehavior { .. }
            | Self::DeleteOnTermination { .. } => None,
            // A system that does not shut down by itself is stopped by force in the end, which takes minutes.
            Self::InstanceState { .. } => Some(Duration::from_mins(15)),
            Self::InstanceProfile { .. } => Some(Duration::from_mins(5)),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let verdict = match self {
            Self::InterfaceGroups {
                instance,
                interface,
                groups,
            } => {
                let interfaces = facts.interfaces(&Query::Ec2(Ec2Query::Interfaces { of: instance.clone() }))?;
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
                let found = &facts
                    .instance(&Query::Ec2(Ec2Query::Instance { id: instance.clone() }))?
                    .tags;
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
                let found = facts.protection(&Query::Ec2(Ec2Query::TerminationProtection { id: instance.clone() }))?;
                if found == on {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!(
                        "termination protection is {}.",
                        if *found { "on" } else { "off" }
                    ))
                }
            }
            Self::Snapshots { call, volumes, set } => match (snapshot_query(*call, volumes, made), set) {
                (Some(query), _) => snapshots(facts.snapshots(&query)?, volumes.len()),
                (None, None) => Verdict::Failed("AWS did not name a snapshot for every volume.".to_owned()),
                (None, Some(set)) => match set.among(facts.snapshots(&set.of.query())?, volumes) {
                    Ok(found) => snapshots(found, volumes.len()),
                    Err(missing) => Verdict::Failed(format!(
                        "AWS did not name them, and there is none of {missing} with the tags of {}.",
                        set.at
                    )),
                },
            },
            Self::ShutdownBehavior { behavior, .. } => {
                instance::shutdown(facts.shutdown_behavior(&self.first_query(made)?)?, behavior)
            }
            Self::DeleteOnTermination { volumes, on, .. } => {
                instance::volumes(facts.volumes(&self.first_query(made)?)?, volumes, *on)
            }
            Self::InstanceState { call, state, .. } => {
                let accepted = made.contains_key(call);
                instance::state(&facts.instance(&self.first_query(made)?)?.state, state, accepted)
            }
            Self::InstanceProfile { profile, .. } => {
                instance::profile(facts.profile_associations(&self.first_query(made)?)?, profile.as_ref())
            }
        };
        Ok(verdict)
    }

    fn found(&self, facts: &Facts, made: &Made) -> Option<String> {
        let Self::Snapshots {
            call,
            volumes,
            set: Some(set),
        } = self
        else {
            return None;
        };
        // Where AWS named them, they stand beside the call.
        if snapshot_query(*call, volumes, made).is_some() {
            return None;
        }
        let found = set.among(facts.snapshots(&set.of.query()).ok()?, volumes).ok()?;
        let each = volumes.iter().zip(found);
        let each: Vec<String> = each.map(|(volume, s)| format!("{} of {volume}", s.id)).collect();
        Some(format!("found by their tags: {}", each.join(", ")))
    }
}

impl Ec2State {
    /// The one thing that is read to check it.
    fn first_query(&self, made: &Made) -> Result<Query, Stop> {
        self.queries(made).pop().ok_or(Stop::Ask(Vec::new()))
    }
}

fn snapshot_query(call: usize, volumes: &[String], made: &Made) -> Option<Query> {
    let results = made.get(&call)?;
    let ids: Option<Vec<SnapshotId>> = volumes.iter().map(|v| results.get(v)?.parse().ok()).collect();
    Some(Query::Ec2(Ec2Query::Snapshots { ids: ids? }))
}

fn snapshots<'f>(found: impl IntoIterator<Item = &'f Snapshot>, wanted: usize) -> Verdict {
    let found: Vec<&Snapshot> = found.into_iter().collect();
    if found.len() < wanted {
        return Verdict::Failed(format!("{} of {wanted} snapshots exist.", found.len()));
    }
    if let Some(bad) = found.iter().find(|s| s.state == "error") {
        return Verdict::Failed(format!("{} is in the state error.", bad.id));
    }
    let done = found.iter().filter(|s| s.state == "completed").count();
    if done == found.len() {
        return Verdict::Verified;
    }
    let progress: Vec<String> = found.iter().map(|s| format!("{} {}", s.id, s.progress)).collect();
    Verdict::Pending(format!("{done} of {} complete: {}", found.len(), progress.join(", ")))
}

impl fmt::Display for Ec2State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InterfaceGroups { interface, groups, .. } => {
                let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
                write!(f, "{interface} has exactly {}", groups.join(", "))
            }
            Self::Sealed { group } => write!(f, "{group} has no rule"),
            // An undo takes tags away; it may put others back.
            Self::InstanceTags { instance, tags } if tags.values().all(Option::is_none) => {
                write!(
                    f,
                    "{instance} no longer has the {} tags that were put on it",
                    tags.len()
                )
            }
            Self::InstanceTags { instance, tags } => write!(f, "{instance} has its {} tags as planned", tags.len()),
            Self::TerminationProtection { instance, on } => {
                write!(
                    f,
                    "termination protection of {instance} is {}",
                    if *on { "on" } else { "off" }
                )
            }
            Self::Snapshots { volumes, .. } => write!(f, "{} snapshots are complete", volumes.len()),
            Self::ShutdownBehavior { instance, behavior } => {
                write!(f, "{instance} is to {behavior} when it is shut down from inside")
            }
            Self::DeleteOnTermination { instance, volumes, on } => {
                let verb = match (*on, volumes.len()) {
                    (true, 1) => "goes with",
                    (true, _) => "go with",
                    (false, 1) => "outlives",
                    (false, _) => "outlive",
                };
                let ids: Vec<&str> = volumes.iter().map(VolumeId::as_str).collect();
                write!(f, "{} {verb} {instance}", ids.join(", "))
            }
            Self::InstanceState { instance, state, .. } => write!(f, "{instance} is {state}"),
            Self::InstanceProfile {
                instance,
                profile: Some(profile),
            } => write!(f, "{instance} has the instance profile {profile}"),
            Self::InstanceProfile {
                instance,
                profile: None,
            } => write!(f, "{instance} has no instance profile"),
        }
    }
}
