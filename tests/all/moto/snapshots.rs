//! Snapshots on moto: taken, copied under a customer's key, shared with another account and taken back.
//!
//! Its gaps: it has no `LockSnapshot` and no `DescribeLockedSnapshots`, makes every snapshot and copy complete at once, shares what is
//! under AWS's own key, and has no `LookupEvents`. The range shows all of these.

use quell::action::{ActionName, Request};
use quell::cloud::ConnectOptions;
use quell::domain::ResourceKind;
use serde_json::json;

use super::{OTHER, REGION, apply};
use crate::support::desk::Desk;
use crate::support::moto::Moto;
use crate::support::room::with_room;

const FORENSIC: &str = "444455556666";

#[test]
fn snapshots_are_copied_and_handed_over_and_taken_back() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_instance"]);
        let id = made["instance"].as_str().unwrap();
        let key = stranger.run("keys_on_moto.py", &["make_key"]);
        let key = key.as_str().unwrap();
        let show = || stranger.run("keys_on_moto.py", &["show_copies", key]);
        // What moto does not know it answers as a server that failed; nothing is won by asking again.
        let desk = Desk::open(ConnectOptions {
            attempts: 1,
            ..moto.options(REGION)
        })
        .await;
        let take = desk.request(ActionName::SnapshotInstance, OTHER, REGION, ResourceKind::Instance, id);
        apply(&desk, desk.plan(&take).await.unwrap()).await;
        let hand_over = Request {
            action: ActionName::HandOverSnapshots,
            choices: [("forensic-account", FORENSIC), ("kms-key", key)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..take
        };
        let run = apply(&desk, desk.plan(&hand_over).await.unwrap()).await;
        let undo = desk.undo(run.seq).await.unwrap_err().to_string();
        assert!(undo.contains("there is nothing to take back"), "{undo}");
        let copied = show();
        assert_eq!(copied, json!({"copies": 2, "keys": [key], "shared": [], "grants": []}));

        let run = apply(&desk, desk.plan(&hand_over).await.unwrap()).await;
        let root = format!("arn:aws:iam::{FORENSIC}:root");
        assert_eq!(
            show(),
            json!({"copies": 2, "keys": [key], "shared": [FORENSIC, FORENSIC], "grants": [[root, 7]]})
        );
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), copied, "the copies stay");
    });
}
