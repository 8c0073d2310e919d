//! What may be changed through EC2.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place, Ref};
use crate::domain::{InstanceId, InterfaceId, ProfileAssociationId, ProfileName, RoleName, Untrusted, VolumeId, VpcId};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum Ec2Call {
    /// sets these tags, replacing the values of keys that exist.
    CreateTags {
        resource: Ref,
        tags: BTreeMap<String, String>,
    },
    /// removes tags by key.
    DeleteTags { resource: Ref, keys: Vec<String> },
    /// `ModifyInstanceAttribute` of `DisableApiTermination`.
    SetTerminationProtection { instance: InstanceId, on: bool },
    /// makes an empty group. AWS gives it an egress rule that allows everything.
    CreateSecurityGroup {
        vpc: VpcId,
        name: String,
        description: String,
        tags: BTreeMap<String, String>,
    },
    /// allows all protocols from (ingress) or to (egress) these CIDRs.
    AuthorizeSecurityGroup {
        group: Ref,
        direction: Direction,
        cidrs: Vec<String>,
    },
    /// takes back the rule that allows all protocols to this CIDR.
    RevokeSecurityGroupEgress { group: Ref, cidr: String },
    /// `ModifyNetworkInterfaceAttribute`: replaces the interface's groups by these.
    SetInterfaceGroups { interface: InterfaceId, groups: Vec<Ref> },
    /// one crash-consistent set of snapshots of every volume of the instance, the boot volume too.
    CreateSnapshots {
        instance: InstanceId,
        description: String,
        tags: BTreeMap<String, String>,
    },
    /// `ModifyInstanceAttribute` of `InstanceInitiatedShutdownBehavior`: `stop` or `terminate`.
    SetShutdownBehavior { instance: InstanceId, behavior: String },
    /// `ModifyInstanceAttribute` of `DeleteOnTermination` of these devices' volumes.
    SetDeleteOnTermination {
        instance: InstanceId,
        volumes: BTreeMap<String, VolumeId>,
        on: bool,
    },
    /// stops one instance: what is in its memory and on its instance store is gone.
    StopInstances { instance: InstanceId },
    /// starts one instance.
    StartInstances { instance: InstanceId },
    /// gives an instance that has no profile this one. The roles are those that the caller must be allowed to pass.
    AssociateIamInstanceProfile {
        instance: InstanceId,
        profile: ProfileName,
        roles: Vec<RoleName>,
    },
    /// puts this profile in the place of the one that the instance has.
    ReplaceIamInstanceProfileAssociation {
        instance: InstanceId,
        association: ProfileAssociationId,
        profile: ProfileName,
        roles: Vec<RoleName>,
    },
    /// takes the profile away.
    DisassociateIamInstanceProfile {
        instance: InstanceId,
        association: ProfileAssociationId,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Ingress,
    Egress,
}

impl Call for Ec2Call {
    fn permission(&self) -> &'static str {
        match self {
            Self::CreateTags { .. } => "ec2:CreateTags",
            Self::DeleteTags { .. } => "ec2:DeleteTags",
            Self::SetTerminationProtection { .. }
            | Self::SetShutdownBehavior { .. }
            | Self::SetDeleteOnTermination { .. } => "ec2:ModifyInstanceAttribute",
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
            Self::StopInstances { .. } => "ec2:StopInstances",
            Self::StartInstances { .. } => "ec2:StartInstances",
            Self::AssociateIamInstanceProfile { .. } => "ec2:AssociateIamInstanceProfile",
            Self::ReplaceIamInstanceProfileAssociation { .. } => "ec2:ReplaceIamInstanceProfileAssociation",
            Self::DisassociateIamInstanceProfile { .. } => "ec2:DisassociateIamInstanceProfile",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        let action = self.permission();
        let arn = |kind: &str, id: &str| arn(place, kind, id);
        match self {
            Self::CreateTags { resource, .. } | Self::DeleteTags { resource, .. } => {
                let (kind, id) = kind_and_id(resource);
                vec![Grant::on(action, arn(kind, &id))]
            }
            Self::SetTerminationProtection { instance, .. }
            | Self::SetShutdownBehavior { instance, .. }
            | Self::StopInstances { instance }
            | Self::StartInstances { instance }
            | Self::DisassociateIamInstanceProfile { instance, .. } => {
                vec![Grant::on(action, arn("instance", instance.as_str()))]
            }
            Self::SetDeleteOnTermination { instance, volumes, .. } => {
                let own = Grant::on(action, arn("instance", instance.as_str()));
                let volumes = volumes.values().map(|id| Grant::on(action, arn("volume", id.as_str())));
                std::iter::once(own).chain(volumes).collect()
            }
            Self::AssociateIamInstanceProfile { instance, roles, .. }
            | Self::ReplaceIamInstanceProfileAssociation { instance, roles, .. } => {
                let own = Grant::on(action, arn("instance", instance.as_str()));
                std::iter::once(own)
                    .chain(roles.iter().flat_map(|r| pass_role(place, r)))
                    .collect()
            }
            Self::CreateSecurityGroup { vpc, .. } => vec![
                Grant::on(action, arn("vpc", vpc.as_str())),
                Grant::on(action, arn("security-group", "*")),
                Grant::on("ec2:CreateTags", arn("security-group", "*")),
            ],
            Self::AuthorizeSecurityGroup { group, .. } | Self::RevokeSecurityGroupEgress { group, .. } => {
                let (_, id) = kind_and_id(group);
                vec![
                    Grant::on(action, arn("security-group", &id)),
                    Grant::on(action, arn("security-group-rule", "*")),
                ]
            }
            Self::SetInterfaceGroups { interface, groups } => {
                let own = Grant::on(action, arn("network-interface", interface.as_str()));
                let groups = groups.iter().map(|group| {
                    let (_, id) = kind_and_id(group);
                    Grant::on(action, arn("security-group", &id))
                });
                std::iter::once(own).chain(groups).collect()
            }
            Self::CreateSnapshots { instance, .. } => vec![
                Grant::on(action, arn("instance", instance.as_str())),
                Grant::on(action, arn("volume", "*")),
                Grant::on(action, arn("snapshot", "*")),
                Grant::on("ec2:CreateTags", arn("snapshot", "*")),
            ],
        }
    }

    fn resolve(&mut self, made: &Made) -> Result<(), NotMade> {
        match self {
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
            | Self::SetShutdownBehavior { .. }
            | Self::SetDeleteOnTermination { .. }
            | Self::StopInstances { .. }
            | Self::StartInstances { .. }
            | Self::AssociateIamInstanceProfile { .. }
            | Self::ReplaceIamInstanceProfileAssociation { .. }
            | Self::DisassociateIamInstanceProfile { .. } => {}
        }
        Ok(())
    }

    fn phrase(&self, was: &str) -> String {
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
            Self::SetShutdownBehavior { instance, behavior } => {
                format!(
                    "{instance}: when it is shut down from inside, {behavior} it{}",
                    instead_of(was)
                )
            }
            Self::SetDeleteOnTermination { instance, volumes, on } => {
                let devices: Vec<String> = volumes
                    .iter()
                    .map(|(device, id)| format!("{id} ({})", shown(device)))
                    .collect();
                let verb = if *on { "go with" } else { "outlive" };
                format!("{instance}: let its volumes {verb} it: {}", devices.join(", "))
            }
            Self::StopInstances { instance } => format!("stop {instance}"),
            Self::StartInstances { instance } => format!("start {instance}"),
            Self::AssociateIamInstanceProfile { instance, profile, .. } => {
                format!("{instance}: give it the instance profile {profile}")
            }
            Self::ReplaceIamInstanceProfileAssociation { instance, profile, .. } => {
                format!("{instance}: instance profile → {profile}{}", instead_of(was))
            }
            Self::DisassociateIamInstanceProfile { instance, .. } => {
                format!("{instance}: take the instance profile away{}", instead_of(was))
            }
        }
    }
}

