//! `isolate-database`: a public instance with two groups, and a cluster with two public members.

use quell::action::{ActionName, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::rds::Store;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL};
use crate::support::room::with_room;

five_cases! {
    instance: INSTANCE;
    cluster: CLUSTER;
}

fn request(ground: &Ground, target: &str) -> Request {
    ground.request(ActionName::IsolateDatabase, ResourceKind::Database, SEOUL, target)
}

fn in_rds<T>(ground: &Ground, look: impl FnOnce(&mut Store) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        look(&mut place.unwrap().rds)
    })
}

const INSTANCE: Case = Case {
    request: |ground| request(ground, "payments-db"),
    calls: &[
        "rds:CreateDBSnapshot",
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
            let snapshot = rds.snapshots.values().next().unwrap();
            assert_eq!(
                (snapshot.of.as_str(), snapshot.tags["quell:incident"].as_str()),
                ("payments-db", "INC-7")
            );
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
    request: |ground| request(ground, &format!("arn:aws:rds:{SEOUL}:{PROD}:cluster:ledger")),
    calls: &[
        "rds:CreateDBClusterSnapshot",
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
        // A second time Secrets Manager has it and rotates it; but it is isolated already.
        let again = ground.plan(&request).await.unwrap_err().to_string();
        assert!(again.contains("sealed group alone already"), "{again}");
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
            .apply(ground.plan(&request(&ground, "payments-db")).await.unwrap())
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

#[test]
fn a_database_that_is_backed_up_already_is_isolated_without_another_snapshot() {
    with_room(async || {
        let ground = Ground::new().await;
        let now = ground.range.with_world(|world| world.now());
        in_rds(&ground, |rds| {
            let snapshot = quell::range::services::rds::Snapshot {
                id: "nightly".to_owned(),
                of: "payments-db".to_owned(),
                engine: "postgres".to_owned(),
                vpc: String::new(),
                kms_key: None,
                started: now,
                tags: std::collections::BTreeMap::new(),
            };
            rds.snapshots.insert("nightly".to_owned(), snapshot);
        });
        let mut request = request(&ground, "payments-db");
        let refusal = ground.plan(&request).await.unwrap_err().to_string();
        assert!(refusal.contains("--with snapshot=none"), "{refusal}");
        request.choices.insert("snapshot".to_owned(), "none".to_owned());
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        assert_eq!(run.trouble, None);
    });
}

/// What goes round the groups stands on the plan: the Data API, and copies of the data that have groups of their own.
#[test]
fn ways_around_the_groups_are_named() {
    with_room(async || {
        let ground = Ground::new().await;
        in_rds(&ground, |rds| {
            rds.clusters.get_mut("ledger").unwrap().data_api = true;
            rds.instances.get_mut("payments-db").unwrap().replicas = vec!["payments-db-ro".to_owned()];
        });
        for (target, said) in [
            ("ledger", "The Data API of ledger answers on"),
            ("payments-db", "stay open: payments-db-ro"),
        ] {
            let plan = ground.plan(&request(&ground, target)).await.unwrap();
            let warnings = &plan.draft.warnings;
            assert!(warnings.iter().any(|w| w.contains(said)), "{said}: {warnings:?}");
            let other = warnings
                .iter()
                .filter(|w| w.contains("Data API") || w.contains("read replicas"));
            assert_eq!(other.count(), 1, "{warnings:?}");
        }
    });
}

/// Whoever fills a database's storage must not keep it from being isolated.
#[test]
fn a_database_that_is_full_is_isolated_all_the_same() {
    with_room(async || {
        let ground = Ground::new().await;
        in_rds(&ground, |rds| {
            "storage-full".clone_into(&mut rds.instances.get_mut("payments-db").unwrap().status);
        });
        let plan = ground.plan(&request(&ground, "payments-db")).await.unwrap();
        assert!(plan.permissions().contains(&"rds:ModifyDBInstance"));
        let warnings = &plan.draft.warnings;
        assert!(
            warnings.iter().any(|w| w.contains("It is storage-full")),
            "{warnings:?}"
        );
    });
}
