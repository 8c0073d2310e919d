//! The real cloud code against moto, which nobody here wrote: an endpoint, a key, and no other difference from AWS. What happened is
//! read back by boto3, not by quell.
//!
//! What moto cannot show, the range shows: it has no GuardDuty findings (`ListFindings` is not there), it takes any credentials
//! and checks no permission, and `ModifyInstanceAttribute` with groups changes nothing on the interfaces.

mod data;
mod iam;
mod keys;
mod memory;
mod snapshots;

use quell::action::{ActionName, Notice, Outcome, Request, Verdict};
use quell::cloud::{self, Cloud, Everything};
use quell::domain::ResourceKind;
use quell::findings::{CoverageState, Source};
use quell::runtime::{NotApplied, Run};
use serde_json::Value;

use crate::support::desk::Desk;
use crate::support::moto::{Moto, OWN, Sent};
use crate::support::python;
use crate::support::room::with_room;

mod traffic;

const OTHER: &str = "333333333333";
const REGION: &str = "us-east-1";

/// Applies a plan, and holds that every call was accepted and all that was expected is read back.
pub async fn apply(desk: &Desk, plan: quell::action::Plan) -> Run {
    let run: Result<Run, NotApplied> = desk.apply(plan, &mut |_| {}).await;
    let run = run.unwrap();
    assert_eq!(run.trouble, None);
    assert!(
        run.outcomes.iter().all(|o| matches!(o, Outcome::Applied { .. })),
        "{:?}",
        run.outcomes
    );
    for check in desk.verify(&run, || {}).await {
        assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
    }
    run
}

#[test]
fn an_instance_with_two_interfaces_in_another_account_is_snapshotted_isolated_and_restored() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_instance"]);
        let id = made["instance"].as_str().unwrap();
        let show = || stranger.run("on_moto.py", &["show_instance", id]);
        let before = show();
        assert_eq!(before["interfaces"].as_object().unwrap().len(), 2, "{before}");

        let desk = Desk::open(moto.options(REGION)).await;
        assert_eq!(
            desk.cloud.identity().account.as_str(),
            OWN,
            "the instance is in another account"
        );
        let request = |action| desk.request(action, OTHER, REGION, ResourceKind::Instance, id);

        let plan = desk.plan(&request(ActionName::SnapshotInstance)).await.unwrap();
        apply(&desk, plan).await;
        let snapshots = show()["snapshots"].clone();
        assert_eq!(before["volumes"].as_array().unwrap().len(), 2);
        for volume in before["volumes"].as_array().unwrap() {
            let tags = &snapshots[volume.as_str().unwrap()];
            assert_eq!(tags["quell:incident"], "INC-7", "{snapshots}");
            assert!(tags["quell:device"].is_string(), "{snapshots}");
        }

        let plan = desk.plan(&request(ActionName::IsolateInstance)).await.unwrap();
        let run = apply(&desk, plan).await;
        let isolated = show();
        for (interface, groups) in isolated["interfaces"].as_object().unwrap() {
            let [only] = groups.as_array().unwrap().as_slice() else {
                panic!("{interface} has {groups}");
            };
            assert_eq!(
                isolated["rules"][only.as_str().unwrap()],
                0,
                "{interface} has a group without rules"
            );
        }
        assert_eq!(isolated["protected"], true);
        assert_eq!(isolated["tags"]["quell:state"], "isolated");

        let undo = desk.undo(run.seq).await.unwrap();
        apply(&desk, undo).await;
        let restored = show();
        for what in ["interfaces", "tags", "protected", "volumes"] {
            assert_eq!(restored[what], before[what], "{what}");
        }
        assert!(
            mutating_keys(&moto).iter().all(|key| key.starts_with("ASIA")),
            "only assumed sessions change anything"
        );
    });
}

/// The keys that signed what quell changed. What boto3 set up is signed with an assumed key too, but never with the caller's.
fn mutating_keys(moto: &Moto) -> Vec<String> {
    moto.requests()
        .into_iter()
        .filter(changes)
        .map(|sent| sent.access_key)
        .collect()
}

/// Whether a request may have changed something. STS gives out sessions, which change nothing.
fn changes(sent: &Sent) -> bool {
    const READS: [&str; 5] = ["Describe", "Get", "List", "Lookup", "BatchGet"];
    match (sent.service.as_str(), sent.operation.as_str()) {
        ("sts", _) => false,
        // REST: GuardDuty and Security Hub read with GET, and with POST where the question is long.
        (_, "") => {
            sent.method != "GET"
                && !(sent.method == "POST" && ["/findings", "/findings/get"].iter().any(|p| sent.path.ends_with(p)))
        }
        (_, operation) => !READS.iter().any(|read| operation.starts_with(read)),
    }
}

#[test]
fn an_access_key_in_another_account_is_switched_off_and_on_again() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let key = stranger.run("on_moto.py", &["make_key"]);
        let key = key.as_str().unwrap();
        let status = || stranger.run("on_moto.py", &["show_keys"])[key].clone();
        assert_eq!(status(), "Active");

        let desk = Desk::open(moto.options(REGION)).await;
        let request = desk.request(
            ActionName::DisableAccessKey,
            OTHER,
            REGION,
            ResourceKind::AccessKey,
            key,
        );
        let run = apply(&desk, desk.plan(&request).await.unwrap()).await;
        assert_eq!(status(), "Inactive");
        apply(&desk, desk.undo(run.seq).await.unwrap()).await;
        assert_eq!(status(), "Active");
    });
}

