//! Every change that quell can make to an account. Closed: what is not a variant here cannot be done.
//!
//! Variants carry the names of AWS's API operations. Each knows its IAM permission, its target and how to say itself in one line.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::answer::KeyStatus;
use super::hub::{HubId, HubNote, Workflow};
use super::plan::Request;
use crate::domain::{AccessKeyId, Arn, InstanceId, InterfaceId, Untrusted, UserName, VpcId};

/// One API call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum Mutation {
    /// EC2: sets these tags, replacing the values of keys that exist.
    CreateTags {
        resource: Ref,
        tags: BTreeMap<String, String>,
    },
    /// EC2: removes tags by key.
    DeleteTags { resource: Ref, keys: Vec<String> },
    /// EC2 `ModifyInstanceAttribute` of `DisableApiTermination`.
    SetTerminationProtection { instance: InstanceId, on: bool },
    /// EC2: makes an empty group. AWS gives it an egress rule that allows everything.
    CreateSecurityGroup {
        vpc: VpcId,
        name: String,
        description: String,
        tags: BTreeMap<String, String>,
    },
    /// EC2: allows all protocols from (ingress) or to (egress) these CIDRs.
    AuthorizeSecurityGroup {
        group: Ref,
        direction: Direction,
        cidrs: Vec<String>,
    },
    /// EC2: takes back the rule that allows all protocols to this CIDR.
    RevokeSecurityGroupEgress { group: Ref, cidr: String },
    /// EC2 `ModifyNetworkInterfaceAttribute`: replaces the interface's groups by these.
    SetInterfaceGroups { interface: InterfaceId, groups: Vec<Ref> },
    /// EC2: one crash-consistent set of snapshots of every volume of the instance, the boot volume too.
    CreateSnapshots {
        instance: InstanceId,
        description: String,
        tags: BTreeMap<String, String>,
    },
    /// IAM: switches a long-term key on or off.
    UpdateAccessKey {
        user: UserName,
        key: AccessKeyId,
        status: KeyStatus,
    },
    /// Security Hub: gives these findings, a hundred at most, this note in place of theirs, and this workflow status.
    BatchUpdateFindings {
        findings: Vec<HubId>,
        note: HubNote,
        status: Workflow,
    },
    /// SNS: sends a message to a topic's subscribers.
    Publish {
        topic: Arn,
        subject: String,
        message: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Ingress,
    Egress,
}

/// A resource id: known now, or the result of an earlier call of the same plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Ref {
    Id(String),
    /// What call number `call` (from 0) made under the name `result`: `group`, or a volume id for its snapshot. `name` says it
    /// to people.
    Made {
        call: usize,
        result: String,
        name: String,
    },
}

/// What the calls of a plan have made so far: by call, then by name.
pub type Made = BTreeMap<usize, BTreeMap<String, String>>;

/// A later call needs the result of an earlier one that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("call {} did not say which {result} it made", call + 1)]
pub struct NotMade {
    pub call: usize,
    pub result: String,
}

impl Ref {
    /// The id, looked up among the results where it is one.
    pub fn resolve(&self, made: &Made) -> Result<String, NotMade> {
        match self {
            Self::Id(id) => Ok(id.clone()),
            Self::Made { call, result, .. } => made
                .get(call)
                .and_then(|results| results.get(result))
                .cloned()
                .ok_or_else(|| NotMade {
                    call: *call,
                    result: result.clone(),
                }),
        }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Made { call, name, .. } => write!(f, "{name} (call {})", call + 1),
        }
    }
}

impl From<String> for Ref {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}

