//! The range as a stranger sees it: boto3 and the AWS CLI, which know nothing of quell, through a port.

mod iam;
mod keys;
mod memory;
mod org;
mod snapshots;

use quell::drill::Credentials;
use quell::range::services::{guardduty, securityhub};
use serde_json::{Value, json};

use crate::support::ground::{PROD, SEOUL, VIRGINIA};
use crate::support::python::{self, Stranger};
use crate::support::served::Served;

const ACCOUNTS: [&str; 4] = ["111111111111", "222222222222", "333333333333", "444444444444"];

/// What the world says of an account and region.
fn stores(served: &Served, account: &str, region: &str) -> (guardduty::Store, securityhub::Store) {
    served.range.with_world(|world| {
        let place = world
            .regional(&account.parse().unwrap(), &region.parse().unwrap())
            .unwrap();
        (place.guardduty.clone(), place.securityhub.clone())
    })
}

fn on_call(served: &Served) -> Stranger {
    served.stranger(&served.login.responder)
}

#[test]
fn a_stranger_learns_who_it_is_and_whom_it_may_become() {
    let served = Served::leaked_key();
    let found = on_call(&served).run("stranger.py", &["identity"]);
    assert_eq!(found["own"]["Account"], "222222222222");
    assert_eq!(found["own"]["Arn"], "arn:aws:iam::222222222222:user/oncall-1");
    assert_eq!(
        found["assumed"],
        "arn:aws:sts::333333333333:assumed-role/quell-reader/stranger"
    );
    let organization = on_call(&served).run("stranger.py", &["organization"]);
    let expected = json!({"pages": 2, "ids": ACCOUNTS, "states": ["ACTIVE"], "management": "111111111111"});
    assert_eq!(organization, expected);
}

#[test]
fn every_guardduty_finding_is_listed_paged_and_sorted() {
    let served = Served::leaked_key();
    let (mut all, mut types) = (0, std::collections::BTreeSet::new());
    for account in ACCOUNTS {
        for region in [SEOUL, VIRGINIA] {
            let found = on_call(&served).run("stranger.py", &["guardduty", account, region]);
            let (store, _) = stores(&served, account, region);
            let place = format!("{account} {region}");
            if store.detector.is_none() {
                assert_eq!(found, json!({"detectors": 0}), "{place}");
                continue;
            }
            let ids: Vec<&String> = store.findings.keys().collect();
            all += ids.len();
            types.extend(found["types"].as_object().unwrap().keys().cloned());
            assert_eq!(found["ids"], json!(ids), "{place}");
            assert_eq!(found["got"], json!(ids), "{place}");
            assert_eq!(found["same in small pages"], true, "{place}");
            assert!(found["largest small page"].as_u64().unwrap() <= 7, "{place}");
            assert_eq!(found["severities fall"], true, "{place}");
            assert_eq!(found["severe"], found["severe as read"], "{place}");
            assert_eq!(found["too many ids"], "400 BadRequestException", "{place}");
            assert_eq!(found["other detector"], "400 BadRequestException", "{place}");
        }
    }
    println!("{all} findings of {} types", types.len());
    assert!(
        all >= 60 && types.len() >= 15,
        "{all} findings of {} types",
        types.len()
    );
}

#[test]
fn a_detector_that_is_suspended_says_so_and_keeps_its_findings() {
    let served = Served::leaked_key();
    let look = || on_call(&served).run("stranger.py", &["detector", PROD, SEOUL]);
    let before = look();
    assert_eq!(before["status"], "ENABLED");
    served.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        place.guardduty.detector.as_mut().unwrap().enabled = false;
    });
    let after = look();
    assert_eq!(
        (&after["status"], &after["findings"]),
        (&json!("DISABLED"), &before["findings"])
    );
    assert!(after["findings"].as_u64().unwrap() > 0);
}

#[test]
fn every_security_hub_finding_is_read_paged_and_filtered() {
    let served = Served::leaked_key();
    let mut all = 0;
    for account in ACCOUNTS {
        for region in [SEOUL, VIRGINIA] {
            let found = on_call(&served).run("stranger.py", &["securityhub", account, region]);
            let (_, store) = stores(&served, account, region);
            let place = format!("{account} {region}");
            if store.enabled.is_none() {
                assert_eq!(found, json!({"error": "InvalidAccessException"}), "{place}");
                continue;
            }
            let ids: Vec<&String> = store.findings.keys().collect();
            all += ids.len();
            assert_eq!(found["ids"], json!(ids), "{place}");
            assert_eq!(found["small pages"], json!(ids), "{place}");
            assert_eq!(found["high"], found["high as read"], "{place}");
            assert_eq!(found["not passed"], found["not passed as read"], "{place}");
            assert_eq!(found["bad token"], "400 InvalidInputException", "{place}");
        }
    }
    println!("{all} findings");
    assert!(all > 10, "{all} findings");
}

