//! What a responder can change, and how a change is planned, confirmed and checked.
//!
//! Owns: one file an action, the closed lists of queries and mutations, the plan and its digest, the confirmation. An action
//! is a pure function from facts to a plan. Must never: do IO, or name an API method by a string.

mod answer;
mod by_service;
mod choice;
mod confirm;
mod done;
mod expectation;
mod facts;
mod hub;
mod iam_policy;
mod mutation;
mod outcome;
mod plan;
mod predict;
mod query;
pub mod radius;
mod refusal;
mod target;

mod block_bucket_public;
mod block_ip;
mod bucket;
mod capture_memory;
mod capture_underway;
mod collect_evidence;
mod contain_identity_user;
mod contain_role;
mod contain_user;
mod detach_user_policies;
mod disable_access_key;
mod disable_kms_key;
mod forensic;
mod freeze_function;
mod hand_over_snapshots;
mod isolate_database;
mod isolate_instance;
mod lock_bucket;
mod note_findings;
mod notify_sns;
mod oneself;
mod quarantine_account;
mod replace_instance_profile;
mod revoke_role_sessions;
mod rotate_secret;
mod same_one;
mod scp;
mod snapshot_instance;
mod stop_instance;

pub use answer::{
    AccessKey, AccessKeyUse, AclAssociation, AclEntry, AclGrant, Address, AddressHolder, Agent, Answer, Assignment,
    BucketHome, Database, DatabaseSnapshot, Disks, Endpoint, EventSource, Evidence, Function, FunctionUrl, Group,
    IamRole, IamUser, IdentityCenter, IdentityUser, Instance, InstanceType, Interface, Invocation, IpSet, IpSetName,
    KeyGrant, KeyStatus, KeyUse, KmsKey, LAST_ENTRIES, Member, Membership, NetworkAcl, Organization, OwnAddress,
    Policies, ProfileAssociation, Provisioned, PublicBlock, QualifiedPolicies, QuellRoles, Registered, Replication,
    RoleUse, Root, Routes, Rule, ScalingGroup, ScalingMember, Scp, ScpText, Secret, Shares, Simulated, Snapshot,
    SnapshotLock, StoredObject, Tags, TargetGroup, Topic, Trail, TrailEvent, UserGrants, Volume, Vpc,
};
pub use choice::{Choice, Choices, Takes};
pub use confirm::{ByRule, Confirmed, NotConfirmed};
pub use done::{Done, Recorded};
pub use expectation::{
    AutoScalingState, Check, EbsState, Ec2State, ElbState, EvidenceOf, Expectation, Failing, ISSUED_BEFORE, IamState,
    KmsState, LambdaState, NetworkState, OrganizationsState, RdsState, S3State, SecretsState, SecurityHubState,
    SsmState, SsoState, TakenSet, Verdict, WafState,
};
pub use facts::{Facts, ReadFailure, ReadFailureKind, Reading};
pub use hub::{HubFinding, HubId, HubNote, Workflow};
pub use iam_policy::sessions_before;
pub use mutation::{
    AutoScalingCall, CaptureTool, Direction, EbsCall, Ec2Call, ElbCall, Grant, IamCall, KmsCall, LambdaCall, Made,
    MemoryCapture, Mutation, NetworkCall, NewPassword, NotMade, OrganizationsCall, Place, RdsCall, Ref, S3Call,
    SecretsCall, SecurityHubCall, SnsCall, SsmCall, SsoCall, WafCall, blurred,
};
pub use notify_sns::who_listens;
pub use outcome::Outcome;
pub use plan::{Digest, Draft, Notice, PLAN_LIFETIME, PLAN_VERSION, Plan, PlannedCall, Request, Undo};
pub use predict::{BY_SCP, Foresight, Oracle, Prediction};
pub use query::{
    AutoScalingQuery, CloudTrailQuery, EbsQuery, Ec2Query, ElbQuery, IamQuery, KmsQuery, LambdaQuery, LookupKey,
    NetworkQuery, OrganizationsQuery, Query, RdsQuery, S3Query, SecretsQuery, SecurityHubQuery, SnsQuery, SsmQuery,
    SsoQuery, WafQuery,
};
pub use refusal::{Refusal, RefusalKind, Stop};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::ResourceKind;