impl Mutation {
    /// The IAM action that must be allowed, as policies write it.
    #[must_use]
    pub fn permission(&self) -> &'static str {
        match self {
            Self::CreateTags { .. } => "ec2:CreateTags",
            Self::DeleteTags { .. } => "ec2:DeleteTags",
            Self::SetTerminationProtection { .. } => "ec2:ModifyInstanceAttribute",
            Self::CreateSecurityGroup { .. } => "ec2:CreateSecurityGroup",
            Self::AuthorizeSecurityGroup {
                direction: Direction::Ingress,
                ..
            } => "ec2:AuthorizeSecurityGroupIngress",
            Self::AuthorizeSecurityGroup {
                direction: Direction::Egress,
                ..
            } => "ec2:AuthorizeSecurityGroupEgress",
            Self::RevokeSecurityGroupEgress { .. } => "ec2:RevokeSecurityGroupEgress",
            Self::SetInterfaceGroups { .. } => "ec2:ModifyNetworkInterfaceAttribute",
            Self::CreateSnapshots { .. } => "ec2:CreateSnapshots",
            Self::UpdateAccessKey { .. } => "iam:UpdateAccessKey",
            Self::BatchUpdateFindings { .. } => "securityhub:BatchUpdateFindings",
            Self::Publish { .. } => "sns:Publish",
        }
    }

    /// The same call with every reference to an earlier result replaced by the id that was made.
    pub fn resolved(&self, made: &Made) -> Result<Self, NotMade> {
        let mut call = self.clone();
        match &mut call {
            Self::CreateTags { resource, .. } | Self::DeleteTags { resource, .. } => {
                *resource = Ref::Id(resource.resolve(made)?);
            }
            Self::AuthorizeSecurityGroup { group, .. } | Self::RevokeSecurityGroupEgress { group, .. } => {
                *group = Ref::Id(group.resolve(made)?);
            }
            Self::SetInterfaceGroups { groups, .. } => {
                for group in groups {
                    *group = Ref::Id(group.resolve(made)?);
                }
            }
            Self::SetTerminationProtection { .. }
            | Self::CreateSecurityGroup { .. }
            | Self::CreateSnapshots { .. }
            | Self::UpdateAccessKey { .. }
            | Self::BatchUpdateFindings { .. }
            | Self::Publish { .. } => {}
        }
        Ok(call)
    }

    /// The ARN of what the call changes where the request says, for the journal. A result of an earlier call stands as `*`.
    #[must_use]
    pub fn target_arn(&self, request: &Request) -> String {
        let (partition, region, account) = (request.partition(), &request.region, &request.account);
        let ec2 = |kind: &str, id: &str| format!("arn:{partition}:ec2:{region}:{account}:{kind}/{id}");
        let known = |r: &Ref| match r {
            Ref::Id(id) => id.clone(),
            Ref::Made { .. } => "*".to_owned(),
        };
        match self {
            Self::CreateTags { resource, .. } | Self::DeleteTags { resource, .. } => {
                let id = known(resource);
                ec2(kind_of(&id), &id)
            }
            Self::SetTerminationProtection { instance, .. } | Self::CreateSnapshots { instance, .. } => {
                ec2("instance", instance.as_str())
            }
            Self::CreateSecurityGroup { vpc, .. } => ec2("vpc", vpc.as_str()),
            Self::AuthorizeSecurityGroup { group, .. } | Self::RevokeSecurityGroupEgress { group, .. } => {
                ec2("security-group", &known(group))
            }
            Self::SetInterfaceGroups { interface, .. } => ec2("network-interface", interface.as_str()),
            Self::UpdateAccessKey { user, .. } => format!("arn:{partition}:iam::{account}:user/{user}"),
            Self::BatchUpdateFindings { .. } => {
                format!("arn:{partition}:securityhub:{region}:{account}:hub/default")
            }
            Self::Publish { topic, .. } => topic.to_string(),
        }
    }

    /// What it does, in one line, safe to show.
    #[must_use]
    pub fn phrase(&self) -> String {
        self.phrase_from("")
    }

    /// The same, where it is known what it replaces. `was` must be safe to show.
    #[must_use]
    pub fn phrase_from(&self, was: &str) -> String {
        match self {
            Self::CreateTags { resource, tags } => {
                let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
                format!("tag {resource}: {}", keys.join(", "))
            }
            Self::DeleteTags { resource, keys } => format!("remove tags from {resource}: {}", keys.join(", ")),
            Self::SetTerminationProtection { instance, on: true } => format!("protect {instance} from termination"),
            Self::SetTerminationProtection { instance, on: false } => {
                format!("end the termination protection of {instance}")
            }
            Self::CreateSecurityGroup { vpc, name, .. } => format!("create security group {name} in {vpc}"),
            Self::AuthorizeSecurityGroup {
                group,
                direction,
                cidrs,
            } => {
                let way = match direction {
                    Direction::Ingress => "from",
                    Direction::Egress => "to",
                };
                format!("{group}: allow everything {way} {}", cidrs.join(" and "))
            }
            Self::RevokeSecurityGroupEgress { group, cidr } => format!("{group}: take back egress to {cidr}"),
            Self::SetInterfaceGroups { interface, groups } => {
                let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
                let was = if was.is_empty() {
                    String::new()
                } else {
                    format!("{was} ")
                };
                format!("{interface}: groups {was}→ {}", groups.join(", "))
            }
            Self::CreateSnapshots { instance, .. } => {
                format!("snapshot every volume of {instance}, boot volume too, in one set")
            }
            Self::UpdateAccessKey { user, key, status } => format!("{key} of user {user}: {}", status.as_str()),
            Self::BatchUpdateFindings { findings, note, status } => {
                let was = if was.is_empty() {
                    String::new()
                } else {
                    format!("{was} ")
                };
                let (which, plural) = match findings.as_slice() {
                    [one] => (Untrusted::new(one.id.as_str()).shown(), ""),
                    many => (many.len().to_string(), " findings"),
                };
                format!("{which}{plural}: {was}→ {}, note {}", status.as_str(), note.shown())
            }
            Self::Publish { topic, subject, .. } => {
                format!("publish \"{}\" to {topic}", Untrusted::new(subject.clone()))
            }
        }
    }
}

