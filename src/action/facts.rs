//! What has been read so far, and how an action asks for more.
//!
//! An action is one function over facts. Where a fact is missing, it stops with the queries it needs; the caller reads them,
//! side by side, and calls again. So the order of reads follows from the code that uses them and cannot drift from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::{
    AccessKey, AccessKeyUse, AclGrant, Address, Agent, Answer, BucketHome, Database, DatabaseSnapshot, Disks, Endpoint,
    EventSource, Evidence, Function, FunctionUrl, Group, IamRole, IamUser, Instance, InstanceType, Interface,
    Invocation, IpSet, IpSetName, KeyGrant, KeyUse, KmsKey, NetworkAcl, OwnAddress, Policies, ProfileAssociation,
    Provisioned, PublicBlock, QualifiedPolicies, QuellRoles, Registered, Replication, RoleUse, Routes, ScalingGroup,
    ScalingMember, Secret, Shares, Simulated, Snapshot, SnapshotLock, StoredObject, Tags, TargetGroup, Topic, Trail,
    UserGrants, Volume, Vpc,
};
use super::answer::{Assignment, IdentityCenter, IdentityUser, Member, Membership, Organization, Root, Scp, ScpText};
use super::hub::HubFinding;
use super::query::Query;
use super::refusal::{Refusal, Stop};
use crate::domain::{PolicyTargetId, StoreEntryId, Time, Untrusted, UserGroupName};

/// One answered query: when it was read, and the request id that CloudTrail also knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub query: Query,
    pub at: Time,
    pub request_id: Option<String>,
    pub result: Result<Answer, ReadFailure>,
}

/// Why a read gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadFailure {
    pub kind: ReadFailureKind,
    /// AWS's error code, where there is one.
    pub code: Option<String>,
    /// The call, and what was said about it.
    pub message: Untrusted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadFailureKind {
    /// AWS says that there is no such thing.
    NotFound,
    /// The session may not ask.
    Denied,
    /// The answer could not be understood.
    Malformed,
    /// No answer: network, throttling, a server error, expired credentials.
    Unreachable,
}

/// Readings by query. At most one for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Reading>", into = "Vec<Reading>")]
pub struct Facts(BTreeMap<Query, Reading>);

impl From<Vec<Reading>> for Facts {
    fn from(readings: Vec<Reading>) -> Self {
        Self(readings.into_iter().map(|r| (r.query.clone(), r)).collect())
    }
}

impl From<Facts> for Vec<Reading> {
    fn from(facts: Facts) -> Self {
        facts.0.into_values().collect()
    }
}

macro_rules! typed {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $type:ty) => {
        $(#[$doc])*
        pub fn $name(&self, query: &Query) -> Result<&$type, Stop> {
            match self.answer(query)? {
                Answer::$variant(value) => Ok(value),
                _ => Err(Stop::Refuse(Refusal::confused(query))),
            }
        }
    };
}

impl Facts {
    /// Adds a reading, in place of an older one of the same query.
    pub fn insert(&mut self, reading: Reading) {
        self.0.insert(reading.query.clone(), reading);
    }

    /// The reading of a query, if there is one.
    #[must_use]
    pub fn get(&self, query: &Query) -> Option<&Reading> {
        self.0.get(query)
    }

    /// Takes the reading of a query out, if there is one.
    pub fn take(&mut self, query: &Query) -> Option<Reading> {
        self.0.remove(query)
    }

    /// Every reading, in the order of the queries.
    pub fn iter(&self) -> impl Iterator<Item = &Reading> {
        self.0.values()
    }

    /// The oldest reading's time.
    #[must_use]
    pub fn oldest(&self) -> Option<Time> {
        self.0.values().map(|r| r.at).min()
    }