/// The names of the actions, as the command line and the journal write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionName {
    IsolateInstance,
    SnapshotInstance,
    HandOverSnapshots,
    DisableAccessKey,
    NotifySns,
    NoteFindings,
    BlockBucketPublic,
    LockBucket,
    FreezeFunction,
    QuarantineAccount,
    ContainIdentityUser,
    ContainUser,
    DetachUserPolicies,
    ContainRole,
    RevokeRoleSessions,
    BlockIp,
    ReplaceInstanceProfile,
    StopInstance,
    DisableKmsKey,
    IsolateDatabase,
    RotateSecret,
    CollectEvidence,
    CaptureMemory,
}

/// A step of the playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Classify,
    Isolate,
    Snapshot,
    Revoke,
    Notify,
    Document,
}

impl Step {
    /// The six steps, in the order of the playbook.
    pub const ALL: [Self; 6] = [
        Self::Classify,
        Self::Isolate,
        Self::Snapshot,
        Self::Revoke,
        Self::Notify,
        Self::Document,
    ];

    /// The word on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::Isolate => "isolate",
            Self::Snapshot => "snapshot",
            Self::Revoke => "revoke",
            Self::Notify => "notify",
            Self::Document => "document",
        }
    }
}

/// Where the calls of an action go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// To the region that the target is in.
    Regional,
    /// To a service that has one place for the whole account (IAM).
    Global,
    /// To the organisation's management account, or the one that Organizations or IAM Identity Center is delegated to; the
    /// target belongs to another. The region is that service's own.
    Organization,
}

/// The choice that says in which region a service of the whole organisation is at home.
pub const HOME_REGION: &str = "region";

/// An action: one file, one value of this trait, one line in `ALL`.
pub trait Action: Sync + fmt::Debug {
    /// Its name.
    fn name(&self) -> ActionName;

    /// The step of the playbook that it belongs to.
    fn step(&self) -> Step;

    /// The kinds of resource that it acts on; the first is what a name typed without more is taken for.
    fn targets(&self) -> &'static [ResourceKind];

    /// Where its calls go.
    fn scope(&self) -> Scope {
        Scope::Regional
    }

    /// What a responder may choose about it.
    fn choices(&self) -> &'static [Choice] {
        &[]
    }

    /// Of what the responder types the last four characters to confirm: of the target, or of whom the plan lets in.
    fn confirmed_by(&self, request: &Request) -> String {
        request.target.id.raw().to_owned()
    }

    /// What it does, in one sentence.
    fn summary(&self) -> &'static str;

    /// The calls for a request, from what has been read; or what else must be read; or why not.
    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop>;

    /// The calls that put back what `done` changed, from what is there now.
    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop>;
}

/// The registry.
pub const ALL: &[&dyn Action] = &[
    &isolate_instance::IsolateInstance,
    &snapshot_instance::SnapshotInstance,
    &hand_over_snapshots::HandOverSnapshots,
    &disable_access_key::DisableAccessKey,
    &notify_sns::NotifySns,
    &note_findings::NoteFindings,
    &block_bucket_public::BlockBucketPublic,
    &lock_bucket::LockBucket,
    &freeze_function::FreezeFunction,
    &quarantine_account::QuarantineAccount,
    &contain_identity_user::ContainIdentityUser,
    &contain_user::ContainUser,
    &detach_user_policies::DetachUserPolicies,
    &contain_role::ContainRole,
    &revoke_role_sessions::RevokeRoleSessions,
    &block_ip::BlockIp,
    &replace_instance_profile::ReplaceInstanceProfile,
    &stop_instance::StopInstance,
    &disable_kms_key::DisableKmsKey,
    &isolate_database::IsolateDatabase,
    &rotate_secret::RotateSecret,
    &collect_evidence::CollectEvidence,
    &capture_memory::CaptureMemory,
];