fn kind_of(id: &str) -> &'static str {
    match id.split('-').next().unwrap_or_default() {
        "i" => "instance",
        "snap" => "snapshot",
        "sg" => "security-group",
        "eni" => "network-interface",
        "vol" => "volume",
        _ => "*",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ActionName;
    use crate::domain::{Resource, ResourceKind, Time};

    #[test]
    fn a_target_is_in_the_partition_of_who_asks() {
        let key = "AKIAIOSFODNN7EXAMPLE";
        let request = |by: &str| Request {
            action: ActionName::DisableAccessKey,
            account: "111122223333".parse().unwrap(),
            region: "cn-north-1".parse().unwrap(),
            target: Resource::new(ResourceKind::AccessKey, key),
            incident: "q-1a2b3c4d".to_owned(),
            by: by.to_owned(),
            at: Time::UNIX_EPOCH,
            undoes: None,
            notice: None,
            others: Vec::new(),
        };
        let disable = Mutation::UpdateAccessKey {
            user: "deploy-bot".parse().unwrap(),
            key: key.parse().unwrap(),
            status: KeyStatus::Inactive,
        };
        let protect = Mutation::SetTerminationProtection {
            instance: "i-0ab12cd34ef567890".parse().unwrap(),
            on: true,
        };
        for (by, partition) in [
            ("arn:aws:iam::111122223333:user/oncall-1", "aws"),
            ("arn:aws-cn:iam::111122223333:user/oncall-1", "aws-cn"),
            ("arn:aws-us-gov:sts::111122223333:assumed-role/r/oncall-1", "aws-us-gov"),
            ("", "aws"),
        ] {
            let request = request(by);
            assert_eq!(
                disable.target_arn(&request),
                format!("arn:{partition}:iam::111122223333:user/deploy-bot")
            );
            assert_eq!(
                protect.target_arn(&request),
                format!("arn:{partition}:ec2:cn-north-1:111122223333:instance/i-0ab12cd34ef567890")
            );
        }
    }
}
