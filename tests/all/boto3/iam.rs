//! What quell did to a role, as boto3 reads it, and the same operations by boto3's own hand.

use quell::action::{ActionName, Choices, Request};
use quell::domain::ResourceKind;
use serde_json::json;

use super::on_call;
use crate::support::desk::Desk;
use crate::support::ground::{PROD, SEOUL, options};
use crate::support::room::with_room;
use crate::support::served::Served;

#[test]
fn a_stranger_reads_what_quell_wrote() {
    let served = Served::leaked_key();
    let show = || on_call(&served).run("iam_stranger.py", &["role", "web-instance"]);
    let before = show();
    assert_eq!(before["profiles"], json!(["web-instance"]));
    assert_eq!(before["old"], before["new"]);
    assert_eq!(before["old"]["s3:GetObject"], "allowed");
    assert_eq!(before["old"]["iam:ListUsers"], "implicitDeny");

    let (range, login) = (served.range.clone(), served.login.clone());
    with_room(async move || {
        let desk = Desk::open(options(&range, &login, &login.responder)).await;
        let revoke = desk.request(
            ActionName::RevokeRoleSessions,
            PROD,
            SEOUL,
            ResourceKind::Role,
            "web-instance",
        );
        let close = Request {
            action: ActionName::ContainRole,
            choices: Choices::from([("how".to_owned(), "trust".to_owned())]),
            ..revoke.clone()
        };
        for request in [revoke, close] {
            let run = desk.apply(desk.plan(&request).await.unwrap(), &mut |_| {}).await;
            assert_eq!(run.unwrap().trouble, None);
        }
    });

    let after = show();
    for action in ["s3:GetObject", "ec2:DescribeInstances", "iam:ListUsers"] {
        assert_eq!(after["old"][action], "explicitDeny", "{action}");
    }
    assert_eq!(after["new"], before["new"], "later sessions are as they were");
    let inline = after["inline"].as_object().unwrap();
    let (_, policy) = inline
        .iter()
        .find(|(n, _)| n.starts_with("quell-revoke-INC-7-"))
        .unwrap();
    assert_eq!(
        policy["Statement"][0]["Condition"],
        json!({"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T00:00:30Z"}})
    );
    assert_eq!(after["trust"]["Statement"][0]["Principal"], "*");
    assert_eq!(after["trust"]["Statement"][0]["Effect"], "Deny");
}

#[test]
fn policies_are_changed_by_hand_with_the_codes_that_clients_match_on() {
    let served = Served::leaked_key();
    let found = on_call(&served).run("iam_stranger.py", &["by_hand", "deploy-bot", "web-instance"]);
    let expected = json!({
        "detached twice": "404 NoSuchEntity",
        "denied": ["explicitDeny"],
        "deleted twice": "404 NoSuchEntity",
        "unknown policy": "404 NoSuchEntity",
        "malformed": "400 MalformedPolicyDocument",
        "bad trust": "400 MalformedPolicyDocument",
        "too long": "409 LimitExceeded",
        "no password": "404 NoSuchEntity",
        "no password to delete": "404 NoSuchEntity",
        "no such group": "404 NoSuchEntity",
        "simulated nobody": "404 NoSuchEntity",
        "simulated nonsense": "400 InvalidInput",
    });
    assert_eq!(found, expected);
}
