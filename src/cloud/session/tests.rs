//! Sessions and discovery against the range.

use std::sync::Arc;

use crate::cloud::discover::told;
use crate::cloud::testing::{PROD, SEOUL, account, connected, options, range, start};
use crate::cloud::{Cloud, ConnectError, ConnectOptions, ErrorKind, SessionError};
use crate::range::Range;
use crate::range::fault::{Fault, Kind};
use crate::range::policy::Policy;

#[tokio::test]
async fn the_organisation_is_found_and_each_account_read_through_its_reader() {
    let (_range, cloud) = connected().await;
    let told = told(&cloud).await;
    let found: Vec<(&str, &str)> = told.names.iter().map(|(id, name)| (id.as_str(), name.raw())).collect();
    let all = [
        ("111111111111", "acme-management"),
        ("222222222222", "acme-security"),
        (PROD, "acme-prod"),
        ("444444444444", "acme-data"),
    ];
    assert_eq!(found, all, "{}", told.how);
    assert!(!told.may_miss);
    for (id, _) in all {
        let session = cloud.session(&account(id)).await.unwrap();
        assert_eq!(session.identity().account.as_str(), id);
        assert!(!session.is_own_credentials());
        let arn = session.identity().arn.as_str();
        assert!(arn.contains("assumed-role/quell-reader/quell-read-"), "{arn}");
    }
}

#[tokio::test]
async fn a_session_is_assumed_once_for_all_who_ask() {
    let (range, cloud) = connected().await;
    let prod = account(PROD);
    let (a, b) = tokio::join!(cloud.session(&prod), cloud.session(&prod));
    assert!(std::sync::Arc::ptr_eq(&a.unwrap(), &b.unwrap()));
    let assumed = range.with_world(|w| {
        w.log
            .iter()
            .filter(|c| c.operation == "AssumeRole" && c.error.is_none())
            .count()
    });
    assert_eq!(assumed, 1);
}

#[tokio::test]
async fn an_account_without_the_role_is_refused_and_the_own_account_falls_back() {
    let (range, login) = range();
    let options = ConnectOptions {
        reader_role: "no-such-role".to_owned(),
        ..options(&range, &login)
    };
    let cloud = Cloud::connect(options).await.unwrap();
    let error = cloud.session(&account(PROD)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(
        matches!(&error, SessionError::NotAssumed { role, .. } if role.ends_with("333333333333:role/no-such-role"))
    );
    let own = cloud.session(&login.account).await.unwrap();
    assert!(own.is_own_credentials());
    let how = told(&cloud).await.how;
    assert!(how.contains("your own credentials"), "{how}");
}

#[tokio::test]
async fn credentials_that_aws_does_not_know_are_named_as_such() {
    let (range, login) = range();
    let options = ConnectOptions {
        credentials: Some(aws_credential_types::Credentials::new(
            "AKIAUNKNOWN000000000",
            "s",
            None,
            None,
            "test",
        )),
        ..options(&range, &login)
    };
    let error = Cloud::connect(options).await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::Identity(e) if e.kind == ErrorKind::Credentials),
        "{error}"
    );
    assert!(error.to_string().contains("quell doctor"));
}

#[tokio::test]
async fn regions_are_those_given_and_the_clock_is_the_drills() {
    let (_range, cloud) = connected().await;
    assert_eq!(cloud.regions()[0].as_str(), SEOUL);
    assert_eq!(cloud.now(), start());
    assert_eq!(cloud.endpoint(), None);
}

/// Lets no reader's trust policy name the person.
fn unnamed(range: &Range) {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"arn:aws:iam::222222222222:root"}}]}"#;
    range.with_world(|world| {
        for account in world.accounts.values_mut() {
            let role = account.iam.roles.get_mut("quell-reader").unwrap();
            role.trust = Policy::trust(trust).unwrap();
        }
    });
}

/// Whether each `AssumeRole` failed.
fn failed(range: &Range) -> Vec<bool> {
    range.with_world(|world| {
        let assumed = world.log.iter().filter(|c| c.operation == "AssumeRole");
        assumed.map(|c| c.error.is_some()).collect()
    })
}

