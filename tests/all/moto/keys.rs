//! Keys, databases and secrets against moto. Its known gaps: it has no `LookupEvents`, so that who used something lately is a warning;
//! and without a Lambda function, which it would run in a container, a rotation is done at once. The range shows one that takes time.

use quell::action::ActionName;
use quell::cloud::ConnectOptions;
use quell::domain::ResourceKind;
use serde_json::json;

use super::{OTHER, REGION, apply};
use crate::support::desk::Desk;
use crate::support::moto::Moto;
use crate::support::room::with_room;

#[test]
fn a_key_and_databases_are_cut_off_and_restored() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("keys_on_moto.py", &["make"]);
        let show = || stranger.run("keys_on_moto.py", &["show"]);
        let before = show();
        // What moto does not know it answers as a server that failed; nothing is won by asking again.
        let options = ConnectOptions {
            attempts: 1,
            ..moto.options(REGION)
        };
        let desk = Desk::open(options).await;

        let key = made["key"].as_str().unwrap();
        let request = desk.request(ActionName::DisableKmsKey, OTHER, REGION, ResourceKind::Key, key);
        let run = apply(&desk, desk.plan(&request).await.unwrap()).await;
        assert_eq!(show()["key"], "Disabled");
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);

        for (target, snapshots) in [("payments-db", 1), ("ledger", 2)] {
            let request = desk.request(
                ActionName::IsolateDatabase,
                OTHER,
                REGION,
                ResourceKind::Database,
                target,
            );
            // The snapshot, which moto has at once; then the groups.
            apply(&desk, desk.plan(&request).await.unwrap()).await;
            let run = apply(&desk, desk.plan(&request).await.unwrap()).await;
            let isolated = show();
            let groups = match target {
                "ledger" => &isolated["clusters"]["ledger"],
                instance => &isolated["instances"][instance][0],
            };
            assert_eq!(groups.as_array().unwrap().len(), 1, "{isolated}");
            assert_ne!(groups[0], made["group"], "{isolated}");
            let instance = if target == "ledger" { "ledger-1" } else { target };
            assert_eq!(isolated["instances"][instance][1], json!(false), "{isolated}");
            assert_eq!(isolated["snapshots"].as_array().unwrap().len(), snapshots, "{isolated}");
            apply(&desk, desk.undo(run.seq).await.unwrap()).await;
            let restored = show();
            assert_eq!(
                (&restored["instances"], &restored["clusters"]),
                (&before["instances"], &before["clusters"])
            );
        }
    });
}

#[test]
fn a_secret_is_rotated() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        stranger.run("keys_on_moto.py", &["make"]);
        let versions = || stranger.run("keys_on_moto.py", &["show"])["versions"].as_u64().unwrap();
        let before = versions();
        let desk = Desk::open(ConnectOptions {
            attempts: 1,
            ..moto.options(REGION)
        })
        .await;
        let request = desk.request(
            ActionName::RotateSecret,
            OTHER,
            REGION,
            ResourceKind::Secret,
            "payments/db",
        );
        apply(&desk, desk.plan(&request).await.unwrap()).await;
        assert_eq!(versions(), before + 1);
    });
}
