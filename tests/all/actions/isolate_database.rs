//! `isolate-database`: a public instance with two groups, and a cluster with two public members.

use quell::action::{ActionName, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::rds::Store;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL};
use crate::support::room::with_room;

five_cases! {
    snapshot_of_an_instance: SNAPSHOT;
    snapshot_of_a_cluster: CLUSTER_SNAPSHOT;
    instance: INSTANCE;
    cluster: CLUSTER;
}

fn request(ground: &Ground, target: &str) -> Request {
    ground.request(ActionName::IsolateDatabase, ResourceKind::Database, SEOUL, target)
}

pub fn in_rds<T>(ground: &Ground, look: impl FnOnce(&mut Store) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        look(&mut place.unwrap().rds)
    })
}

/// This incident's snapshot of a database, taken long enough ago to be available.
pub fn with_evidence(ground: &Ground, target: &str) -> Request {
    let hour_ago = ground.cloud.now() - jiff::SignedDuration::from_hours(1);
    let of = target.rsplit(':').next().unwrap();
    in_rds(ground, |rds| {
        let taken = snapshot("evidence", of, hour_ago, "INC-7");
        let all = if rds.clusters.contains_key(of) {
            &mut rds.cluster_snapshots
        } else {
            &mut rds.snapshots
        };
        all.insert("evidence".to_owned(), taken);
    });
    request(ground, target)
}

pub fn snapshot(id: &str, of: &str, started: jiff::Timestamp, incident: &str) -> quell::range::services::rds::Snapshot {
    quell::range::services::rds::Snapshot {
        id: id.to_owned(),
        of: of.to_owned(),
        engine: "postgres".to_owned(),
        vpc: String::new(),
        kms_key: None,
        started,
        tags: [("quell:incident".to_owned(), incident.to_owned())].into(),
    }
}

fn ledger() -> String {
    format!("arn:aws:rds:{SEOUL}:{PROD}:cluster:ledger")
}

const SNAPSHOT: Case = Case {
    request: |ground| request(ground, "payments-db"),
    calls: &["rds:CreateDBSnapshot"],
    applied: |ground, run| {
        in_rds(ground, |rds| {
            let database = &rds.instances["payments-db"];
            assert!(database.public, "the next plan changes it");
            assert_eq!(database.network.groups.len(), 2);
            let snapshot = rds.snapshots.values().next().unwrap();
            assert_eq!(
                (snapshot.of.as_str(), snapshot.tags["quell:incident"].as_str()),
                ("payments-db", "INC-7")
            );
        });
        warned(run, "The first of two plans");
        wait(ground, 5);
    },
    refusals: &[Refused {
        name: "its snapshot is under way",
        spoil: |ground, _| {
            let now = ground.cloud.now();
            in_rds(ground, |rds| {
                rds.snapshots
                    .insert("s".to_owned(), snapshot("s", "payments-db", now, "INC-7"))
            });
        },
        kind: RefusalKind::WrongTarget,
        says: "Snapshot s of payments-db is at 0%",
    }],
    stale: &[Stale {
        name: "somebody else took it",
        change: |ground, _| {
            let hour_ago = ground.cloud.now() - jiff::SignedDuration::from_hours(1);
            in_rds(ground, |rds| {
                rds.snapshots
                    .insert("s".to_owned(), snapshot("s", "payments-db", hour_ago, "INC-7"))
            });
        },
        says: "rds:DescribeDBSnapshots: it was",
    }],
    undo: Undo::Refuses("changed no database"),
};

const CLUSTER_SNAPSHOT: Case = Case {
    request: |ground| request(ground, &ledger()),
    calls: &["rds:CreateDBClusterSnapshot"],
    applied: |ground, _| {
        in_rds(ground, |rds| assert_eq!(rds.cluster_snapshots.len(), 1));
        wait(ground, 5);
    },
    refusals: &[Refused {
        name: "it is being backed up",
        spoil: |ground, _| {
            in_rds(ground, |rds| {
                "backing-up".clone_into(&mut rds.clusters.get_mut("ledger").unwrap().status);
            });
        },
        kind: RefusalKind::WrongTarget,
        says: "RDS takes no second snapshot meanwhile",
    }],
    stale: &[],
    undo: Undo::Refuses("changed no database"),
};

fn wait(ground: &Ground, minutes: u64) {
    let minutes = std::time::Duration::from_mins(minutes);
    ground.range.with_world(|world| world.clock.advance(minutes));
}

