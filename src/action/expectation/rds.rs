//! What must be true afterwards of what RDS holds.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict, same};
use crate::action::answer::{Database, Secret};
use crate::action::facts::Facts;
use crate::action::mutation::{Made, Ref};
use crate::action::query::{Query, RdsQuery, SecretsQuery};
use crate::action::refusal::Stop;
use crate::domain::{DatabaseId, SecretName};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RdsState {
    /// The snapshot is available, however long it takes.
    DatabaseSnapshotAvailable { id: DatabaseId, of_cluster: bool },
    /// The instance's or cluster's groups are these and no others, and none is still on its way.
    DatabaseGroups {
        id: DatabaseId,
        cluster: bool,
        groups: Vec<Ref>,
    },
    /// The instance has a public address, or has none.
    DatabasePublic { id: DatabaseId, on: bool },
    /// Secrets Manager has the master user's password, which it had not before.
    MasterPasswordManaged { id: DatabaseId, cluster: bool },
    /// The master user's secret has another version in use than `before`. It was there before the plan, so that it is there says
    /// nothing.
    MasterPasswordRotated {
        id: DatabaseId,
        cluster: bool,
        secret: SecretName,
        before: Option<String>,
    },
}

fn database(id: &DatabaseId, cluster: bool) -> Query {
    let id = id.clone();
    Query::Rds(if cluster {
        RdsQuery::DatabaseCluster { id }
    } else {
        RdsQuery::Database { id }
    })
}

impl RdsState {
    fn query(&self) -> Query {
        match self {
            Self::DatabaseSnapshotAvailable { id, of_cluster } => Query::Rds(RdsQuery::DatabaseSnapshot {
                id: id.clone(),
                of_cluster: *of_cluster,
            }),
            Self::DatabaseGroups { id, cluster, .. }
            | Self::MasterPasswordManaged { id, cluster }
            | Self::MasterPasswordRotated { id, cluster, .. } => database(id, *cluster),
            Self::DatabasePublic { id, .. } => database(id, false),
        }
    }
}

impl State for RdsState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        let secret = match self {
            Self::MasterPasswordRotated { secret, .. } => Some(version_of(secret)),
            Self::DatabaseSnapshotAvailable { .. }
            | Self::DatabaseGroups { .. }
            | Self::DatabasePublic { .. }
            | Self::MasterPasswordManaged { .. } => None,
        };
        std::iter::once(self.query()).chain(secret).collect()
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::DatabaseSnapshotAvailable { .. } => None,
            Self::DatabaseGroups { .. }
            | Self::DatabasePublic { .. }
            | Self::MasterPasswordManaged { .. }
            | Self::MasterPasswordRotated { .. } => Some(Duration::from_mins(30)),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        Ok(match self {
            Self::DatabaseSnapshotAvailable { .. } => {
                let found = facts.database_snapshot(&self.query())?;
                match found.status.as_str() {
                    "available" => Verdict::Verified,
                    "creating" | "copying" => Verdict::Pending(format!("{} is at {}%.", found.id, found.progress)),
                    other => Verdict::Failed(format!("{} is {other}.", found.id)),
                }
            }
            Self::DatabaseGroups { groups, .. } => groups_are(facts.database(&self.query())?, groups, made),
            Self::DatabasePublic { on, .. } => {
                let found = facts.database(&self.query())?;
                match (found.public == *on, found.status == "modifying") {
                    (true, _) => Verdict::Verified,
                    (false, true) => Verdict::Pending(format!("{} is being modified.", found.id)),
                    (false, false) => Verdict::Failed(format!("{} is {}public.", found.id, no(found.public))),
                }
            }
            Self::MasterPasswordManaged { .. } => {
                let found = facts.database(&self.query())?;
                match (&found.master_secret, is_making_a_password(found)) {
                    (_, true) => Verdict::Pending(format!("{} is {}.", found.id, found.status)),
                    (Some(_), false) => Verdict::Verified,
                    (None, false) => Verdict::Failed(format!("{} has its master password to itself.", found.id)),
                }
            }
            Self::MasterPasswordRotated { secret, before, .. } => {
                let (found, secret) = (facts.database(&self.query())?, facts.secret(&version_of(secret))?);
                rotated(found, secret, before.as_deref())
            }
        })
    }
}

fn version_of(secret: &SecretName) -> Query {
    Query::Secrets(SecretsQuery::Secret { name: secret.clone() })
}

/// Whether RDS is about to give it a new master password.
fn is_making_a_password(found: &Database) -> bool {
    matches!(found.status.as_str(), "resetting-master-credentials" | "modifying")
        || matches!(found.master_secret_status.as_deref(), Some("creating" | "rotating"))
}

/// The new version is in use only after the database has its password.
fn rotated(found: &Database, secret: &Secret, before: Option<&str>) -> Verdict {
    let current = secret.current.as_deref();
    if current.is_some() && current != before {
        return Verdict::Verified;
    }
    if secret.pending.is_some() || is_making_a_password(found) {
        return Verdict::Pending(format!("the new password of {} is not in use yet.", found.id));
    }
    Verdict::Failed(format!(
        "the secret of {} still has the version {}: the old password works.",
        found.id,
        current.unwrap_or("none")
    ))
}

fn groups_are(found: &Database, wanted: &[Ref], made: &Made) -> Verdict {
    let mut ids = BTreeSet::new();
    for group in wanted {
        match group.resolve(made) {
            Ok(id) => ids.insert(id),
            Err(not_made) => return Verdict::Failed(format!("{not_made}.")),
        };
    }
    let have: BTreeSet<String> = found.groups.iter().map(ToString::to_string).collect();
    match same(&format!("the groups of {}", found.id), &ids, &have) {
        Verdict::Verified if !found.groups_active => {
            Verdict::Pending(format!("the groups of {} are not active yet.", found.id))
        }
        // RDS shows the old ones until it gets to it.
        Verdict::Failed(_) if found.status == "modifying" => {
            Verdict::Pending(format!("{} is being modified.", found.id))
        }
        verdict => verdict,
    }
}

fn no(public: bool) -> &'static str {
    if public { "" } else { "not " }
}

impl fmt::Display for RdsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DatabaseSnapshotAvailable { id, .. } => write!(f, "snapshot {id} is available"),
            Self::DatabaseGroups { id, groups, .. } => {
                let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
                write!(f, "database {id} has the groups {}", groups.join(", "))
            }
            Self::DatabasePublic { id, on } => write!(f, "database {id} is {}public", no(*on)),
            Self::MasterPasswordManaged { id, .. } => write!(f, "Secrets Manager has the master password of {id}"),
            Self::MasterPasswordRotated { id, .. } => write!(f, "the master password of {id} is another one"),
        }
    }
}
