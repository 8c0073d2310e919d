//! Evidence: what AWS says of an incident's resources, byte for byte in files, with every gap named and nothing changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quell::domain::{Resource, ResourceKind};
use quell::findings::{FindingKey, Source};
use quell::range::call::ApiError;
use quell::range::fault::{Fault, Kind};
use quell::runtime::collect::{Brief, Collected, Subject, collect};
use quell::runtime::manifest::{self, Manifest};
use quell::runtime::sent::Sent;

use crate::support::ground::{Ground, PROD, SEOUL};

/// Base64 of a script that a person wrote a password into.
const USER_DATA: &str = "IyEvYmluL3NoCmV4cG9ydCBEQl9QQVNTV09SRD1odW50ZXIyCg==";
const PRINTED: &str = "WyAgICAwLjAwMDAwMF0gTGludXggdmVyc2lvbiA2LjEK";

fn brief(kind: ResourceKind, id: &str) -> Brief {
    Brief {
        incident: "q-1a2b3c4d".to_owned(),
        subjects: vec![Subject {
            account: PROD.parse().unwrap(),
            region: SEOUL.parse().unwrap(),
            resource: Resource::new(kind, id),
        }],
        findings: Vec::new(),
    }
}

/// What was collected, the manifest, and how many files there are of each call.
async fn collected(ground: &Ground, home: &Path, brief: &Brief) -> (Collected, Manifest, BTreeMap<String, usize>) {
    let before = ground.state();
    let collected = collect(&ground.cloud, home, brief).await.unwrap();
    assert_eq!(ground.state(), before, "collecting changes nothing");
    assert!(ground.writes().is_empty());
    let checked = manifest::verify(Path::new(&collected.kept.directory)).unwrap();
    assert_eq!(checked.faults, Vec::<String>::new());
    assert_eq!(checked.manifest_sha256, collected.kept.manifest_sha256);
    let mut calls = BTreeMap::new();
    for file in &checked.manifest.files {
        *calls.entry(file.call.clone()).or_default() += 1;
        assert!(file.request_id.is_some(), "{file:?}");
    }
    (collected, checked.manifest, calls)
}

fn text(collected: &Collected, manifest: &Manifest, call: &str) -> String {
    let file = manifest.files.iter().find(|f| f.call == call).unwrap();
    fs::read_to_string(Path::new(&collected.kept.directory).join(&file.file)).unwrap()
}

#[tokio::test]
async fn an_instance_with_its_network_and_what_it_printed() {
    let (ground, home) = (Ground::new().await, tempfile::tempdir().unwrap());
    let id = ground.instance("two");
    ground.meddle(SEOUL, |ec2| {
        ec2.user_data.insert(id.clone(), USER_DATA.to_owned());
        ec2.console.insert(id.clone(), PRINTED.to_owned());
    });
    let (collected, manifest, calls) = collected(&ground, home.path(), &brief(ResourceKind::Instance, &id)).await;
    assert_eq!(collected.gaps, []);
    for call in [
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVolumes",
        "ec2:GetConsoleOutput",
        "cloudtrail:LookupEvents",
    ] {
        assert!(calls.contains_key(call), "{call} is not in {calls:?}");
    }
    let described = text(&collected, &manifest, "ec2:DescribeInstances");
    assert!(described.starts_with("<?xml") && described.contains(&id), "{described}");
    assert!(text(&collected, &manifest, "ec2:DescribeInstanceAttribute").contains(USER_DATA));
    assert!(text(&collected, &manifest, "ec2:GetConsoleOutput").contains(PRINTED));
    assert!(manifest.notes.iter().any(|note| note.contains("may hold secrets")));
}