#[tokio::test]
async fn where_the_person_may_not_be_named_the_session_is_opened_without() {
    let (range, cloud) = connected().await;
    unnamed(&range);
    cloud.session(&account(PROD)).await.unwrap();
    cloud.session(&account("444444444444")).await.unwrap();
    // The first account is asked twice; what it taught is kept for the others.
    assert_eq!(failed(&range), [true, false, false]);
}

#[tokio::test]
async fn a_role_that_must_name_the_person_is_opened_whatever_another_refused() {
    let (range, cloud) = connected().await;
    unnamed(&range);
    range.with_world(|world| {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Principal":{"AWS":"arn:aws:iam::222222222222:root"},
            "Condition":{"StringLike":{"sts:SourceIdentity":"oncall-*"}}}]}"#;
        let prod = world.accounts.get_mut(&account(PROD)).unwrap();
        prod.iam.roles.get_mut("quell-reader").unwrap().trust = Policy::trust(trust).unwrap();
    });
    cloud.session(&account("444444444444")).await.unwrap();
    cloud.session(&account(PROD)).await.unwrap();
    cloud.session(&account("111111111111")).await.unwrap();
    assert_eq!(failed(&range), [true, false, true, false, false]);
}

#[tokio::test]
async fn a_fault_of_the_second_try_is_no_refusal_and_gives_nobody_the_callers_own_credentials() {
    for (kind, seen) in [
        (Kind::Throttle, ErrorKind::Throttled),
        (Kind::Internal, ErrorKind::Server),
        (Kind::DropReply, ErrorKind::NoAnswer),
    ] {
        for id in ["222222222222", PROD] {
            let (range, cloud) = connected().await;
            unnamed(&range);
            range.fail(Fault {
                operation: Some("AssumeRole".to_owned()),
                skip: 1,
                times: 1,
                kind: kind.clone(),
                ..Fault::default()
            });
            let error = cloud.session(&account(id)).await.unwrap_err();
            assert_eq!(error.kind(), seen, "{id}: {error}");
            let session = cloud.session(&account(id)).await.unwrap();
            assert!(!session.is_own_credentials(), "{id}");
        }
    }
}

/// Connects with what was remembered, and gives the calls that it took and those that followed until there is a session.
async fn remembered(as_whom: &str) -> (Arc<Cloud>, Vec<(String, bool)>) {
    let (range, login) = range();
    let directory = tempfile::tempdir().unwrap();
    let options = ConnectOptions {
        callers: Some(directory.path().join("callers.json")),
        ..options(&range, &login)
    };
    let first = Cloud::connect(options.clone()).await.unwrap();
    let file = options.callers.clone().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains(first.identity().arn.as_str()) && !text.contains(&login.responder.secret_key),
        "{text}"
    );
    std::fs::write(&file, text.replace(login.account.as_str(), as_whom)).unwrap();
    let before = range.with_world(|w| w.log.len());
    let cloud = Cloud::connect(options).await.unwrap();
    cloud.session(&login.account).await.unwrap();
    let calls = range.with_world(|w| {
        let calls = w.log.iter().skip(before);
        calls.map(|c| (c.operation.clone(), c.error.is_some())).collect()
    });
    (cloud, calls)
}

#[tokio::test]
async fn the_role_of_a_caller_who_is_remembered_is_assumed_meanwhile() {
    let (cloud, mut calls) = remembered("222222222222").await;
    assert_eq!(cloud.identity().account.as_str(), "222222222222");
    calls.sort();
    assert_eq!(
        calls,
        [
            ("AssumeRole".to_owned(), false),
            ("GetCallerIdentity".to_owned(), false)
        ]
    );
}

#[tokio::test]
async fn a_memory_that_is_wrong_is_never_believed() {
    // Prod's reader trusts the caller, so the guess even succeeds; it is thrown away all the same.
    for wrong in [PROD, "999999999999"] {
        let (cloud, calls) = remembered(wrong).await;
        assert_eq!(cloud.identity().account.as_str(), "222222222222");
        let own = cloud.session(&account("222222222222")).await.unwrap();
        assert_eq!(own.identity().account.as_str(), "222222222222");
        let assumed = calls.iter().filter(|(operation, _)| operation == "AssumeRole").count();
        assert!(assumed >= 2, "{calls:?}");
    }
}
