//! CloudTrail's history, as the SDK reads it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::error::ProvideErrorMetadata;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;

use crate::range::services::cloudtrail;
use crate::range::testing::{self, KEYS, PROD, SECURITY, id};
use crate::range::{Quotas, Range};

fn trail(range: &Range, account: &str) -> Client {
    Client::new(&testing::admin(range, account, "us-east-1"))
}

fn by(key: &str, value: &str) -> LookupAttribute {
    let built = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::from(key))
        .attribute_value(value)
        .build();
    built.unwrap()
}

async fn found(client: &Client, key: &str, value: &str) -> Vec<Event> {
    let page = client.lookup_events().lookup_attributes(by(key, value)).send().await;
    page.unwrap().events().to_vec()
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().filter_map(Event::event_name).collect()
}

/// A world in which the administrator of production has looked around.
async fn looked_around() -> Range {
    let range = Range::new(testing::world());
    let config = testing::admin(&range, PROD, "us-east-1");
    let (iam, ec2) = (aws_sdk_iam::Client::new(&config), aws_sdk_ec2::Client::new(&config));
    iam.list_users().send().await.unwrap();
    range.with_world(|world| world.clock.advance(Duration::from_mins(1)));
    iam.get_user().user_name("admin").send().await.unwrap();
    range.with_world(|world| world.clock.advance(Duration::from_mins(1)));
    ec2.describe_instances()
        .instance_ids("i-0aaaaaaaaaaaaaaaa")
        .send()
        .await
        .unwrap_err();
    // Another account and another region have a history of their own.
    let security = testing::admin(&range, SECURITY, "us-east-1");
    aws_sdk_iam::Client::new(&security).list_users().send().await.unwrap();
    let seoul = testing::admin(&range, PROD, "ap-northeast-2");
    aws_sdk_ec2::Client::new(&seoul).describe_vpcs().send().await.unwrap();
    range
}

#[tokio::test]
async fn what_was_called_is_there_newest_first() {
    let range = looked_around().await;
    let client = trail(&range, PROD);
    let all = client.lookup_events().send().await.unwrap();
    assert_eq!(names(all.events()), ["DescribeInstances", "GetUser", "ListUsers"]);
    let key = KEYS[2].1;
    let newest = &all.events()[0];
    assert_eq!(
        (
            newest.username(),
            newest.access_key_id(),
            newest.event_source(),
            newest.read_only()
        ),
        (Some("admin"), Some(key), Some("ec2.amazonaws.com"), Some("true"))
    );
    assert_eq!(newest.resources()[0].resource_name(), Some("i-0aaaaaaaaaaaaaaaa"));
    assert_eq!(newest.event_time().unwrap().to_string(), "2026-03-01T00:02:00Z");
    let document: serde_json::Value = serde_json::from_str(newest.cloud_trail_event().unwrap()).unwrap();
    assert_eq!(document["errorCode"], "Client.InvalidInstanceID.NotFound");
    assert_eq!(document["userIdentity"]["type"], "IAMUser");
    assert_eq!(
        document["userIdentity"]["arn"],
        format!("arn:aws:iam::{PROD}:user/admin")
    );
    assert_eq!(document["sourceIPAddress"], "203.0.113.10");
    assert!(
        document["userAgent"].as_str().unwrap().contains("aws-sdk-rust"),
        "{document}"
    );
}

#[tokio::test]
async fn each_attribute_finds_its_events() {
    let range = looked_around().await;
    let client = trail(&range, PROD);
    for (key, value, expected) in [
        ("EventName", "GetUser", &["GetUser"] as &[&str]),
        ("ResourceName", "i-0aaaaaaaaaaaaaaaa", &["DescribeInstances"]),
        ("ResourceType", "AWS::IAM::User", &["GetUser"]),
        ("EventSource", "iam.amazonaws.com", &["GetUser", "ListUsers"]),
        ("AccessKeyId", KEYS[2].1, &["DescribeInstances", "GetUser", "ListUsers"]),
        ("AccessKeyId", KEYS[1].1, &[]),
        ("ReadOnly", "false", &[]),
    ] {
        let mut events = found(&client, key, value).await;
        // The lookups themselves are events, too.
        events.retain(|event| event.event_name() != Some("LookupEvents"));
        assert_eq!(names(&events), expected, "{key} {value}");
    }
    let page = client.lookup_events().start_time(DateTime::from_secs(1_772_323_260));
    let page = page.end_time(DateTime::from_secs(1_772_323_260)).send().await.unwrap();
    assert_eq!(names(page.events()), ["GetUser"]);
}

