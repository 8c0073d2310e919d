//! Whether a public address is one's own: a question to every account and region that is looked at.
//!
//! Owns: which places are asked, and in which order. Must never: take a place that did not answer for one that has it not.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Found, interface, no_session};
use crate::action::{AddressHolder, Answer, Interface, OwnAddress, ReadFailure};
use crate::cloud::connect::Cloud;
use crate::cloud::discover::known_regions;
use crate::cloud::session::Session;
use crate::domain::{AccountId, Region, Untrusted};

/// So many pairs of account and region are asked, so many at once.
const PLACES: usize = 60;
const AT_ONCE: usize = 16;

pub(super) async fn ask(cloud: &Arc<Cloud>, session: &Session, region: &Region, address: IpAddr) -> Found {
    let own = session.identity().account;
    let (accounts, unlisted) = match cloud.accounts().await {
        Ok(accounts) => (accounts, None),
        Err(error) => (cloud.opened(), Some(Untrusted::new(error.to_string()))),
    };
    let mut places = places(own, region, &accounts, &known_regions(cloud));
    let mut answer = OwnAddress {
        left_out: places.len().saturating_sub(PLACES),
        unlisted,
        ..OwnAddress::default()
    };
    places.truncate(PLACES);
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut asked = JoinSet::new();
    for (number, (account, region)) in places.into_iter().enumerate() {
        let (cloud, turns) = (Arc::clone(cloud), Arc::clone(&turns));
        asked.spawn(async move {
            // The semaphore is never closed.
            let _turn = turns.acquire().await;
            let found = at(&cloud, account, &region, address).await;
            (number, account, region, found)
        });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by_key(|(number, ..)| *number);
    for (_, account, region, found) in answers {
        match found {
            Ok(interfaces) => {
                answer.holders.extend(interfaces.into_iter().map(|one| AddressHolder {
                    account,
                    region: region.clone(),
                    interface: one.id,
                    interface_type: one.interface_type,
                    attached_to: one.attached_to,
                    description: one.description,
                }));
                answer.looked.push((account, region));
            }
            Err(failure) => answer.unread.push((account, region, failure.message)),
        }
    }
    Ok((Answer::OwnAddress(answer), None))
}

/// The plan's account in every region, then the others in the plan's region, then the rest: a bound cuts off the least likely.
fn places(own: AccountId, here: &Region, accounts: &[AccountId], regions: &[Region]) -> Vec<(AccountId, Region)> {
    let others = || accounts.iter().filter(|account| **account != own);
    let mut all = vec![(own, here.clone())];
    all.extend(regions.iter().map(|region| (own, region.clone())));
    all.extend(others().map(|account| (*account, here.clone())));
    for region in regions {
        all.extend(others().map(|account| (*account, region.clone())));
    }
    let mut seen = HashSet::new();
    all.retain(|place| seen.insert(place.clone()));
    all
}

async fn at(
    cloud: &Cloud,
    account: AccountId,
    region: &Region,
    address: IpAddr,
) -> Result<Vec<Interface>, ReadFailure> {
    let session = cloud.session(&account).await.map_err(|error| no_session(&error))?;
    let by = if address.is_ipv6() {
        "ipv6-addresses.ipv6-address"
    } else {
        "association.public-ip"
    };
    let (found, _) = interface::list(&session.ec2(region), by, &address.to_string()).await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_places_come_first_and_none_twice() {
        let account = |digit: &str| digit.repeat(12).parse::<AccountId>().unwrap();
        let region = |code: &str| code.parse::<Region>().unwrap();
        let (seoul, virginia) = (region("ap-northeast-2"), region("us-east-1"));
        let places = places(
            account("3"),
            &seoul,
            &[account("1"), account("3")],
            &[virginia.clone(), seoul.clone()],
        );
        assert_eq!(
            places,
            [
                (account("3"), seoul.clone()),
                (account("3"), virginia.clone()),
                (account("1"), seoul),
                (account("1"), virginia),
            ]
        );
    }
}
