//! What the caller's own account says of members and administrators, where there is no organisation to ask.

use super::gathered::{Told, told};
use crate::cloud::testing::{PROD, SEOUL, VIRGINIA, account, options, range, region};
use crate::cloud::{Cloud, ConnectOptions};
use crate::drill::Login;
use crate::range::Range;
use crate::range::call::ApiError;
use crate::range::fault::{Fault, Kind};
use crate::range::services::membership::Relationship;

const SECURITY: &str = "222222222222";

/// The security account has members in Virginia, and AWS says that it is in no organisation. In the drill's first region both
/// services are on or off, as asked for.
fn alone(on_in_seoul: bool) -> (Range, Login) {
    let (range, login) = range();
    range.with_world(|world| {
        let now = world.now();
        let place = world.regional(&account(SECURITY), &region(VIRGINIA)).unwrap();
        place.guardduty.members.put(account(PROD), Relationship::Enabled, now);
        place.securityhub.members.put(account(PROD), Relationship::Enabled, now);
        if !on_in_seoul {
            let place = world.regional(&account(SECURITY), &region(SEOUL)).unwrap();
            place.guardduty.detector = None;
            place.securityhub.enabled = None;
        }
    });
    for operation in ["ListAccounts", "ListDelegatedAdministrators"] {
        fail(
            &range,
            operation,
            Kind::Error(ApiError::new(400, "AWSOrganizationsNotInUseException", "On request.")),
        );
    }
    (range, login)
}

fn fail(range: &Range, operation: &str, kind: Kind) {
    range.fail(Fault {
        operation: Some(operation.to_owned()),
        kind,
        ..Fault::default()
    });
}

async fn discovered(options: ConnectOptions) -> Told {
    told(&Cloud::connect(options).await.unwrap()).await
}

#[tokio::test]
async fn where_the_first_region_has_the_service_off_the_others_are_asked() {
    let (range, login) = alone(false);
    let told = discovered(options(&range, &login)).await;
    assert!(told.how.contains("GuardDuty through your account"), "{}", told.how);
    assert!(told.how.contains("Security Hub through your account"), "{}", told.how);
    assert!(
        told.names.contains_key(&account(PROD)) && !told.may_miss,
        "{}",
        told.how
    );
}

#[tokio::test]
async fn an_own_account_that_did_not_tell_may_have_members_that_are_missed() {
    for operation in ["GetAdministratorAccount", "ListMembers"] {
        for kind in [Kind::Throttle, Kind::Internal, Kind::Denied] {
            // In the one case the first region is asked, in the other the second one, too.
            for on_in_seoul in [true, false] {
                let (range, login) = alone(on_in_seoul);
                range.with_world(|world| {
                    let now = world.now();
                    let place = world.regional(&account(SECURITY), &region(VIRGINIA)).unwrap();
                    place.guardduty.members.put(account(PROD), Relationship::Removed, now);
                    place.securityhub.members.put(account(PROD), Relationship::Removed, now);
                });
                fail(&range, operation, kind.clone());
                let told = discovered(options(&range, &login)).await;
                for source in ["GuardDuty", "Security Hub"] {
                    let what = format!("Whether {source} has members or an administrator is not known");
                    assert!(told.may_miss && told.how.contains(&what), "{operation}: {}", told.how);
                    let remarks: Vec<_> = told.remarks.iter().filter(|r| r.sentence.starts_with(&what)).collect();
                    assert_eq!(remarks.len(), 1, "{:?}", told.remarks);
                    assert!(remarks[0].sentence.contains(operation), "{:?}", remarks[0]);
                }
            }
        }
    }
}

#[tokio::test]
async fn an_own_account_that_cannot_be_opened_did_not_tell() {
    let (range, login) = alone(true);
    fail(&range, "AssumeRole", Kind::Throttle);
    let told = discovered(options(&range, &login)).await;
    assert!(
        told.may_miss && told.how.contains("did not tell: the role"),
        "{}",
        told.how
    );
}

#[tokio::test]
async fn an_organisation_that_lists_its_accounts_misses_none_for_it() {
    let (range, login) = range();
    fail(&range, "GetAdministratorAccount", Kind::Internal);
    let told = discovered(options(&range, &login)).await;
    assert!(!told.may_miss, "{}", told.how);
    let said = |part: &str| told.remarks.iter().any(|r| r.sentence.contains(part));
    assert!(
        said("Whether GuardDuty has members or an administrator"),
        "{:?}",
        told.remarks
    );
}

#[tokio::test]
async fn an_administrator_that_is_named_and_cannot_be_opened_may_have_members_that_are_missed() {
    let (range, login) = alone(true);
    range.with_world(|world| {
        let now = world.now();
        let place = world.regional(&account(PROD), &region(SEOUL)).unwrap();
        place
            .guardduty
            .members
            .put(account(SECURITY), Relationship::Enabled, now);
        let prod = world.accounts.get_mut(&account(PROD)).unwrap();
        prod.iam.roles.remove("quell-reader");
    });
    let told = discovered(options(&range, &login)).await;
    assert!(told.may_miss, "{}", told.how);
    assert!(
        told.how.contains(
            "GuardDuty's administrator 333333333333 cannot be read; members that only an administrator knows"
        ),
        "{}",
        told.how
    );
}
