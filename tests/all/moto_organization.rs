//! Organizations and IAM Identity Center against moto. Its gaps: it enforces no service control policy, and an assignment is there or
//! gone at once. `DescribePermissionSet` answers in a shape that is not AWS's.

use quell::action::{ActionName, Request};
use quell::domain::ResourceKind;
use serde_json::Value;

use super::moto::apply;
use crate::support::desk::Desk;
use crate::support::moto::{Moto, OWN};
use crate::support::room::with_room;

const REGION: &str = "us-east-1";
const STRANGER: &str = "222222222222";

/// As somebody of another account would ask: to quarantine one's own is refused.
fn asked(desk: &Desk, action: ActionName, kind: ResourceKind, target: &str) -> Request {
    Request {
        by: format!("arn:aws:iam::{STRANGER}:user/oncall-1"),
        ..desk.request(action, OWN, REGION, kind, target)
    }
}

#[test]
fn a_member_account_is_quarantined_and_let_go() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_member"]);
        let member = made["member"].as_str().unwrap();
        let show = || stranger.run("on_moto.py", &["show_policies", member]);
        let before = show();
        let desk = Desk::open(moto.options(REGION)).await;
        let request = asked(&desk, ActionName::QuarantineAccount, ResourceKind::Account, member);
        let run = apply(&desk, desk.plan(&request).await.unwrap()).await;
        let on: Vec<Value> = show()["on"].as_array().unwrap().clone();
        assert!(
            on.iter().any(|text| text.as_str().unwrap().contains("QuellQuarantine")),
            "{on:?}"
        );
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);
    });
}

#[test]
fn a_user_of_identity_center_loses_everything_and_gets_it_back() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_identity_user"]);
        let user = made["user"].as_str().unwrap();
        let show = || stranger.run("on_moto.py", &["show_identity_user", user]);
        let before = show();
        assert_eq!(before["assignments"].as_array().unwrap().len(), 1, "{before}");
        assert_eq!(before["groups"].as_array().unwrap().len(), 1, "{before}");
        let desk = Desk::open(moto.options(REGION)).await;
        let request = asked(&desk, ActionName::ContainIdentityUser, ResourceKind::IdentityUser, user);
        let run = apply(&desk, desk.plan(&request).await.unwrap()).await;
        let contained = show();
        assert_eq!(contained["assignments"], serde_json::json!([]));
        assert_eq!(contained["groups"], serde_json::json!([]));
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);
    });
}

/// A session shows the user's name and not the id: it is looked up by it (`GetUserId`).
#[test]
fn a_user_of_identity_center_is_found_by_name() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_identity_user"]);
        let user = made["user"].as_str().unwrap();
        let show = || stranger.run("on_moto.py", &["show_identity_user", user]);
        let before = show();
        let desk = Desk::open(moto.options(REGION)).await;
        let request = asked(
            &desk,
            ActionName::ContainIdentityUser,
            ResourceKind::IdentityUser,
            "ann",
        );
        let plan = desk.plan(&request).await.unwrap();
        let phrases: Vec<String> = plan
            .draft
            .calls
            .iter()
            .map(quell::action::PlannedCall::phrase)
            .collect();
        // Of the permission set it gives a number where AWS's duration is a text, so its name is not read here.
        for part in ["in stage from ann", "take ann out of ops"] {
            assert!(
                phrases.iter().any(|phrase| phrase.contains(part)),
                "{part}: {phrases:?}"
            );
        }
        let run = apply(&desk, plan).await;
        assert_eq!(show()["assignments"], serde_json::json!([]));
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);
    });
}
