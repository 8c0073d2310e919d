//! The caller's own account, which is read before anybody knows who sees it.

use crate::cloud::Cloud;
use crate::cloud::feed::{Everything, read_once};
use crate::cloud::testing::{PROD, SEOUL, VIRGINIA, account, options, range, region};
use crate::findings::{Coverage, CoverageState, Source};
use crate::range::services::membership::Relationship;

const MANAGEMENT: &str = "111111111111";
const SECURITY: &str = "222222222222";

/// The caller's account lets nobody read it, but its administrator shows it.
#[tokio::test]
async fn the_own_account_is_no_gap_where_its_administrator_shows_it() {
    let (range, login) = range();
    range.with_world(|world| {
        let now = world.now();
        for code in [SEOUL, VIRGINIA] {
            let place = world.regional(&account(PROD), &region(code)).unwrap();
            for member in [MANAGEMENT, SECURITY] {
                place.guardduty.members.put(account(member), Relationship::Enabled, now);
            }
        }
        world.organization.delegate("guardduty.amazonaws.com", account(PROD));
        let own = world.accounts.get_mut(&account(SECURITY)).unwrap();
        own.iam.roles.remove("quell-reader");
    });
    let cloud = Cloud::connect(options(&range, &login)).await.unwrap();
    let Everything { coverage, .. } = read_once(cloud).await;
    for code in [SEOUL, VIRGINIA] {
        let fits = |row: &&Coverage| {
            row.source == Source::GuardDuty && row.account.as_str() == SECURITY && row.region.as_str() == code
        };
        let row = coverage.iter().find(fits).unwrap();
        assert_eq!(row.state, CoverageState::Complete, "{row:?}");
        assert_eq!(row.via, Some(account(PROD)), "{row:?}");
    }
}