    /// Stops with those of these queries that have not been read, so that they are read side by side.
    pub fn want(&self, queries: impl IntoIterator<Item = Query>) -> Result<(), Stop> {
        let missing: Vec<Query> = queries.into_iter().filter(|q| !self.0.contains_key(q)).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Stop::Ask(missing))
        }
    }

    /// The answer, or the reason to stop: it has not been read, or it could not be.
    fn answer(&self, query: &Query) -> Result<&Answer, Stop> {
        let Some(reading) = self.0.get(query) else {
            return Err(Stop::Ask(vec![query.clone()]));
        };
        reading
            .result
            .as_ref()
            .map_err(|failure| Stop::Refuse(Refusal::unreadable(query, failure)))
    }

    /// For facts that only inform: `None` where it could not be read, with a sentence in `doubts`.
    pub fn advisory<T>(&self, read: Result<T, Stop>, doubts: &mut Vec<String>) -> Result<Option<T>, Stop> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Refuse(refusal)) => {
                doubts.push(refusal.to_string());
                Ok(None)
            }
            Err(ask @ Stop::Ask(_)) => Err(ask),
        }
    }

    typed!(instance, Instance, Instance);
    typed!(protection, TerminationProtection, bool);
    typed!(stop_protection, StopProtection, bool);
    typed!(interfaces, Interfaces, Vec<Interface>);
    typed!(volumes, Volumes, Vec<Volume>);
    typed!(vpc, Vpc, Vpc);
    typed!(groups, Groups, Vec<Group>);
    typed!(routes, Routes, Routes);
    typed!(snapshots, Snapshots, Vec<Snapshot>);
    typed!(snapshot_shares, SnapshotShares, Shares);
    typed!(snapshot_locks, SnapshotLocks, Vec<SnapshotLock>);
    typed!(profile_roles, ProfileRoles, Vec<String>);
    typed!(policies, Policies, Policies);
    typed!(access_key_use, AccessKeyUse, AccessKeyUse);
    typed!(access_keys, AccessKeys, Vec<AccessKey>);
    typed!(trail, Trail, Trail);
    typed!(topic, Topic, Topic);
    typed!(kms_key, KmsKey, KmsKey);
    typed!(key_grants, KeyGrants, Vec<KeyGrant>);
    typed!(key_tags, KeyTags, Tags);
    typed!(disks, Disks, Disks);
    typed!(evidence, Evidence, Vec<Evidence>);
    typed!(database, Database, Database);
    typed!(databases, Databases, Vec<Database>);
    typed!(database_snapshot, DatabaseSnapshot, DatabaseSnapshot);
    typed!(database_snapshots, DatabaseSnapshots, Vec<DatabaseSnapshot>);
    typed!(secret, Secret, Secret);
    typed!(key_uses, KeyUses, Vec<KeyUse>);
    typed!(agent, Agent, Option<Agent>);
    typed!(invocations, Invocations, Vec<Invocation>);
    typed!(names, Names, Vec<Untrusted>);
    typed!(hub_findings, HubFindings, Vec<HubFinding>);
    typed!(bucket_home, BucketHome, BucketHome);
    typed!(public_block, PublicBlock, Option<PublicBlock>);
    typed!(bucket_policy, BucketPolicy, Option<String>);
    typed!(policy_is_public, PolicyIsPublic, Option<bool>);
    typed!(bucket_acl, BucketAcl, Vec<AclGrant>);
    typed!(bucket_website, BucketWebsite, bool);
    typed!(bucket_replication, BucketReplication, Option<Replication>);
    typed!(stored_object, StoredObject, Option<StoredObject>);
    typed!(quell_roles, QuellRoles, QuellRoles);
    typed!(function, Function, Function);
    typed!(reserved_concurrency, ReservedConcurrency, Option<i32>);
    typed!(event_sources, EventSources, Vec<EventSource>);
    typed!(function_urls, FunctionUrls, Vec<FunctionUrl>);
    typed!(function_policy, FunctionPolicy, Option<String>);
    typed!(qualified_policies, QualifiedPolicies, QualifiedPolicies);
    typed!(provisioned, Provisioned, Vec<Provisioned>);
    typed!(organization, Organization, Organization);
    typed!(roots, Roots, Vec<Root>);
    typed!(member, Member, Member);
    typed!(identity_centers, IdentityCenters, Vec<IdentityCenter>);
    typed!(identity_user, IdentityUser, IdentityUser);
    typed!(identity_user_id, IdentityUserId, StoreEntryId);
    typed!(memberships, Memberships, Vec<Membership>);
    typed!(assignments, Assignments, Vec<Assignment>);
    typed!(scps, Scps, Vec<Scp>);
    typed!(scp_text, ScpText, Option<ScpText>);
    typed!(policy_targets, PolicyTargets, Vec<PolicyTargetId>);
    typed!(shutdown_behavior, ShutdownBehavior, String);
    typed!(instance_type, InstanceType, InstanceType);
    typed!(profile_associations, ProfileAssociations, Vec<ProfileAssociation>);
    typed!(spot_requests, SpotRequests, Vec<String>);
    typed!(addresses, Addresses, Vec<Address>);
    typed!(own_address, OwnAddress, OwnAddress);
    typed!(endpoints, Endpoints, Vec<Endpoint>);
    typed!(network_acls, NetworkAcls, Vec<NetworkAcl>);
    typed!(scaling_members, ScalingMembers, Vec<ScalingMember>);
    typed!(scaling_group, ScalingGroup, ScalingGroup);
    typed!(target_groups, TargetGroups, Vec<TargetGroup>);
    typed!(targets, Targets, Vec<Registered>);
    typed!(ip_sets, IpSets, Vec<IpSetName>);
    typed!(ip_set, IpSet, IpSet);
    typed!(iam_user, IamUser, IamUser);
    typed!(iam_role, IamRole, IamRole);
    typed!(role_use, RoleUse, RoleUse);
    typed!(role_profiles, RoleProfiles, Vec<String>);
    typed!(user_grants, UserGrants, UserGrants);
    typed!(user_groups, UserGroups, Vec<UserGroupName>);
    typed!(inline_policy, InlinePolicy, Option<String>);
    typed!(inline_size, InlineSize, usize);
    typed!(login_profile, LoginProfile, bool);
    typed!(simulated, Simulated, Vec<Simulated>);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_nobody_knows_is_refused_in_what_was_read_too() {
        let reading = |more: &str, deeper: &str| {
            format!(
                r#"{{"query": {{"ask": "vpc", "id": "vpc-0aa1b2c3d4e5f6a7b"}}, "at": "2026-03-01T12:00:00Z", "request_id": null{more},
                    "result": {{"Ok": {{"is": "vpc", "value": {{"id": "vpc-0aa1b2c3d4e5f6a7b", "has_ipv6": false{deeper}}}}}}}}}"#
            )
        };
        let read = |text: String| serde_json::from_str::<Reading>(&text).map_err(|e| e.to_string());
        assert!(read(reading("", "")).is_ok());
        for text in [reading(r#", "ok": true"#, ""), reading("", r#", "ok": true"#)] {
            assert!(read(text).unwrap_err().contains("unknown field `ok`"));
        }
    }
}
