//! `isolate-database`: what goes round the groups, and what must not keep a database from being isolated.

use super::isolate_database::{in_rds, snapshot, with_evidence};
use crate::support::ground::Ground;
use crate::support::room::with_room;

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
            let plan = ground.plan(&with_evidence(&ground, target)).await.unwrap();
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
        let plan = ground.plan(&with_evidence(&ground, "payments-db")).await.unwrap();
        assert!(plan.permissions().contains(&"rds:ModifyDBInstance"));
        let warnings = &plan.draft.warnings;
        assert!(
            warnings.iter().any(|w| w.contains("It is storage-full")),
            "{warnings:?}"
        );
    });
}

/// The plan says of when its evidence is, goes on from the newest, and warns where that is old.
#[test]
fn the_age_of_the_evidence_is_said() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = with_evidence(&ground, "payments-db");
        let take = |id: &str, age: jiff::SignedDuration| {
            let taken = snapshot(id, "payments-db", ground.cloud.now() - age, "INC-7");
            in_rds(&ground, |rds| {
                rds.snapshots.clear();
                let older = snapshot(
                    "a-first",
                    "payments-db",
                    taken.started - jiff::SignedDuration::from_hours(100),
                    "INC-7",
                );
                rds.snapshots.insert(older.id.clone(), older);
                rds.snapshots.insert(taken.id.clone(), taken);
            });
        };
        for (age, says, old) in [
            (
                jiff::SignedDuration::from_mins(40),
                "40 minutes before this plan",
                false,
            ),
            (jiff::SignedDuration::from_mins(61), "61 minutes before this plan", true),
            (jiff::SignedDuration::from_hours(71), "71 hours before this plan", true),
        ] {
            take("last", age);
            let plan = ground.plan(&request).await.unwrap();
            let said = plan.draft.neighbours.join("\n");
            assert!(
                said.contains("snapshot last of this incident, taken ") && said.contains(says),
                "{said}"
            );
            let warned = plan
                .draft
                .warnings
                .iter()
                .any(|w| w.starts_with("Snapshot last was taken"));
            assert_eq!(warned, old, "{:?}", plan.draft.warnings);
        }
        // A newer one that is still being made is waited for, though an older one is there.
        take("last", jiff::SignedDuration::ZERO);
        let refusal = ground.plan(&request).await.unwrap_err().to_string();
        assert!(refusal.contains("Snapshot last of payments-db is at 0%"), "{refusal}");
    });
}
