//! Without administrators: every account of the organisation, the accounts that were named, and what refuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::gathered::told;
use crate::cloud::testing::{Between, PROD, SEOUL, VIRGINIA, account, options, range, region, targets};
use crate::cloud::{Cloud, ConnectOptions, Discovery, Way};
use crate::findings::Source;
use crate::range::Range;
use crate::range::call::ApiError;
use crate::range::fault::{Fault, Kind};

/// Each account by its own role, whoever administers it.
fn each(options: ConnectOptions) -> ConnectOptions {
    ConnectOptions {
        discovery: Discovery {
            way: Way::Organization,
            ..Discovery::default()
        },
        ..options
    }
}

fn refuse(range: &Range, operation: &str, code: &str) {
    range.fail(Fault {
        operation: Some(operation.to_owned()),
        kind: Kind::Error(ApiError::new(400, code, "On request.")),
        ..Fault::default()
    });
}

/// Accounts that fill three pages of the organisation's list, with the roles that every account has.
fn crowd(range: &Range) {
    range.with_world(|world| {
        let pattern = world.accounts[&account(PROD)].clone();
        for n in 0..42 {
            let mut member = pattern.clone();
            member.id = account(&format!("5000000000{n:02}"));
            world.accounts.insert(member.id, member);
        }
    });
}

#[tokio::test]
async fn every_account_of_every_page_is_read_in_every_region() {
    let (range, login) = range();
    crowd(&range);
    let cloud = Cloud::connect(each(options(&range, &login))).await.unwrap();
    let told = told(&cloud).await;
    let spots: BTreeSet<_> = targets(&range)
        .into_iter()
        .flat_map(|(a, r)| Source::REGIONAL.map(|s| (s, a, r.clone())))
        .collect();
    assert_eq!(told.spots(), spots);
    assert_eq!(told.routes.len(), 46 * 2 * 2);
    assert!(told.long.is_empty(), "{:?}", told.long);
    assert!(!told.may_miss, "{}", told.how);
    assert!(told.how.contains("46 accounts read by their own roles"), "{}", told.how);
    // The caller's own account does not wait for the list.
    assert_eq!(told.routes[0].via, login.account);
}

#[tokio::test]
async fn regions_are_the_enabled_ones_where_none_are_given() {
    let (range, login) = range();
    let with = |regions: &[&str]| ConnectOptions {
        regions: regions.iter().map(|r| region(r)).collect(),
        ..each(options(&range, &login))
    };
    let given = told(&Cloud::connect(with(&[VIRGINIA])).await.unwrap()).await;
    assert!(given.routes.iter().all(|r| r.region.as_str() == VIRGINIA));
    assert!(given.how.contains("1 region as asked for"), "{}", given.how);
}

/// The caller's account has not enabled a region; whether another has is not known, and said.
#[tokio::test]
async fn a_region_that_another_account_may_have_enabled_may_be_missed() {
    for (alone, given) in [(false, false), (true, false), (false, true)] {
        let (range, login) = range();
        let more =
            "<item><regionName>me-south-1</regionName><optInStatus>not-opted-in</optInStatus></item></regionInfo>";
        let change = move |_: &str, body: Vec<u8>| match String::from_utf8(body) {
            Ok(text) => text.replace("</regionInfo>", more).into_bytes(),
            Err(other) => other.into_bytes(),
        };
        let between = Between {
            range: range.clone(),
            change: Arc::new(change),
        };
        let options = ConnectOptions {
            http: Some(aws_smithy_runtime_api::client::http::SharedHttpClient::new(between)),
            ..options(&range, &login)
        };
        let options = if alone {
            ConnectOptions {
                accounts: vec![login.account],
                ..options
            }
        } else {
            each(options)
        };
        let mut cloud = Cloud::connect(options).await.unwrap();
        if !given {
            // As where the region comes from the profile.
            Arc::get_mut(&mut cloud).unwrap().options.regions.clear();
        }
        let told = told(&cloud).await;
        assert_eq!(told.may_miss, !alone && !given, "{}", told.how);
        assert!(told.routes.iter().all(|r| r.region.as_str() != "me-south-1"));
        let said = "may have enabled some of the 1 region that";
        assert_eq!(told.how.contains(said), told.may_miss, "{}", told.how);
        assert_eq!(told.remarks.iter().any(|r| r.sentence.contains(said)), told.may_miss);
    }
}

