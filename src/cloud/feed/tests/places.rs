//! What is told of places: those that a route covers, and accounts that refuse.

use std::collections::BTreeMap;

use super::super::remembered::Routes;
use super::*;

#[tokio::test]
async fn an_account_that_refuses_is_asked_once_and_named_for_each_source_and_region() {
    let (range, login) = crate::cloud::testing::range();
    let cloud = Cloud::connect(crate::cloud::ConnectOptions {
        accounts: vec![account(PROD)],
        regions: vec![region(SEOUL), region(VIRGINIA)],
        ..options(&range, &login)
    });
    let mut rounds = Rounds::new(cloud.await.unwrap());
    range.fail(Fault {
        service: Some("sts".to_owned()),
        operation: Some("AssumeRole".to_owned()),
        kind: Kind::Error(ApiError::new(403, "AccessDenied", "an SCP says no")),
        ..Fault::default()
    });
    for _ in 0..2 {
        range.with_world(|world| world.log.clear());
        let (found, told, complete) = round(&mut rounds).await;
        assert!(found.is_empty() && !complete);
        let refused = told.iter().filter(|row| row.state == CoverageState::Refused);
        let places: BTreeSet<_> = refused.map(|row| (row.region.to_string(), row.source)).collect();
        assert_eq!(places.len(), 4, "{told:?}");
        let log = range.with_world(|world| std::mem::take(&mut world.log));
        let to_prod = |c: &&crate::range::world::LoggedCall| c.params.to_string().contains(PROD);
        let asked = log
            .iter()
            .filter(|c| c.operation == "AssumeRole")
            .filter(to_prod)
            .count();
        // Once with the name of who asks, and once without, in case it is that which is refused.
        assert!(asked <= 2, "{asked}");
        assert!(
            log.iter()
                .all(|c| c.service != "guardduty" && c.service != "securityhub")
        );
    }
}

/// Another account that is read through the production account's detector.
#[tokio::test]
async fn places_that_a_route_covers_have_its_state() {
    let (_, cloud) = connected().await;
    let mut rounds = Rounds::new(cloud);
    let route = crate::cloud::route::Route {
        source: Source::GuardDuty,
        via: account(PROD),
        region: region(SEOUL),
    };
    let covers = |routes: &mut Routes, accounts: &[&str]| {
        let accounts: Vec<_> = accounts.iter().map(|id| account(id)).collect();
        routes.covers(&route, &accounts, &[region(SEOUL), region(VIRGINIA)])
    };
    let rows = |events: Vec<FeedEvent>| -> BTreeMap<(String, String), Coverage> {
        let row = |event| match event {
            FeedEvent::Coverage(row) => Some(((row.account.to_string(), row.region.to_string()), row)),
            FeedEvent::Findings(_)
            | FeedEvent::Accounts(_)
            | FeedEvent::Way { .. }
            | FeedEvent::Begins(_)
            | FeedEvent::Whole { .. }
            | FeedEvent::Round { .. } => None,
        };
        events.into_iter().filter_map(row).collect()
    };
    let early = rows(covers(rounds.routes(), &[PROD, "111111111111"]));
    // Its own place has a row of its own.
    assert_eq!(early.len(), 3, "{early:?}");
    assert!(
        early
            .values()
            .all(|row| row.state == CoverageState::Reading && row.via == Some(account(PROD)))
    );
    let why = Some("In 333333333333: no answer".to_owned());
    let told = rows(rounds.routes().tell(&route, CoverageState::Partial, why));
    assert_eq!(told.len(), 4);
    let own = &told[&(PROD.to_owned(), SEOUL.to_owned())];
    assert_eq!((own.via, own.state), (None, CoverageState::Partial));
    let other = &told[&("111111111111".to_owned(), VIRGINIA.to_owned())];
    assert!(
        other
            .error
            .as_ref()
            .unwrap()
            .contains("111111111111 us-east-1 is read through 333333333333")
    );
    // What is found later has the state at once; what did not change is not told again.
    let late = rows(covers(rounds.routes(), &["111111111111", "222222222222"]));
    assert_eq!(late.len(), 2);
    assert!(late.values().all(|row| row.state == CoverageState::Partial));
    let again = rows(rounds.routes().tell(
        &route,
        CoverageState::Partial,
        Some("In 333333333333: no answer".to_owned()),
    ));
    assert_eq!(again.len(), 1);
}