#[tokio::test]
async fn a_user_with_the_text_of_every_policy_and_a_bucket_with_its_settings() {
    let (ground, home) = (Ground::new().await, tempfile::tempdir().unwrap());
    let key = ground.key("deploy-bot", 0);
    let (_, _, calls) = collected(&ground, home.path(), &brief(ResourceKind::AccessKey, &key)).await;
    for call in [
        "iam:GetAccessKeyLastUsed",
        "iam:GetUser",
        "iam:ListAccessKeys",
        "iam:ListAttachedUserPolicies",
    ] {
        assert!(calls.contains_key(call), "{call} is not in {calls:?}");
    }
    let home = tempfile::tempdir().unwrap();
    let (bucket, _, calls) = collected(&ground, home.path(), &brief(ResourceKind::Bucket, "acme-exports")).await;
    assert_eq!(bucket.gaps, []);
    assert!(
        calls["s3:GetBucketPolicy"] == 1 && calls["s3:GetBucketPublicAccessBlock"] == 1,
        "{calls:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_a_gap_in_the_manifest_and_the_rest_is_there() {
    let (ground, home) = (Ground::new().await, tempfile::tempdir().unwrap());
    ground.range.fail(Fault {
        operation: Some("GetConsoleOutput".to_owned()),
        kind: Kind::Error(ApiError::new(403, "UnauthorizedOperation", "On request.\u{1b}[2J")),
        ..Fault::default()
    });
    let id = ground.instance("two");
    let (collected, manifest, calls) = collected(&ground, home.path(), &brief(ResourceKind::Instance, &id)).await;
    assert_eq!(manifest.gaps, collected.gaps);
    let gaps: Vec<(&str, &str)> = collected.gaps.iter().map(|g| (g.call.as_str(), g.of.raw())).collect();
    assert_eq!(gaps, [("ec2:GetConsoleOutput", id.as_str())]);
    assert!(collected.gaps[0].why.raw().contains("On request."));
    assert!(!calls.contains_key("ec2:GetConsoleOutput") && calls.contains_key("ec2:DescribeInstances"));
    let gone = collect(
        &ground.cloud,
        home.path(),
        &brief(ResourceKind::Database, "payments-db"),
    )
    .await
    .unwrap();
    assert!(
        gone.gaps.iter().any(|g| g.why.raw().contains("not its settings")),
        "{:?}",
        gone.gaps
    );
}

#[tokio::test]
async fn the_policies_of_a_users_groups_are_collected_too() {
    let (ground, home) = (Ground::new().await, tempfile::tempdir().unwrap());
    ground.range.with_world(|world| {
        let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
        let group = account.iam.groups.get_mut("developers").unwrap();
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let policy = quell::range::policy::Policy::identity(text).unwrap();
        group.grants.inline.insert("buckets".to_owned(), policy);
        group.grants.attached.insert("arn:aws:iam::aws:policy/Gone".to_owned());
    });
    let (user, manifest, calls) = collected(&ground, home.path(), &brief(ResourceKind::User, "deploy-bot")).await;
    assert_eq!(calls["iam:GetGroupPolicy"], 1, "{calls:?}");
    assert!(text(&user, &manifest, "iam:GetGroupPolicy").contains("<PolicyName>buckets</PolicyName>"));
    assert!(text(&user, &manifest, "iam:ListAttachedGroupPolicies").contains("policy/Gone"));
    // What the group names and IAM does not have is a gap, and the only one.
    let gaps: Vec<(&str, &str)> = user.gaps.iter().map(|g| (g.call.as_str(), g.of.raw())).collect();
    assert_eq!(gaps, [("iam:GetPolicy", "arn:aws:iam::aws:policy/Gone")]);
}

/// Others may have used up the two questions a second that `CloudTrail` answers in an account and region.
#[tokio::test]
async fn a_history_that_is_throttled_is_asked_for_again_and_is_no_gap() {
    let (ground, home) = (Ground::new().await, tempfile::tempdir().unwrap());
    ground.range.fail(Fault {
        operation: Some("LookupEvents".to_owned()),
        times: 1,
        kind: Kind::Throttle,
        ..Fault::default()
    });
    let (collected, _, calls) = collected(&ground, home.path(), &brief(ResourceKind::Bucket, "acme-exports")).await;
    // In the bucket's region and in the one where IAM's events are.
    assert_eq!(calls["cloudtrail:LookupEvents"], 2, "{calls:?}");
    assert_eq!(collected.gaps, []);
    assert_eq!((collected.kept.findings, collected.kept.subjects), (Some(0), Some(1)));
}

/// What went wrong with the disk is said with the place.
#[tokio::test]
async fn an_error_names_the_directory() {
    let (ground, home) = (Ground::new().await, tempfile::tempdir().unwrap());
    fs::write(home.path().join("evidence"), "in the way").unwrap();
    let why = collect(&ground.cloud, home.path(), &brief(ResourceKind::Bucket, "acme-exports")).await;
    let place = home.path().join("evidence").display().to_string();
    let why = why.unwrap_err();
    assert!(why.contains(&place), "{why}");
}

#[tokio::test]
async fn all_the_events_of_an_operational_incident_are_there_and_what_is_not_is_a_gap() {
    let (ground, home) = (Ground::new().await, tempfile::tempdir().unwrap());
    let event = |n: u8| bytes::Bytes::from(format!("{{\"id\":\"e-{n}\"}}"));
    let sent = Sent {
        key: FindingKey {
            source: Source::EventBridge,
            account: PROD.parse().unwrap(),
            region: SEOUL.parse().unwrap(),
            product: None,
            id: "outage".into(),
        },
        raw: Ok(event(3)),
        earlier: vec![event(2), event(1)],
        missing: vec!["of its earlier events only the last 2 are kept".to_owned()],
    };
    let brief = Brief {
        incident: "q-1a2b3c4d".to_owned(),
        subjects: Vec::new(),
        findings: vec![sent],
    };
    let collected = collect(&ground.cloud, home.path(), &brief).await.unwrap();
    let manifest = manifest::verify(Path::new(&collected.kept.directory)).unwrap().manifest;
    let files = manifest.files.iter().map(|f| {
        let body = fs::read_to_string(Path::new(&collected.kept.directory).join(&f.file)).unwrap();
        (f.file.clone(), body)
    });
    let expected = [
        ("finding-0001.json", "{\"id\":\"e-3\"}"),
        ("earlier-event-0001.json", "{\"id\":\"e-2\"}"),
        ("earlier-event-0002.json", "{\"id\":\"e-1\"}"),
    ];
    assert_eq!(
        files.collect::<Vec<_>>(),
        expected.map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert_eq!((collected.kept.findings, collected.gaps.len()), (Some(1), 1));
    assert!(
        collected.gaps[0].said().contains("only the last 2"),
        "{:?}",
        collected.gaps
    );
}