impl ActionName {
    /// The action of this name.
    #[must_use]
    pub fn action(self) -> &'static dyn Action {
        match self {
            Self::IsolateInstance => &isolate_instance::IsolateInstance,
            Self::SnapshotInstance => &snapshot_instance::SnapshotInstance,
            Self::HandOverSnapshots => &hand_over_snapshots::HandOverSnapshots,
            Self::DisableAccessKey => &disable_access_key::DisableAccessKey,
            Self::NotifySns => &notify_sns::NotifySns,
            Self::NoteFindings => &note_findings::NoteFindings,
            Self::BlockBucketPublic => &block_bucket_public::BlockBucketPublic,
            Self::LockBucket => &lock_bucket::LockBucket,
            Self::FreezeFunction => &freeze_function::FreezeFunction,
            Self::QuarantineAccount => &quarantine_account::QuarantineAccount,
            Self::ContainIdentityUser => &contain_identity_user::ContainIdentityUser,
            Self::ContainUser => &contain_user::ContainUser,
            Self::DetachUserPolicies => &detach_user_policies::DetachUserPolicies,
            Self::ContainRole => &contain_role::ContainRole,
            Self::RevokeRoleSessions => &revoke_role_sessions::RevokeRoleSessions,
            Self::BlockIp => &block_ip::BlockIp,
            Self::ReplaceInstanceProfile => &replace_instance_profile::ReplaceInstanceProfile,
            Self::StopInstance => &stop_instance::StopInstance,
            Self::DisableKmsKey => &disable_kms_key::DisableKmsKey,
            Self::IsolateDatabase => &isolate_database::IsolateDatabase,
            Self::RotateSecret => &rotate_secret::RotateSecret,
            Self::CollectEvidence => &collect_evidence::CollectEvidence,
            Self::CaptureMemory => &capture_memory::CaptureMemory,
        }
    }

    /// The name as it is typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IsolateInstance => "isolate-instance",
            Self::SnapshotInstance => "snapshot-instance",
            Self::HandOverSnapshots => "hand-over-snapshots",
            Self::DisableAccessKey => "disable-access-key",
            Self::NotifySns => "notify-sns",
            Self::NoteFindings => "note-findings",
            Self::BlockBucketPublic => "block-bucket-public",
            Self::LockBucket => "lock-bucket",
            Self::FreezeFunction => "freeze-function",
            Self::QuarantineAccount => "quarantine-account",
            Self::ContainIdentityUser => "contain-identity-user",
            Self::ContainUser => "contain-user",
            Self::DetachUserPolicies => "detach-user-policies",
            Self::ContainRole => "contain-role",
            Self::RevokeRoleSessions => "revoke-role-sessions",
            Self::BlockIp => "block-ip",
            Self::ReplaceInstanceProfile => "replace-instance-profile",
            Self::StopInstance => "stop-instance",
            Self::DisableKmsKey => "disable-kms-key",
            Self::IsolateDatabase => "isolate-database",
            Self::RotateSecret => "rotate-secret",
            Self::CollectEvidence => "collect-evidence",
            Self::CaptureMemory => "capture-memory",
        }
    }

    /// The action that is typed so.
    #[must_use]
    pub fn from_typed(text: &str) -> Option<Self> {
        ALL.iter().map(|a| a.name()).find(|name| name.as_str() == text)
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A plan for the request, or the next questions, or a refusal. For an undo, `done` is what it undoes.
pub fn plan(request: &Request, done: Option<&Done>, facts: &Facts) -> Result<Plan, Stop> {
    let action = request.action.action();
    choice::check(request, action.choices())?;
    let draft = match (request.undoes, done) {
        (None, _) => action.draft(request, facts)?,
        (Some(seq), Some(done)) if done.seq == seq => action.undo(request, done, facts)?,
        (Some(seq), _) => {
            return Err(Stop::Refuse(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("The journal's record {seq} is not at hand."),
                "Give the sequence number of a confirmed plan from this journal.",
            )));
        }
    };
    Ok(Plan::new(request.clone(), draft, facts.clone()))
}

/// Compares a confirmed plan with one made now from facts read again, and says what differs. Empty means that the plan
/// still holds: the same calls would be planned, and every fact that it rests on is unchanged.
#[must_use]
pub fn drift(confirmed: &Plan, now: &Plan) -> Vec<String> {
    let mut differences = Vec::new();
    for before in confirmed.before.iter().filter(|r| !r.query.is_advisory()) {
        match now.before.get(&before.query) {
            Some(after) if after.result == before.result => {}
            Some(after) => differences.push(difference(before, after)),
            None => differences.push(format!("{:?} is no longer read.", before.query)),
        }
    }
    if confirmed.draft.calls != now.draft.calls {
        differences.push(format!(
            "The action would now plan {} calls; the confirmed plan has {} and they are not the same.",
            now.draft.calls.len(),
            confirmed.draft.calls.len()
        ));
    }
    if confirmed.draft.expectations != now.draft.expectations {
        differences.push("What is read back afterwards would now be different.".to_owned());
    }
    differences
}

fn difference(before: &Reading, after: &Reading) -> String {
    let show = |reading: &Reading| {
        let text = serde_json::to_string(&reading.result).unwrap_or_default();
        crate::domain::Untrusted::new(text).shown()
    };
    format!(
        "{}: it was {}, it is {}.",
        before.query.permissions().join(", "),
        show(before),
        show(after)
    )
}