#[test]
fn a_notification_arrives_in_a_queue_behind_the_topic() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_topic"]);
        let topic = made["topic"].as_str().unwrap();
        let desk = Desk::open(moto.options(REGION)).await;
        let request = Request {
            notice: Some(Notice {
                topic: topic.parse().unwrap(),
                subject: "INC-7: isolated".to_owned(),
                message: "두 인터페이스를 격리했습니다.\nBoth interfaces are sealed.".to_owned(),
            }),
            ..desk.request(ActionName::NotifySns, OTHER, REGION, ResourceKind::Topic, topic)
        };
        apply(&desk, desk.plan(&request).await.unwrap()).await;
        let messages = stranger.run("on_moto.py", &["read_queue", made["queue"].as_str().unwrap()]);
        let [message] = messages.as_array().unwrap().as_slice() else {
            panic!("one message: {messages}");
        };
        assert_eq!(message["Message"], request.notice.as_ref().unwrap().message.as_str());
        assert_eq!(message["Subject"], "INC-7: isolated");
        assert_eq!(message["TopicArn"], topic);
    });
}

/// What `watch` does before anybody types: who am I, which accounts, every finding, and the context of an incident.
#[test]
fn watching_sends_no_call_that_changes_anything() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger(REGION);
        let made = stranger.run("on_moto.py", &["make_instance"]);
        stranger.run("on_moto.py", &["import_findings"]);
        let earlier = moto.requests();
        assert!(
            earlier.iter().any(changes),
            "setting up does change something, and the log shows it"
        );

        let mut options = moto.options(REGION);
        options.accounts = vec![OWN.parse().unwrap(), OTHER.parse().unwrap()];
        let cloud = Cloud::connect(options).await.unwrap();
        let Everything { findings, coverage, .. } = cloud::feed::read_once(cloud.clone()).await;
        assert_eq!((findings.len(), coverage.len()), (133, 4));
        let desk = Desk::open(moto.options(REGION)).await;
        let id = made["instance"].as_str().unwrap();
        // A plan is only read for, too.
        let request = desk.request(ActionName::IsolateInstance, OTHER, REGION, ResourceKind::Instance, id);
        desk.plan(&request).await.unwrap();

        let sent = moto.requests().split_off(earlier.len());
        assert!(sent.len() > 15, "{sent:?}");
        let changing: Vec<&Sent> = sent.iter().filter(|sent| changes(sent)).collect();
        assert!(changing.is_empty(), "{changing:?}");
    });
}

#[test]
fn security_hub_findings_of_two_accounts_arrive_whole() {
    with_room(async || {
        let moto = Moto::start();
        let imported = moto.stranger(REGION).run("on_moto.py", &["import_findings"]);
        let mut options = moto.options(REGION);
        options.accounts = vec![OWN.parse().unwrap(), OTHER.parse().unwrap()];
        let cloud = Cloud::connect(options).await.unwrap();
        let Everything { findings, coverage, .. } = cloud::feed::read_once(cloud.clone()).await;
        for account in [OWN, OTHER] {
            let mut read: Vec<&str> = findings
                .iter()
                .filter(|f| f.account.as_str() == account)
                .map(|f| f.id.raw())
                .collect();
            read.sort_unstable();
            assert_eq!(Value::from(read), imported[account], "{account}");
        }
        for row in coverage {
            // moto has no detector before somebody makes one, so there is nothing to read and nothing missing.
            let expected = match row.source {
                Source::SecurityHub => CoverageState::Complete,
                Source::GuardDuty | Source::EventBridge => CoverageState::Disabled,
            };
            assert_eq!(row.state, expected, "{row:?}");
        }
    });
}

/// The same through the binary, as a script would use it.
#[test]
fn quell_findings_prints_what_boto3_imported() {
    let moto = Moto::start();
    let stranger = moto.stranger(REGION);
    let imported = stranger.run("on_moto.py", &["import_findings"]);
    let home = tempfile::tempdir().unwrap();
    let output = stranger
        .command(env!("CARGO_BIN_EXE_quell"))
        .env("HOME", home.path())
        .args(["findings", "--format", "json", "--region", REGION])
        .args(["--account", OWN, "--account", OTHER])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    for account in [OWN, OTHER] {
        let all = printed["findings"].as_array().unwrap().iter();
        let mut read: Vec<&Value> = all.filter(|f| f["account"] == account).map(|f| &f["id"]).collect();
        read.sort_by_key(|id| id.as_str());
        assert_eq!(
            Value::Array(read.into_iter().cloned().collect()),
            imported[account],
            "{account}"
        );
    }
    let first = &printed["findings"][0];
    assert_eq!(
        (&first["source"], &first["severity_label"]),
        (&"securityhub".into(), &"critical".into()),
        "{first}"
    );
    assert_eq!(printed["coverage"].as_array().unwrap().len(), 4);
    let changing: Vec<Sent> = moto.requests().into_iter().filter(changes).collect();
    assert!(
        changing.iter().all(|sent| sent.service == "securityhub"),
        "only the import changed anything: {changing:?}"
    );
    assert!(python::programs().join("aws").exists());
}