#[tokio::test]
async fn a_role_that_was_assumed_shows_who_did_it_in_both_accounts() {
    let range = Range::new(testing::world());
    range.with_world(|world| {
        let (now, role_id) = (world.now(), world.new_unique_id("AROA"));
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{SECURITY}:root"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        let trust = crate::range::policy::Policy::trust(&trust).unwrap();
        let iam = &mut world.accounts.get_mut(&id(PROD)).unwrap().iam;
        iam.add_role("visitor", role_id, now, trust);
    });
    let role = format!("arn:aws:iam::{PROD}:role/visitor");
    let sts = aws_sdk_sts::Client::new(&testing::admin(&range, SECURITY, "us-east-1"));
    sts.assume_role()
        .role_arn(&role)
        .role_session_name("ann")
        .send()
        .await
        .unwrap();
    let mine = found(&trail(&range, SECURITY), "ResourceName", &role).await;
    assert_eq!((names(&mine), mine[0].username()), (vec!["AssumeRole"], Some("admin")));
    let theirs = found(&trail(&range, PROD), "ResourceName", &role).await;
    assert_eq!((names(&theirs), theirs[0].username()), (vec!["AssumeRole"], None));
    let document = theirs[0].cloud_trail_event().unwrap();
    assert!(
        document.contains(r#""type":"AWSAccount""#) && document.contains(SECURITY),
        "{document}"
    );
}

fn old(number: u32, world: &crate::range::world::World) -> cloudtrail::Event {
    cloudtrail::Event {
        id: format!("{number:08x}-0000-4000-8000-000000000000"),
        time: world.now() - jiff::SignedDuration::from_hours(i64::from(number)),
        name: "GetSecretValue".to_owned(),
        source: "secretsmanager.amazonaws.com".to_owned(),
        who: cloudtrail::Who {
            name: "deploy-bot".to_owned(),
            ..cloudtrail::Who::default()
        },
        read_only: true,
        source_ip: "198.51.100.7".to_owned(),
        user_agent: "Boto3".to_owned(),
        error: None,
        request_id: "r".to_owned(),
        params: serde_json::json!({"secretId": "db", "SecretString": "hush"}),
        resources: vec![("AWS::SecretsManager::Secret".to_owned(), "db".to_owned())],
        by_service: None,
    }
}

#[tokio::test]
async fn history_is_paged_to_its_end_and_ends_after_ninety_days() {
    let mut world = testing::world();
    // Every hour for a hundred days; ninety of them are shown, the present hour too.
    let events: Vec<_> = (0..2400).map(|number| old(number, &world)).collect();
    world
        .regional(&id(PROD), &"us-east-1".parse().unwrap())
        .unwrap()
        .cloudtrail
        .history = events;
    let range = Range::new(world);
    let client = trail(&range, PROD);
    let (mut token, mut seen, mut pages) = (None, Vec::new(), 0);
    loop {
        let page = client
            .lookup_events()
            .lookup_attributes(by("Username", "deploy-bot"))
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        assert!(page.events().len() <= 50);
        seen.extend(page.events().iter().map(|e| e.event_time().unwrap().secs()));
        (token, pages) = (page.next_token().map(str::to_owned), pages + 1);
        if token.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (90 * 24 + 1, 44));
    assert!(seen.is_sorted_by(|a, b| a > b));
    let shown = found(&client, "ResourceName", "db").await[0]
        .cloud_trail_event()
        .unwrap()
        .to_owned();
    assert!(
        shown.contains("HIDDEN_DUE_TO_SECURITY_REASONS") && !shown.contains(r#""hush""#),
        "{shown}"
    );
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let range = Range::new(testing::world());
    let client = trail(&range, PROD);
    let ask = || client.lookup_events();
    let two = ask()
        .lookup_attributes(by("EventName", "a"))
        .lookup_attributes(by("EventName", "b"));
    for (asked, code) in [
        (two, "InvalidLookupAttributesException"),
        (
            ask().lookup_attributes(by("Colour", "red")),
            "InvalidLookupAttributesException",
        ),
        (ask().max_results(51), "InvalidMaxResultsException"),
        (ask().max_results(0), "InvalidMaxResultsException"),
        (ask().next_token("zz"), "InvalidNextTokenException"),
        (
            ask()
                .start_time(DateTime::from_secs(20))
                .end_time(DateTime::from_secs(10)),
            "InvalidTimeRangeException",
        ),
    ] {
        let error = asked.send().await.unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
}

#[tokio::test]
async fn two_a_second_are_answered() {
    let range = Range::new(testing::world());
    let clock = Arc::new(AtomicU64::new(0));
    let reads = Arc::clone(&clock);
    range.throttle(Quotas::on(move || Duration::from_millis(reads.load(Ordering::SeqCst))));
    let client = trail(&range, PROD);
    for expected in [None, None, Some("ThrottlingException")] {
        let code = client
            .lookup_events()
            .send()
            .await
            .err()
            .and_then(|e| e.code().map(str::to_owned));
        assert_eq!(code.as_deref(), expected);
    }
    clock.fetch_add(500, Ordering::SeqCst);
    assert!(client.lookup_events().send().await.is_ok());
}
