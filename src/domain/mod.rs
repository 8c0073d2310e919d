//! The words everything else is written in: accounts, regions, severities, resources, text from outside.
//!
//! Owns: values and their checks. Never does: IO, clocks, randomness, async, or anything that knows AWS's API.

mod account;
mod arn;
mod ids;
mod nearest;
mod principal;
mod region;
mod resource;
mod severity;
pub mod source_text;
mod untrusted;

pub use account::{AccountId, BadAccountId};
pub use arn::{Arn, BadArn};
pub use ids::{
    AccessKeyId, AclAssociationId, AclId, AddressAssociationId, AllocationId, BadId, BucketName, DatabaseId,
    EndpointId, FunctionName, GroupId, IdentityStoreId, InstanceId, InterfaceId, KeyId, ObjectUrl, PolicyId,
    PolicyName, PolicyTargetId, ProfileAssociationId, ProfileName, RoleName, SecretName, Sha256Hex, SnapshotId,
    StoreEntryId, StoreUserName, SubnetId, ToolUrl, UserGroupName, UserName, VolumeId, VpcId,
};
pub use nearest::nearest;
pub use principal::{IDENTITY_CENTER_ROLE, Principal};
pub use region::{BadRegion, Region};
pub use resource::{Resource, ResourceKind};
pub use severity::{Severity, SeverityLabel};
pub use source_text::SourceError;
pub use untrusted::{Untrusted, visible_json};

/// A moment, in UTC. Shown in the responder's time zone by the screens, written as RFC 3339 everywhere else.
pub type Time = jiff::Timestamp;

/// The name of an incident in the journal and the report: `q-` and eight hex digits.
pub type IncidentId = String;