const INSTANCE: Case = Case {
    request: |ground| with_evidence(ground, "payments-db"),
    calls: &[
        "ec2:CreateSecurityGroup",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupEgress",
        "rds:ModifyDBInstance",
    ],
    applied: |ground, run| {
        in_rds(ground, |rds| {
            let database = &rds.instances["payments-db"];
            assert!(!database.public);
            assert_eq!(database.network.groups.len(), 1);
            assert_eq!(database.master.rotated, 0, "the master's password is left alone");
            assert_eq!(rds.snapshots.len(), 1, "no second one");
        });
        warned(run, "tracked and may live on");
        warned(run, "master user postgres stays as it is");
    },
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "deploy-bot"),
            kind: RefusalKind::WrongTarget,
            says: "not a database",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Database, "nobody"),
            kind: RefusalKind::Gone,
            says: "no DB instance and no cluster nobody",
        },
        Refused {
            name: "in another account",
            spoil: |_, request| {
                let arn = format!("arn:aws:rds:{SEOUL}:111111111111:db:payments-db");
                request.target = Resource::new(ResourceKind::Database, arn);
            },
            kind: RefusalKind::WrongTarget,
            says: "is not a database of",
        },
        Refused {
            name: "a member of a cluster",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Database, "ledger-1"),
            kind: RefusalKind::WrongTarget,
            says: "member of the cluster ledger",
        },
        Refused {
            name: "stopped",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Database, "asleep"),
            kind: RefusalKind::WrongTarget,
            says: "asleep is stopped",
        },
        Refused {
            name: "a choice that it does not know",
            spoil: |_, request| {
                request.choices.insert("snapshot".to_owned(), "later".to_owned());
            },
            kind: RefusalKind::BadChoice,
            says: "first, none",
        },
    ],
    stale: &[
        Stale {
            name: "somebody gave it another group",
            change: |ground, _| {
                in_rds(ground, |rds| {
                    drop(rds.instances.get_mut("payments-db").unwrap().network.groups.pop());
                });
            },
            says: "rds:DescribeDBInstances: it was",
        },
        Stale {
            name: "somebody stopped it",
            change: |ground, _| {
                in_rds(ground, |rds| {
                    "stopped".clone_into(&mut rds.instances.get_mut("payments-db").unwrap().status);
                });
            },
            says: "is stopped",
        },
        Stale {
            name: "it is gone",
            change: |ground, _| in_rds(ground, |rds| drop(rds.instances.remove("payments-db"))),
            says: "no DB instance and no cluster payments-db",
        },
    ],
    undo: Undo::Restores,
};

const CLUSTER: Case = Case {
    request: |ground| with_evidence(ground, &ledger()),
    calls: &[
        "ec2:CreateSecurityGroup",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupEgress",
        "rds:ModifyDBCluster",
        "rds:ModifyDBInstance",
        "rds:ModifyDBInstance",
    ],
    applied: |ground, run| {
        in_rds(ground, |rds| {
            assert_eq!(rds.clusters["ledger"].network.groups.len(), 1);
            assert!(["ledger-1", "ledger-2"].iter().all(|id| !rds.instances[*id].public));
            assert_eq!(rds.cluster_snapshots.len(), 1);
        });
        let neighbours = run.plan.draft.neighbours.join("\n");
        assert!(neighbours.contains("readers too: ledger-1, ledger-2"), "{neighbours}");
    },
    refusals: &[Refused {
        name: "without instances there is no network",
        spoil: |ground, _| in_rds(ground, |rds| rds.instances.retain(|id, _| !id.starts_with("ledger"))),
        kind: RefusalKind::WrongTarget,
        says: "which VPC ledger is in",
    }],
    stale: &[Stale {
        name: "a member is no longer public",
        change: |ground, _| in_rds(ground, |rds| rds.instances.get_mut("ledger-2").unwrap().public = false),
        says: "rds:DescribeDBInstances: it was",
    }],
    undo: Undo::Restores,
};

fn warned(run: &Run, part: &str) {
    let warnings = &run.plan.draft.warnings;
    assert!(warnings.iter().any(|w| w.contains(part)), "{part}: {warnings:?}");
}