#[test]
fn machines_are_paged_and_isolated_by_hand() {
    let served = Served::leaked_key();
    let client = on_call(&served);
    for region in [SEOUL, VIRGINIA] {
        let found = client.run("stranger.py", &["machines", region]);
        let (instances, interfaces) = served.range.with_world(|world| {
            let place = world
                .regional(&PROD.parse().unwrap(), &region.parse().unwrap())
                .unwrap();
            let instances: Vec<String> = place.ec2.instances.keys().cloned().collect();
            (instances, place.ec2.interfaces.keys().cloned().collect::<Vec<String>>())
        });
        assert_eq!(found["instances"], json!(instances));
        assert_eq!(found["interfaces"], json!(interfaces));
        assert_eq!(found["instance pages"], instances.len().div_ceil(10), "{region}");
        assert_eq!(found["interface pages"], interfaces.len().div_ceil(10), "{region}");
    }

    let target = two_interfaces(&served);
    let found = client.run("stranger.py", &["isolate", &target]);
    let group = &found["group"];
    assert_eq!(found["groups"], json!([[group], [group]]));
    assert_eq!((&found["rules"], &found["tag"]), (&json!(0), &json!(["손으로"])));
    assert_eq!(found["again"], "400 InvalidGroup.Duplicate");
    assert_eq!(found["revoked twice"], "400 InvalidPermission.NotFound");
    assert_eq!(found["in use"], "400 DependencyViolation");
}

/// A production machine in Seoul that has two interfaces.
fn two_interfaces(served: &Served) -> String {
    served.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        let ec2 = &place.ec2;
        ec2.instances
            .keys()
            .find(|id| ec2.interfaces_of(id).len() == 2)
            .unwrap()
            .clone()
    })
}

#[test]
fn errors_are_in_the_codes_that_clients_match_on() {
    let served = Served::leaked_key();
    let target = two_interfaces(&served);
    let found = on_call(&served).run("stranger.py", &["errors", &target, &served.login.topic_arn]);
    let expected = json!({
        "no such user": "404 NoSuchEntity",
        "no such key": "404 NoSuchEntity",
        "no such instance": "400 InvalidInstanceID.NotFound",
        "not an instance": "400 InvalidInstanceID.Malformed",
        "no such interface": "400 InvalidNetworkInterfaceID.NotFound",
        "no such group": "400 InvalidGroup.NotFound",
        "reader tags": "403 UnauthorizedOperation",
        "reader switches": "403 AccessDenied",
        "reader publishes": "403 AuthorizationError",
        "dry run": "412 DryRunOperation",
        "no such topic": "404 NotFound",
        "no such role": "403 AccessDenied",
        "unknown key": "403 InvalidClientTokenId",
        "unknown key for EC2": "401 AuthFailure",
        "forged": "403 SignatureDoesNotMatch",
    });
    assert_eq!(found, expected);
    let changed = served
        .range
        .with_world(|world| world.log.iter().filter(|c| c.mutating && c.error.is_none()).count());
    assert_eq!(changed, 0, "none of these changed anything");
}

#[test]
fn what_stands_around_a_machine_answers_as_aws_does() {
    let served = Served::with("small", crate::support::ground::SMALL);
    let found = on_call(&served).run("stranger.py", &["fleet"]);
    let expected = json!({
        "refused": "400 ValidationError",
        "moved": "InProgress",
        "states": ["Standby"],
        "target groups": ["stream", "web"],
        "health": ["draining", "healthy"],
        "no group": "400 TargetGroupNotFound",
        "old token": "400 WAFOptimisticLockException",
        "no address": "400 WAFInvalidParameterException",
        "addresses": ["192.0.2.1/32"],
        "instance store": [true],
        "entry twice": "400 NetworkAclEntryAlreadyExists",
        "entry": ["deny"],
        "no entry": "400 InvalidNetworkAclEntry.NotFound",
        "services": ["com.amazonaws.us-east-1.ssm", "com.amazonaws.us-east-1.ssmmessages"],
        "no association": "400 InvalidAssociationID.NotFound",
        "reader blocks": "400 AccessDeniedException",
    });
    assert_eq!(found, expected);
}

#[test]
fn keys_and_sessions_end_when_they_should() {
    let served = Served::leaked_key();
    // A user of production, as somebody who found its key would use it.
    let leaked = served.range.with_world(|world| {
        let user = &world.accounts[&PROD.parse().unwrap()].iam.users["deploy-bot"];
        let key = user.keys.iter().find(|k| k.active).unwrap();
        Credentials {
            user: user.name.clone(),
            access_key: key.id.clone(),
            secret_key: key.secret.clone(),
        }
    });
    let probe = |client: &Stranger| client.run("stranger.py", &["probe"]);
    let thief = served.stranger(&leaked);
    assert_eq!(
        probe(&thief),
        json!({"sts": "no error", "ec2": "no error", "guardduty": "no error"})
    );
    served.range.with_world(|world| {
        let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
        account.iam.key_mut(&leaked.access_key).unwrap().active = false;
    });
    let refused = json!({"sts": "403 InvalidClientTokenId", "ec2": "401 AuthFailure", "guardduty": "403 UnrecognizedClientException"});
    assert_eq!(probe(&thief), refused);

    let keys = on_call(&served).run("stranger.py", &["assume"]);
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    let session = Stranger {
        access_key: text("key"),
        secret_key: text("secret"),
        token: Some(text("token")),
        ..on_call(&served)
    };
    assert_eq!(
        probe(&session),
        json!({"sts": "no error", "ec2": "no error", "guardduty": "no error"})
    );
    let hour = std::time::Duration::from_secs(3601);
    served.range.with_world(|world| world.clock.advance(hour));
    let over =
        json!({"sts": "403 ExpiredToken", "ec2": "400 RequestExpired", "guardduty": "403 ExpiredTokenException"});
    assert_eq!(probe(&session), over);
}