fn shown(text: &str) -> String {
    Untrusted::new(text).shown()
}

fn instead_of(was: &str) -> String {
    if was.is_empty() {
        String::new()
    } else {
        format!(" (it was {was})")
    }
}

/// To give an instance a profile is to pass its role (Service Authorization Reference, `AssociateIamInstanceProfile`). A role's ARN
/// has its path, which its name does not tell.
fn pass_role(place: &Place<'_>, role: &RoleName) -> [Grant; 2] {
    [format!("role/{role}"), format!("role/*/{role}")]
        .map(|rest| Grant::on("iam:PassRole", place.global_arn("iam", &rest)))
}

// A snapshot's ARN has no account in many of AWS's own examples and has one in the reference, so any will do.
fn arn(place: &Place<'_>, kind: &str, id: &str) -> String {
    match kind {
        "snapshot" => format!("arn:{}:ec2:{}:*:snapshot/{id}", place.partition, place.region),
        _ => place.arn("ec2", &format!("{kind}/{id}")),
    }
}

/// The kind and id of a tagged or named resource. What the plan itself will make has no id yet.
pub(super) fn kind_and_id(resource: &Ref) -> (&'static str, String) {
    match resource {
        Ref::Made { result, .. } if result == "group" => ("security-group", "*".to_owned()),
        Ref::Made { result, .. } if result == "acl" => ("network-acl", "*".to_owned()),
        Ref::Made { .. } => ("snapshot", "*".to_owned()),
        Ref::Id(id) => {
            let kind = match id.split('-').next().unwrap_or_default() {
                "i" => "instance",
                "sg" => "security-group",
                "eni" => "network-interface",
                "vol" => "volume",
                "snap" => "snapshot",
                "acl" => "network-acl",
                _ => "*",
            };
            (kind, id.clone())
        }
    }
}
