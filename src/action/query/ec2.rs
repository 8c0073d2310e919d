//! What may be asked of EC2.

use serde::{Deserialize, Serialize};

use super::Ask;

use crate::domain::{GroupId, InstanceId, SnapshotId, SubnetId, VpcId};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ec2Query {
    /// `DescribeInstances` for one id.
    Instance { id: InstanceId },
    /// `DescribeInstanceAttribute` for `disableApiTermination`.
    TerminationProtection { id: InstanceId },
    /// `DescribeInstanceAttribute` for `disableApiStop`.
    StopProtection { id: InstanceId },
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
    /// `DescribeInstanceAttribute` for `instanceInitiatedShutdownBehavior`.
    ShutdownBehavior { id: InstanceId },
    /// `DescribeInstanceTypes` for one type.
    InstanceType { name: String },
    /// `DescribeIamInstanceProfileAssociations` by `instance-id`, those that stand or are on their way.
    ProfileAssociations { of: InstanceId },
    /// `DescribeSpotInstanceRequests` by `instance-id`: whether the request behind it is for one time.
    SpotRequests { of: InstanceId },
}

impl Ask for Ec2Query {
    fn is_advisory(&self) -> bool {
        match self {
            Self::InterfacesUsing { .. } | Self::Routes { .. } | Self::InstanceType { .. } => true,
            Self::Instance { .. }
            | Self::TerminationProtection { .. }
            | Self::StopProtection { .. }
            | Self::Interfaces { .. }
            | Self::Volumes { .. }
            | Self::Vpc { .. }
            | Self::ContainmentGroups { .. }
            | Self::Groups { .. }
            | Self::Snapshots { .. }
            | Self::ShutdownBehavior { .. }
            | Self::ProfileAssociations { .. }
            | Self::SpotRequests { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Instance { .. } => &["ec2:DescribeInstances"],
            Self::TerminationProtection { .. } | Self::StopProtection { .. } | Self::ShutdownBehavior { .. } => {
                &["ec2:DescribeInstanceAttribute"]
            }
            Self::InstanceType { .. } => &["ec2:DescribeInstanceTypes"],
            Self::SpotRequests { .. } => &["ec2:DescribeSpotInstanceRequests"],
            Self::ProfileAssociations { .. } => &["ec2:DescribeIamInstanceProfileAssociations"],
            Self::Interfaces { .. } | Self::InterfacesUsing { .. } => &["ec2:DescribeNetworkInterfaces"],
            Self::Volumes { .. } => &["ec2:DescribeVolumes"],
            Self::Vpc { .. } => &["ec2:DescribeVpcs"],
            Self::ContainmentGroups { .. } | Self::Groups { .. } => &["ec2:DescribeSecurityGroups"],
            Self::Routes { .. } => &["ec2:DescribeRouteTables"],
            Self::Snapshots { .. } => &["ec2:DescribeSnapshots"],
        }
    }
}
