//! `isolate-database`: what goes round the groups, and what must not keep a database from being isolated.

use super::isolate_database::{in_rds, with_evidence};
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
