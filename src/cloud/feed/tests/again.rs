//! What is looked for again.

use super::*;

fn deny(range: &Range, times: u32) {
    range.fail(Fault {
        operation: Some("ListAccounts".to_owned()),
        times,
        kind: Kind::Error(ApiError::new(400, "ServiceException", "On request.")),
        ..Fault::default()
    });
}

/// One way each: by their own roles.
async fn each(range: &Range, login: &crate::drill::Login) -> Arc<Cloud> {
    let mut each = options(range, login);
    each.discovery.way = crate::cloud::config::Way::Organization;
    each.attempts = 1;
    Cloud::connect(each).await.unwrap()
}

#[tokio::test]
async fn accounts_that_could_not_be_listed_are_looked_for_again_until_they_are() {
    let (range, login) = crate::cloud::testing::range();
    let cloud = each(&range, &login).await;
    deny(&range, 1);
    let mut rounds = Rounds::new(cloud);
    let (_, few, complete) = round(&mut rounds).await;
    assert!(!complete, "an account may be missing, so the round is not complete");
    let accounts = |told: &[Coverage]| told.iter().map(|row| row.account).collect::<BTreeSet<_>>().len();
    assert_eq!(accounts(&few), 1);
    let (found, all, complete) = round(&mut rounds).await;
    assert!(complete && !found.is_empty());
    let wanted: BTreeSet<_> = targets(&range).into_iter().map(|(account, _)| account).collect();
    assert_eq!(accounts(&all), wanted.len());
}
