//! What AWS answers to a `Query`, reduced to what plans and screens use.

mod autoscaling;
mod cloudtrail;
mod ebs;
mod ec2;
mod elb;
mod iam;
mod kms;
mod lambda;
mod network;
mod organizations;
mod rds;
mod s3;
mod secrets;
mod sns;
mod ssm;
mod sso;
mod waf;

pub use autoscaling::{ScalingGroup, ScalingMember};
pub use cloudtrail::{Trail, TrailEvent};
pub use ebs::{Shares, SnapshotLock};
pub use ec2::{
    Group, Instance, InstanceType, Interface, ProfileAssociation, Routes, Rule, Snapshot, Tags, Volume, Vpc,
};
pub use elb::{Registered, TargetGroup};
pub use iam::{AccessKey, AccessKeyUse, IamRole, IamUser, KeyStatus, Policies, RoleUse, Simulated, UserGrants};
pub use kms::{Disks, Evidence, KeyGrant, KeyUse, KmsKey};
pub use lambda::{EventSource, Function, FunctionUrl, Provisioned, QualifiedPolicies};
pub use network::{AclAssociation, AclEntry, Address, AddressHolder, Endpoint, LAST_ENTRIES, NetworkAcl, OwnAddress};
pub use organizations::{Member, Organization, Root, Scp, ScpText};
pub use rds::{Database, DatabaseSnapshot};
pub use s3::{AclGrant, BucketHome, PublicBlock, QuellRoles, Replication, StoredObject};
pub use secrets::Secret;
pub use sns::Topic;
pub use ssm::{Agent, Invocation};
pub use sso::{Assignment, IdentityCenter, IdentityUser, Membership};
pub use waf::{IpSet, IpSetName};

use serde::{Deserialize, Serialize};

use super::hub::HubFinding;
use crate::domain::{PolicyTargetId, StoreEntryId, Untrusted, UserGroupName};

/// The answer to one query, of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "kebab-case")]
pub enum Answer {
    Instance(Box<Instance>),
    TerminationProtection(bool),
    StopProtection(bool),
    Interfaces(Vec<Interface>),
    Volumes(Vec<Volume>),
    Vpc(Vpc),
    Groups(Vec<Group>),
    Routes(Routes),
    Snapshots(Vec<Snapshot>),
    SnapshotShares(Shares),
    /// Sorted by snapshot.
    SnapshotLocks(Vec<SnapshotLock>),
    /// The names of the profile's roles; in practice one.
    ProfileRoles(Vec<String>),
    /// Names of managed (by ARN) and inline policies.
    Policies(Policies),
    AccessKeyUse(AccessKeyUse),
    AccessKeys(Vec<AccessKey>),
    /// Those of the findings that Security Hub has, sorted.
    HubFindings(Vec<HubFinding>),
    Trail(Trail),
    Topic(Topic),
    BucketHome(BucketHome),
    /// None where there is no such setting.
    PublicBlock(Option<PublicBlock>),
    /// The text, byte for byte; none where there is no policy.
    BucketPolicy(Option<String>),
    /// None where there is no policy.
    PolicyIsPublic(Option<bool>),
    BucketAcl(Vec<AclGrant>),
    /// Whether the bucket serves a website.
    BucketWebsite(bool),
    BucketReplication(Option<Replication>),
    /// None where the bucket has no object of that key.
    StoredObject(Option<StoredObject>),
    QuellRoles(QuellRoles),
    Function(Function),
    /// None where nothing is reserved, which is no limit but the account's.
    ReservedConcurrency(Option<i32>),
    EventSources(Vec<EventSource>),
    FunctionUrls(Vec<FunctionUrl>),
    /// The resource policy's text; none where there is none.
    FunctionPolicy(Option<String>),
    QualifiedPolicies(QualifiedPolicies),
    Provisioned(Vec<Provisioned>),
    Organization(Organization),
    Roots(Vec<Root>),
    Member(Member),
    /// Service control policies, sorted by id.
    Scps(Vec<Scp>),
    /// The policy of a name, where there is one.
    ScpText(Option<ScpText>),
    IdentityCenters(Vec<IdentityCenter>),
    IdentityUser(IdentityUser),
    /// The id of a user in the identity store.
    IdentityUserId(StoreEntryId),
    /// Sorted by group.
    Memberships(Vec<Membership>),
    /// Sorted by account.
    Assignments(Vec<Assignment>),
    /// What a policy is attached to, sorted.
    PolicyTargets(Vec<PolicyTargetId>),
    /// `stop` or `terminate`.
    ShutdownBehavior(String),
    InstanceType(InstanceType),
    /// One at most, but while one takes the place of another.
    ProfileAssociations(Vec<ProfileAssociation>),
    /// `one-time` or `persistent`, for each request.
    SpotRequests(Vec<String>),
    Addresses(Vec<Address>),
    Endpoints(Vec<Endpoint>),
    OwnAddress(OwnAddress),
    NetworkAcls(Vec<NetworkAcl>),
    /// One, or none where the instance is in no group.
    ScalingMembers(Vec<ScalingMember>),
    ScalingGroup(ScalingGroup),
    TargetGroups(Vec<TargetGroup>),
    Targets(Vec<Registered>),
    IpSets(Vec<IpSetName>),
    IpSet(IpSet),
    IamUser(IamUser),
    IamRole(IamRole),
    RoleUse(RoleUse),
    /// Names of instance profiles, sorted.
    RoleProfiles(Vec<String>),
    UserGrants(UserGrants),
    /// Names of groups, sorted.
    UserGroups(Vec<UserGroupName>),
    /// The inline policy as it is written, where there is one of that name.
    InlinePolicy(Option<String>),
    /// Characters of all inline policies together, white space aside.
    InlineSize(usize),
    /// Whether there is a password for the console.
    LoginProfile(bool),
    /// Sorted by action.
    Simulated(Vec<Simulated>),
    KmsKey(Box<KmsKey>),
    KeyGrants(Vec<KeyGrant>),
    KeyTags(Tags),
    Disks(Disks),
    Evidence(Vec<Evidence>),
    Database(Box<Database>),
    Databases(Vec<Database>),
    DatabaseSnapshot(DatabaseSnapshot),
    /// The newest first.
    DatabaseSnapshots(Vec<DatabaseSnapshot>),
    Secret(Box<Secret>),
    /// Things that name the key which they are encrypted with.
    KeyUses(Vec<KeyUse>),
    /// None where Systems Manager knows no agent on the instance.
    Agent(Option<Agent>),
    /// None where AWS does not list it yet, which it does some seconds after it was sent; in a list the newest first.
    Invocations(Vec<Invocation>),
    /// Names of things, chosen by whoever made them.
    Names(Vec<Untrusted>),
}