#[test]
fn the_master_password_is_made_anew_where_that_is_chosen_and_undo_says_that_it_stays_new() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = request(&ground, "payments-db");
        request.choices = [("snapshot", "none"), ("master-password", "yes")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        assert_eq!(run.trouble, None);
        in_rds(&ground, |rds| {
            let master = &rds.instances["payments-db"].master;
            assert_eq!((master.managed, master.rotated), (true, 1));
            assert!(rds.snapshots.is_empty());
        });
        for check in ground.verify(&run).await {
            assert_eq!(check.verdict.word(), "verified", "{}", check.expectation);
        }
        let undo = ground.undo(run.seq).await.unwrap();
        assert!(
            undo.draft.lost.iter().any(|l| l.contains("old password")),
            "{:?}",
            undo.draft.lost
        );
    });
}

#[test]
fn what_somebody_changed_since_is_not_overwritten() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&with_evidence(&ground, "payments-db")).await.unwrap())
            .await
            .unwrap();
        let other = ground.meddle(SEOUL, |ec2| {
            ec2.groups.values().find(|g| g.name == "admin").unwrap().id.clone()
        });
        in_rds(&ground, |rds| {
            rds.instances.get_mut("payments-db").unwrap().network.groups = vec![other];
        });
        let refusal = ground.undo(run.seq).await.unwrap_err().to_string();
        assert!(refusal.contains("Somebody changed payments-db since"), "{refusal}");
    });
}

/// RDS changes nothing of a database while its snapshot is made, so the isolation is two plans, and the second waits for the first.
#[test]
fn the_groups_are_changed_when_the_snapshot_is_available() {
    with_room(async || {
        let ground = Ground::new().await;
        for target in ["payments-db", "ledger"] {
            let request = request(&ground, target);
            let first = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
            assert_eq!((first.trouble, first.outcomes.len()), (None, 1), "{target}");
            let refusal = ground.plan(&request).await.unwrap_err().to_string();
            assert!(
                refusal.contains("Plan it again when the snapshot is available"),
                "{refusal}"
            );
            wait(&ground, 5);
            let second = ground.plan(&request).await.unwrap();
            let said = second.draft.neighbours.join("\n");
            assert!(said.contains("The evidence is there: snapshot quell-inc-7-"), "{said}");
            let second = ground.apply(second).await.unwrap();
            assert_eq!(second.trouble, None, "{target}");
            let again = ground.plan(&request).await.unwrap_err().to_string();
            assert!(again.contains("sealed group alone already"), "{again}");
            // The first plan changed nothing that an undo could put back; the second did.
            let refusal = ground.undo(first.seq).await.unwrap_err().to_string();
            assert!(refusal.contains("changed no database"), "{refusal}");
            ground.undo(second.seq).await.unwrap();
        }
    });
}

/// Another incident's snapshot, and one that failed, are no evidence for this one.
#[test]
fn only_this_incidents_snapshot_counts() {
    with_room(async || {
        let ground = Ground::new().await;
        let hour_ago = ground.cloud.now() - jiff::SignedDuration::from_hours(1);
        in_rds(&ground, |rds| {
            rds.snapshots
                .insert("other".to_owned(), snapshot("other", "payments-db", hour_ago, "INC-6"))
        });
        let plan = ground.plan(&request(&ground, "payments-db")).await.unwrap();
        assert_eq!(plan.permissions(), ["rds:CreateDBSnapshot"]);
    });
}

/// Where it cannot wait the change is tried without evidence; what RDS says to that is told, and the database is as it was.
#[test]
fn a_database_that_is_backed_up_is_not_changed_meanwhile() {
    with_room(async || {
        let ground = Ground::new().await;
        let now = ground.cloud.now();
        in_rds(&ground, |rds| {
            rds.snapshots
                .insert("nightly".to_owned(), snapshot("nightly", "payments-db", now, "INC-6"))
        });
        let mut request = request(&ground, "payments-db");
        let refusal = ground.plan(&request).await.unwrap_err().to_string();
        assert!(refusal.contains("--with snapshot=none"), "{refusal}");
        request.choices.insert("snapshot".to_owned(), "none".to_owned());
        let plan = ground.plan(&request).await.unwrap();
        assert!(
            plan.draft
                .warnings
                .iter()
                .any(|w| w.contains("It is backing-up: RDS may refuse"))
        );
        let run = ground.apply(plan).await.unwrap();
        let trouble = run.trouble.unwrap();
        assert!(trouble.contains("InvalidDBInstanceState"), "{trouble}");
        in_rds(&ground, |rds| assert!(rds.instances["payments-db"].public));
        // It is over soon, and the same is planned again.
        wait(&ground, 5);
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        assert_eq!(run.trouble, None);
    });
}
