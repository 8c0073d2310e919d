//! Profiles that lead nowhere.

use super::gathered::told;
use crate::cloud::testing::{options, range};
use crate::cloud::{Cloud, ConnectError, ConnectOptions, Discovery, Way};

#[tokio::test]
async fn profiles_that_lead_nowhere_are_told_without_an_empty_way() {
    let (range, login) = range();
    let options = ConnectOptions {
        discovery: Discovery {
            way: Way::Profiles,
            profiles: vec!["prod".to_owned(), "data".to_owned()],
            ..Discovery::default()
        },
        ..options(&range, &login)
    };
    let told = told(&Cloud::connect(options).await.unwrap()).await;
    assert!(told.how.starts_with("0 accounts of 2 profiles. "), "{}", told.how);
    assert!(told.may_miss && told.remarks.len() == 2, "{:?}", told.remarks);
}

#[test]
fn why_a_profile_leads_nowhere_points_to_no_other_place() {
    let none = ConnectError::NoCredentials {
        looked_for: "AWS_ACCESS_KEY_ID".to_owned(),
    };
    assert_eq!(
        none.plain(),
        "No AWS credentials were found. Looked for AWS_ACCESS_KEY_ID."
    );
}
