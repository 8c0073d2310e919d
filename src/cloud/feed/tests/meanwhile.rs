//! What is read while it is not known who shows a place.

use super::*;
use crate::cloud::discover::administered;

const SECURITY: &str = "222222222222";

/// The calls for findings of one round: service, account and region.
fn asked(range: &Range) -> BTreeSet<(&'static str, String, String)> {
    let log = range.with_world(|world| std::mem::take(&mut world.log));
    let lists = log
        .into_iter()
        .filter(|call| ["ListFindings", "GetFindings"].contains(&call.operation.as_str()));
    let named = lists.map(|call| (call.service, call.account.to_string(), call.region.to_string()));
    named.collect()
}

#[tokio::test]
async fn every_hub_is_read_until_the_home_region_was_and_then_no_more() {
    let (range, login) = administered();
    let at_hub = |code: &str| ("securityhub", SECURITY.to_owned(), code.to_owned());
    let mut rounds = Rounds::new(Cloud::connect(options(&range, &login)).await.unwrap());
    asked(&range);
    let (_, rows, complete) = round(&mut rounds).await;
    assert!(complete, "{rows:?}");
    let first = asked(&range);
    assert!(
        first.contains(&at_hub(SEOUL)) && first.contains(&at_hub(VIRGINIA)),
        "{first:?}"
    );
    for _ in 0..3 {
        let (found, rows, complete) = round(&mut rounds).await;
        assert!(complete && found.is_empty(), "{rows:?}");
        let refresh = asked(&range);
        let hubs: Vec<_> = refresh
            .iter()
            .filter(|(service, ..)| *service == "securityhub")
            .collect();
        assert_eq!(
            hubs,
            [&at_hub(SEOUL)],
            "one call a region and source, and none that another spares"
        );
        assert_eq!(refresh.len(), 3, "a detector a region beside it: {refresh:?}");
    }
}

/// The home region gives no findings: what the other hubs show themselves is not taken from them.
#[tokio::test]
async fn a_hub_that_was_read_early_stays_where_the_home_region_cannot_be_read() {
    let (range, login) = administered();
    range.fail(Fault {
        operation: Some("GetFindings".to_owned()),
        service: Some("securityhub".to_owned()),
        region: Some(region(SEOUL)),
        kind: Kind::Error(ApiError::new(403, "AccessDeniedException", "On request.")),
        ..Fault::default()
    });
    let mut rounds = Rounds::new(Cloud::connect(options(&range, &login)).await.unwrap());
    let (found, rows, complete) = round(&mut rounds).await;
    assert!(!complete);
    let own = rows
        .iter()
        .rfind(|c| c.account.as_str() == SECURITY && c.region.as_str() == VIRGINIA && c.source == Source::SecurityHub);
    assert_eq!(own.map(|c| (c.state, c.via)), Some((CoverageState::Complete, None)));
    let there = |n: &Name| n.0 == Source::SecurityHub && n.1 == SECURITY && n.2 == VIRGINIA;
    let held: BTreeSet<Name> = held(&range).into_iter().filter(there).collect();
    assert!(held.is_subset(&read(&found)));
}