#[test]
fn a_message_arrives_as_it_was_sent() {
    let served = Served::leaked_key();
    let topic = &served.login.topic_arn;
    let found = on_call(&served).run("stranger.py", &["publish", topic]);
    assert_eq!(found["topics"], json!([topic]));
    served.range.with_world(|world| {
        let place = world
            .regional(&"222222222222".parse().unwrap(), &SEOUL.parse().unwrap())
            .unwrap();
        let [message] = place.sns.topics[topic].messages.as_slice() else {
            panic!("one message");
        };
        assert_eq!(found["id"], message.id);
        assert_eq!(message.body, "한 줄\nand another & <more>");
        assert_eq!(message.subject.as_deref(), Some("drill"));
    });
}

#[test]
fn a_queue_is_emptied() {
    let served = Served::leaked_key();
    let name = "quell-events";
    let found = on_call(&served).run("stranger.py", &["queue", name]);
    assert_eq!(found["arn"], "arn:aws:sqs:ap-northeast-2:222222222222:quell-events");
    let bodies = found["bodies"].as_array().unwrap();
    assert_eq!(bodies.len(), 4);
    assert_eq!(found["deleted"], 4);
    assert_eq!(bodies.last().unwrap(), "hello? is this thing on");
    for (what, code) in [
        ("no such queue", "400 AWS.SimpleQueueService.NonExistentQueue"),
        ("too many", "400 InvalidParameterValue"),
        ("bad receipt", "400 ReceiptHandleIsInvalid"),
        ("reader sends", "403 AccessDenied"),
        ("other account", "403 AccessDenied"),
    ] {
        assert_eq!(found[what], code, "{what}");
    }
    let left = served.range.with_world(|world| {
        let place = world.regional(&"222222222222".parse().unwrap(), &SEOUL.parse().unwrap());
        place.unwrap().sqs.queues[name].messages.len()
    });
    assert_eq!(left, 0);
}

#[test]
fn an_administrator_sees_what_its_members_have() {
    let text = quell::drill::builtin()[0].1.to_owned();
    let text = if text.contains("guardduty_administrator") {
        text
    } else {
        let keys = "guardduty_administrator = \"acme-security\"\nsecurityhub_administrator = \"acme-security\"\n\
            aggregator = { region = \"ap-northeast-2\" }\n\n[quell]";
        text.replacen("[quell]", keys, 1)
    };
    let served = Served::with("administered", &text);
    let found = on_call(&served).run("stranger.py", &["administrators"]);
    assert_eq!(
        found["members"],
        json!(["111111111111", "333333333333", "444444444444"])
    );
    assert_eq!((&found["home"], &found["mode"]), (&json!(SEOUL), &json!("ALL_REGIONS")));
    let (mut guardduty, mut securityhub) = (0, 0);
    for account in ACCOUNTS {
        guardduty += stores(&served, account, SEOUL).0.findings.len();
        for region in [SEOUL, VIRGINIA] {
            securityhub += stores(&served, account, region).1.findings.len();
        }
    }
    assert_eq!(
        (&found["guardduty"], &found["securityhub"]),
        (&json!(guardduty), &json!(securityhub))
    );
}

#[test]
fn the_aws_command_line_understands_it_too() {
    let served = Served::leaked_key();
    let client = on_call(&served);
    let aws = |arguments: &[&str]| {
        let mut command = client.command(python::programs().join("aws"));
        let output = command.args(arguments).args(["--output", "json"]).output().unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let answer: Value = serde_json::from_str(&out).unwrap_or_default();
        (output.status.code(), answer, err.into_owned())
    };
    let (status, answer, said) = aws(&["sts", "get-caller-identity"]);
    assert_eq!(
        (status, &answer["Account"]),
        (Some(0), &json!("222222222222")),
        "{said}"
    );
    let (status, answer, said) = aws(&["organizations", "list-accounts", "--page-size", "1"]);
    let ids: Vec<&Value> = answer["Accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["Id"])
        .collect();
    assert_eq!((status, json!(ids)), (Some(0), json!(ACCOUNTS)), "{said}");
    // The on-call user itself may only discover and assume.
    let (status, _, said) = aws(&[
        "ec2",
        "create-tags",
        "--resources",
        "i-0123456789abcdef0",
        "--tags",
        "Key=a,Value=b",
    ]);
    assert_ne!(status, Some(0));
    assert!(said.contains("(UnauthorizedOperation)"), "{said}");
}