#[tokio::test]
async fn accounts_that_are_named_are_read_alone_and_have_their_names() {
    let (range, login) = range();
    let options = ConnectOptions {
        accounts: vec![account(PROD), account(PROD)],
        ..options(&range, &login)
    };
    let cloud = Cloud::connect(options).await.unwrap();
    let told = told(&cloud).await;
    assert!(told.routes.iter().all(|r| r.via.as_str() == PROD));
    assert_eq!((told.routes.len(), told.may_miss), (4, false), "{}", told.how);
    assert_eq!(told.names[&account(PROD)].raw(), "acme-prod");
    assert_eq!(told.names.len(), 1);
}

#[tokio::test]
async fn a_list_that_is_refused_or_ends_early_never_looks_complete() {
    for (code, skip, accounts, word) in [
        ("AccessDeniedException", 0, 1, "may not be listed"),
        ("ServiceException", 0, 1, "could not be listed"),
        ("ServiceException", 1, 20, "then ended early"),
    ] {
        let (range, login) = range();
        crowd(&range);
        range.fail(Fault {
            operation: Some("ListAccounts".to_owned()),
            skip,
            kind: Kind::Error(ApiError::new(400, code, "On request.")),
            ..Fault::default()
        });
        let cloud = Cloud::connect(each(options(&range, &login))).await.unwrap();
        let told = told(&cloud).await;
        assert!(told.may_miss && told.how.contains(word), "{code}: {}", told.how);
        let read: BTreeSet<_> = told.routes.iter().map(|r| r.via).collect();
        assert_eq!(read.len(), accounts, "{code}");
        assert!(
            told.remarks.iter().any(|r| r.sentence.contains(word)),
            "{:?}",
            told.remarks
        );
    }
}

#[tokio::test]
async fn an_account_in_no_organisation_misses_nothing() {
    let (range, login) = range();
    refuse(&range, "ListAccounts", "AWSOrganizationsNotInUseException");
    refuse(
        &range,
        "ListDelegatedAdministrators",
        "AWSOrganizationsNotInUseException",
    );
    let cloud = Cloud::connect(options(&range, &login)).await.unwrap();
    let told = told(&cloud).await;
    assert!(!told.may_miss, "{}", told.how);
    assert!(told.how.contains("in no organisation"), "{}", told.how);
}

/// What stands between may change the answers of Organizations.
async fn changed(change: impl Fn(serde_json::Value) -> Vec<u8> + Send + Sync + 'static) -> super::gathered::Told {
    let (range, login) = range();
    crowd(&range);
    let between = Between {
        range: range.clone(),
        change: Arc::new(
            move |_, body| match serde_json::from_slice::<serde_json::Value>(&body) {
                Ok(value) if value["Accounts"].is_array() => change(value),
                _ => body,
            },
        ),
    };
    let options = ConnectOptions {
        http: Some(aws_smithy_runtime_api::client::http::SharedHttpClient::new(between)),
        ..each(options(&range, &login))
    };
    told(&Cloud::connect(options).await.unwrap()).await
}

#[tokio::test]
async fn a_repeated_token_and_a_cut_page_are_named() {
    let told = changed(|mut page| {
        page["NextToken"] = json!("a333333333333");
        page.to_string().into_bytes()
    })
    .await;
    assert!(
        told.may_miss && told.how.contains("a token that an earlier page had"),
        "{}",
        told.how
    );
    let told = changed(|page| page.to_string().into_bytes()[..300].to_vec()).await;
    assert!(
        told.may_miss && told.how.contains("cannot be understood"),
        "{}",
        told.how
    );
    let told = changed(|_| b"{}".to_vec()).await;
    assert!(
        told.may_miss && told.how.contains("has no list of accounts"),
        "{}",
        told.how
    );
}

#[tokio::test]
async fn an_account_that_is_closing_is_not_read() {
    let told = changed(|mut page| {
        for entry in page["Accounts"].as_array_mut().unwrap() {
            if entry["Id"] == PROD {
                entry["State"] = json!("PENDING_CLOSURE");
            }
        }
        page.to_string().into_bytes()
    })
    .await;
    assert!(
        !told.may_miss && !told.names.contains_key(&account(PROD)),
        "{}",
        told.how
    );
    assert_eq!(told.names.len(), 45);
    assert_eq!(told.via(Source::GuardDuty, SEOUL).len(), 45);
}
