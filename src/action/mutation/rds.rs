//! What may be changed through RDS. There is no call that deletes a database or a snapshot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place, Ref};
use crate::domain::DatabaseId;

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum RdsCall {
    /// a manual snapshot of an instance.
    CreateDBSnapshot {
        database: DatabaseId,
        snapshot: DatabaseId,
        tags: BTreeMap<String, String>,
    },
    /// a manual snapshot of an Aurora cluster.
    CreateDBClusterSnapshot {
        cluster: DatabaseId,
        snapshot: DatabaseId,
        tags: BTreeMap<String, String>,
    },
    /// replaces the VPC security groups, takes or gives the public address, and has the master user's password made anew; what is
    /// not given stays. RDS does the first two at once in any case. A new password needs `ApplyImmediately`, which has RDS apply
    /// whatever waits for the maintenance window, too; without one that is left alone.
    ModifyDBInstance {
        database: DatabaseId,
        groups: Option<Vec<Ref>>,
        public: Option<bool>,
        password: Option<NewPassword>,
    },
    /// the same for an Aurora cluster, which has no public address of its own.
    ModifyDBCluster {
        cluster: DatabaseId,
        groups: Option<Vec<Ref>>,
        password: Option<NewPassword>,
    },
}

/// How the master user's password is made anew. RDS makes it; it never passes through here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewPassword {
    /// Secrets Manager takes it over (`ManageMasterUserPassword`).
    HandOver,
    /// Secrets Manager has it and changes it (`RotateMasterUserPassword`).
    Rotate,
}

impl NewPassword {
    fn phrase(self) -> &'static str {
        match self {
            Self::HandOver => "hand the master user's password to Secrets Manager, which makes a new one",
            Self::Rotate => "have Secrets Manager change the master user's password",
        }
    }

    /// What RDS does in the caller's name (RDS User Guide, "Permissions required for Secrets Manager integration").
    fn needs(self, place: &Place<'_>) -> Vec<Grant> {
        let secret = place.arn("secretsmanager", "secret:rds!*");
        match self {
            Self::HandOver => vec![
                Grant::on("secretsmanager:CreateSecret", secret.clone()),
                Grant::on("secretsmanager:TagResource", secret),
                Grant::on("kms:DescribeKey", place.arn("kms", "key/*")),
            ],
            Self::Rotate => vec![Grant::on("secretsmanager:RotateSecret", secret)],
        }
    }
}

impl Call for RdsCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::CreateDBSnapshot { .. } => "rds:CreateDBSnapshot",
            Self::CreateDBClusterSnapshot { .. } => "rds:CreateDBClusterSnapshot",
            Self::ModifyDBInstance { .. } => "rds:ModifyDBInstance",
            Self::ModifyDBCluster { .. } => "rds:ModifyDBCluster",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        let action = self.permission();
        let arn = |kind: &str, id: &DatabaseId| place.arn("rds", &format!("{kind}:{id}"));
        let snapshot = |source: String, made: String| {
            vec![
                Grant::on(action, source),
                Grant::on(action, made.clone()),
                Grant::on("rds:AddTagsToResource", made),
            ]
        };
        let change = |target: String, password: &Option<NewPassword>| {
            let own = Grant::on(action, target);
            let more = password.map(|p| p.needs(place)).unwrap_or_default();
            std::iter::once(own).chain(more).collect()
        };
        match self {
            Self::CreateDBSnapshot {
                database,
                snapshot: made,
                ..
            } => snapshot(arn("db", database), arn("snapshot", made)),
            Self::CreateDBClusterSnapshot {
                cluster,
                snapshot: made,
                ..
            } => snapshot(arn("cluster", cluster), arn("cluster-snapshot", made)),
            Self::ModifyDBInstance { database, password, .. } => change(arn("db", database), password),
            Self::ModifyDBCluster { cluster, password, .. } => change(arn("cluster", cluster), password),
        }
    }

    fn resolve(&mut self, made: &Made) -> Result<(), NotMade> {
        let groups = match self {
            Self::CreateDBSnapshot { .. } | Self::CreateDBClusterSnapshot { .. } => return Ok(()),
            Self::ModifyDBInstance { groups, .. } | Self::ModifyDBCluster { groups, .. } => {
                groups.as_deref_mut().unwrap_or_default()
            }
        };
        for group in groups {
            *group = Ref::Id(group.resolve(made)?);
        }
        Ok(())
    }

    fn phrase(&self, was: &str) -> String {
        let list = |groups: &[Ref]| {
            let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
            let was = if was.is_empty() {
                String::new()
            } else {
                format!("{was} ")
            };
            format!("groups {was}→ {}", groups.join(", "))
        };
        match self {
            Self::CreateDBSnapshot { database, snapshot, .. } => format!("snapshot database {database} as {snapshot}"),
            Self::CreateDBClusterSnapshot { cluster, snapshot, .. } => {
                format!("snapshot cluster {cluster} as {snapshot}")
            }
            Self::ModifyDBInstance {
                database,
                groups,
                public,
                password,
            } => {
                let public = public.map(|public| {
                    if public {
                        "make it public"
                    } else {
                        "not public any more"
                    }
                });
                let parts: Vec<String> = groups
                    .as_deref()
                    .map(list)
                    .into_iter()
                    .chain(public.map(str::to_owned))
                    .chain(password.map(|p| p.phrase().to_owned()))
                    .collect();
                format!("database {database}: {}", parts.join("; "))
            }
            Self::ModifyDBCluster {
                cluster,
                groups,
                password,
            } => {
                let parts: Vec<String> = groups
                    .as_deref()
                    .map(list)
                    .into_iter()
                    .chain(password.map(|p| p.phrase().to_owned()))
                    .collect();
                format!("cluster {cluster}: {}", parts.join("; "))
            }
        }
    }
}
