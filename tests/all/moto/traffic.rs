//! What stands around an instance, against moto: Auto Scaling, target groups, Elastic IPs, network ACLs, profiles, IP sets.
//!
//! What moto cannot show, the range shows: its `EnterStandby` does not look at the group's minimum, takes nothing out of the group's
//! target groups, and its `DescribeNetworkAcls` gives the account's ACLs alone; it knows no permission and no quota. It takes
//! `ModifyInstanceAttribute` with `InstanceInitiatedShutdownBehavior` and changes nothing.

use quell::action::{ActionName, Choices, Request};
use quell::domain::ResourceKind;

use super::{OTHER, REGION, apply};
use crate::support::desk::Desk;
use crate::support::moto::Moto;
use crate::support::room::with_room;

fn choices(chosen: &[(&str, &str)]) -> Choices {
    chosen.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn an_instance_that_serves_is_cut_off_stopped_and_put_back() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_fleet"]);
        let text = |name: &str| made[name].as_str().unwrap();
        let show = || {
            stranger.run(
                "on_moto.py",
                &["show_fleet", text("instance"), text("subnet"), text("group")],
            )
        };
        let before = show();
        assert_eq!(before["scaling"], serde_json::json!([1, 1, ["InService"]]), "{before}");

        let desk = Desk::open(moto.options(REGION)).await;
        let on = |action, chosen: &[(&str, &str)]| Request {
            choices: choices(chosen),
            ..desk.request(action, OTHER, REGION, ResourceKind::Instance, text("instance"))
        };
        let block = |chosen: &[(&str, &str)]| Request {
            choices: choices(chosen),
            ..desk.request(ActionName::BlockIp, OTHER, REGION, ResourceKind::Address, "203.0.113.7")
        };
        let isolate = on(
            ActionName::IsolateInstance,
            &[("release-eip", "yes"), ("subnet-acl", "yes")],
        );
        let mut runs = Vec::new();
        for request in [
            block(&[("acl", text("acl")), ("hours", "24")]),
            block(&[("ip-set", "blocked")]),
            on(ActionName::ReplaceInstanceProfile, &[("with", "quarantine")]),
            isolate,
            on(ActionName::StopInstance, &[]),
        ] {
            runs.push(apply(&desk, desk.plan(&request).await.unwrap()).await);
        }
        let cut = show();
        assert_eq!(cut["scaling"], serde_json::json!([0, 0, ["Standby"]]), "{cut}");
        assert_eq!(
            (&cut["state"], &cut["addresses"]),
            (&"stopped".into(), &0.into()),
            "{cut}"
        );
        assert_eq!(cut["targets"], serde_json::json!([]), "{cut}");
        assert_ne!(cut["acl"], before["acl"]);
        assert_eq!(cut["profile"], serde_json::json!(["quarantine"]));
        assert_eq!(cut["blocked"], serde_json::json!(["198.51.100.0/24", "203.0.113.7/32"]));

        for run in runs.iter().rev() {
            apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        }
        assert_eq!(show(), before);
    });
}

#[test]
fn an_instance_is_detached_from_its_group_and_attached_again() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_fleet"]);
        let text = |name: &str| made[name].as_str().unwrap();
        let show = || {
            stranger.run(
                "on_moto.py",
                &["show_fleet", text("instance"), text("subnet"), text("group")],
            )
        };
        let before = show();
        let desk = Desk::open(moto.options(REGION)).await;
        let request = Request {
            choices: choices(&[("asg", "detach")]),
            ..desk.request(
                ActionName::IsolateInstance,
                OTHER,
                REGION,
                ResourceKind::Instance,
                text("instance"),
            )
        };
        let run = apply(&desk, desk.plan(&request).await.unwrap()).await;
        let cut = show();
        assert_eq!(cut["scaling"][2], serde_json::json!([]), "it is in no group: {cut}");
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(show(), before);
    });
}

#[test]
fn an_instance_is_given_a_profile_and_keeps_its_way_to_systems_manager() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_loner"]);
        let instance = made["instance"].as_str().unwrap();
        let show = || stranger.run("on_moto.py", &["show_loner", instance]);
        let before = show();
        assert_eq!(before["profile"], serde_json::json!([]));
        let desk = Desk::open(moto.options(REGION)).await;
        let on = |action, chosen: &[(&str, &str)]| Request {
            choices: choices(chosen),
            ..desk.request(action, OTHER, REGION, ResourceKind::Instance, instance)
        };
        let mut runs = Vec::new();
        for request in [
            on(ActionName::ReplaceInstanceProfile, &[("with", "quarantine")]),
            on(ActionName::IsolateInstance, &[("keep-ssm", "yes")]),
        ] {
            runs.push(apply(&desk, desk.plan(&request).await.unwrap()).await);
        }
        let kept = show();
        assert_eq!(kept["profile"], serde_json::json!(["quarantine"]), "{kept}");
        assert_eq!(kept["ways out"], serde_json::json!([[443, [made["group"]]]]), "{kept}");
        assert_eq!(kept["all"], serde_json::json!([]), "{kept}");
        for run in runs.iter().rev() {
            apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        }
        assert_eq!(show(), before);
    });
}
