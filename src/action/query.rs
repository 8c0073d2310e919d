//! The questions an action may ask of an account. Closed, so that every one of them is known to be a read.

use serde::{Deserialize, Serialize};

use crate::domain::{AccessKeyId, GroupId, InstanceId, ProfileName, RoleName, SnapshotId, SubnetId, UserName, VpcId};

/// One read. The account and region are those of the target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Query {
    /// `DescribeInstances` for one id.
    Instance { id: InstanceId },
    /// `DescribeInstanceAttribute` for `disableApiTermination`.
    TerminationProtection { id: InstanceId },
    /// `DescribeNetworkInterfaces` by `attachment.instance-id`.
    Interfaces { of: InstanceId },
    /// `DescribeVolumes` by `attachment.instance-id`.
    Volumes { of: InstanceId },
    /// `DescribeVpcs` for one id.
    Vpc { id: VpcId },
    /// `DescribeSecurityGroups` in a VPC, those that carry the tag `quell:containment`.
    ContainmentGroups { vpc: VpcId },
    /// `DescribeSecurityGroups` by ids.
    Groups { ids: Vec<GroupId> },
    /// `DescribeNetworkInterfaces` by `group-id`: who else uses a group.
    InterfacesUsing { group: GroupId },
    /// `DescribeRouteTables` for a subnet, or the VPC's main table where the subnet has none of its own.
    Routes { subnet: SubnetId, vpc: VpcId },
    /// `DescribeSnapshots` by ids.
    Snapshots { ids: Vec<SnapshotId> },
    /// `GetInstanceProfile`.
    InstanceProfile { name: ProfileName },
    /// `ListAttachedRolePolicies` and `ListRolePolicies`.
    RolePolicies { role: RoleName },
    /// `GetAccessKeyLastUsed`: whose key it is, and when and where it was last used.
    AccessKeyUse { key: AccessKeyId },
    /// `ListAccessKeys` of a user.
    AccessKeys { user: UserName },
    /// Security Hub `GetFindings` by `Id`: workflow status and note.
    HubFindings { ids: Vec<String> },
    /// `ListAttachedUserPolicies` and `ListUserPolicies`.
    UserPolicies { user: UserName },
}

impl Query {
    /// Whether the answer only informs: who else is near, when a key was last used. Such answers may change between plan and
    /// apply without making the plan wrong; every other answer may not.
    #[must_use]
    pub fn is_advisory(&self) -> bool {
        match self {
            Self::InterfacesUsing { .. }
            | Self::Routes { .. }
            | Self::AccessKeyUse { .. }
            | Self::InstanceProfile { .. }
            | Self::RolePolicies { .. }
            | Self::UserPolicies { .. } => true,
            Self::Instance { .. }
            | Self::TerminationProtection { .. }
            | Self::Interfaces { .. }
            | Self::Volumes { .. }
            | Self::Vpc { .. }
            | Self::ContainmentGroups { .. }
            | Self::Groups { .. }
            | Self::Snapshots { .. }
            | Self::HubFindings { .. }
            | Self::AccessKeys { .. } => false,
        }
    }

    /// The IAM permissions that the read needs.
    #[must_use]
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Instance { .. } => &["ec2:DescribeInstances"],
            Self::TerminationProtection { .. } => &["ec2:DescribeInstanceAttribute"],
            Self::Interfaces { .. } | Self::InterfacesUsing { .. } => &["ec2:DescribeNetworkInterfaces"],
            Self::Volumes { .. } => &["ec2:DescribeVolumes"],
            Self::Vpc { .. } => &["ec2:DescribeVpcs"],
            Self::ContainmentGroups { .. } | Self::Groups { .. } => &["ec2:DescribeSecurityGroups"],
            Self::Routes { .. } => &["ec2:DescribeRouteTables"],
            Self::Snapshots { .. } => &["ec2:DescribeSnapshots"],
            Self::InstanceProfile { .. } => &["iam:GetInstanceProfile"],
            Self::RolePolicies { .. } => &["iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
            Self::AccessKeyUse { .. } => &["iam:GetAccessKeyLastUsed"],
            Self::AccessKeys { .. } => &["iam:ListAccessKeys"],
            Self::HubFindings { .. } => &["securityhub:GetFindings"],
            Self::UserPolicies { .. } => &["iam:ListAttachedUserPolicies", "iam:ListUserPolicies"],
        }
    }
}
