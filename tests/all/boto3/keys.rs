//! What quell did to a key, a database and a secret, as boto3 reads it.

use quell::action::ActionName;
use quell::domain::ResourceKind;
use serde_json::json;

use super::on_call;
use crate::support::desk::Desk;
use crate::support::ground::{PROD, SEOUL, SMALL, options};
use crate::support::room::with_room;
use crate::support::served::Served;

#[test]
fn a_stranger_reads_what_quell_changed() {
    let served = Served::with("small", SMALL);
    let names = ["payments", "payments-db", "ledger", "payments/db"];
    let show = || {
        let arguments: Vec<&str> = std::iter::once("kept").chain(names).collect();
        on_call(&served).run("keys_stranger.py", &arguments)
    };
    let before = show();
    assert_eq!((&before["key"], &before["public"]), (&json!("Enabled"), &json!(true)));
    assert_eq!(before["groups"].as_array().unwrap().len(), 2);
    assert_eq!(before["members"], json!(["ledger-1", "ledger-2"]));
    assert_eq!(before["members by filter"], before["members"]);
    assert_eq!(before["secrets"], json!(["legacy/ftp", "payments/api", "payments/db"]));
    assert_eq!(before["changes"], json!([]));

    let (range, login) = (served.range.clone(), served.login.clone());
    with_room(async move || {
        let desk = Desk::open(options(&range, &login, &login.responder)).await;
        for (action, kind, target) in [
            // The snapshot, and when it is available the groups.
            (ActionName::IsolateDatabase, ResourceKind::Database, "payments-db"),
            (ActionName::IsolateDatabase, ResourceKind::Database, "payments-db"),
            (ActionName::RotateSecret, ResourceKind::Secret, "payments/db"),
        ] {
            let request = desk.request(action, PROD, SEOUL, kind, target);
            let run = desk.apply(desk.plan(&request).await.unwrap(), &mut |_| {}).await;
            assert_eq!(run.unwrap().trouble, None, "{action}");
            if action == ActionName::IsolateDatabase {
                let minutes = std::time::Duration::from_mins(4);
                range.with_world(|world| world.clock.advance(minutes));
            }
        }
        // Its database's snapshot is evidence now.
        let request = desk.request(
            ActionName::DisableKmsKey,
            PROD,
            SEOUL,
            ResourceKind::Key,
            "alias/payments",
        );
        let refusal = desk.plan(&request).await.unwrap_err().to_string();
        assert!(
            refusal.contains("protects evidence: database snapshot quell-inc-7-payments-db-"),
            "{refusal}"
        );
        range.with_world(|world| {
            let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
            let snapshots = place.rds.snapshots.values_mut();
            snapshots.for_each(|snapshot| snapshot.kms_key = None);
        });
        let run = desk.apply(desk.plan(&request).await.unwrap(), &mut |_| {}).await;
        assert_eq!(run.unwrap().trouble, None);
    });

    let after = show();
    let expected = json!({
        "key": "Disabled", "aliases": ["alias/payments"], "policy": "2012-10-17", "public": false,
        "grantees": [format!("arn:aws:iam::{PROD}:role/payments-app")],
        "snapshots": [["payments-db", "INC-7"]],
        "stages": ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"],
        "no key": "400 NotFoundException", "no database": "404 DBInstanceNotFound",
        "no cluster": "404 DBClusterNotFoundFault", "no secret": "400 ResourceNotFoundException",
        "two attributes": "400 InvalidLookupAttributesException",
        "reader disables": "400 AccessDeniedException", "reader modifies": "403 AccessDenied",
        "reader rotates": "400 AccessDeniedException", "reader reads": "400 AccessDeniedException",
    });
    for (what, value) in expected.as_object().unwrap() {
        assert_eq!(after[what], *value, "{what}");
    }
    assert_eq!(after["groups"].as_array().unwrap().len(), 1);
    let changes = after["changes"].as_array().unwrap();
    // The stranger's own attempts were refused, and stand in the history all the same.
    let attempts = changes
        .iter()
        .filter(|c| **c == json!(["DisableKey", "stranger", "AssumedRole"]));
    assert_eq!(attempts.count(), 1, "{changes:?}");
    assert!(
        changes.contains(&json!(["DisableKey", "quell-INC-7", "AssumedRole"])),
        "{changes:?}"
    );
}
