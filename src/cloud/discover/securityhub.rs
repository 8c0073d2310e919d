//! What Security Hub says of members, administrators and its home region.
//!
//! Owns: the calls. Must never: take a region for linked that nobody says is linked.

use aws_sdk_securityhub::config::{Builder, Config};

use super::administrators::{Answer, Member};
use super::listing::{self, Page};
use crate::cloud::errors::CallError;
use crate::cloud::session::Session;
use crate::domain::{AccountId, Arn, Region};

const MEMBERS: &str = "securityhub:ListMembers";
const ADMINISTRATOR: &str = "securityhub:GetAdministratorAccount";
const AGGREGATORS: &str = "securityhub:ListFindingAggregators";
const AGGREGATOR: &str = "securityhub:GetFindingAggregator";
/// The most members on a page (API reference, `ListMembers`).
const PAGE: i32 = 50;

/// A finding aggregator: the region that findings are gathered in, and those that they are gathered from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub region: Region,
    linked: Linked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Linked {
    All,
    AllBut(Vec<Region>),
    Only(Vec<Region>),
}

impl Home {
    /// Whether the home region shows this region's findings.
    pub fn shows(&self, region: &Region) -> bool {
        *region == self.region
            || match &self.linked {
                Linked::All => true,
                Linked::AllBut(out) => !out.contains(region),
                Linked::Only(those) => those.contains(region),
            }
    }
}

fn here(region: &Region) -> Builder {
    Config::builder().region(aws_config::Region::new(region.to_string()))
}

/// The members that are associated with the hub.
pub(super) async fn members(session: &Session, region: &Region) -> Result<Answer<Vec<Member>>, CallError> {
    let page = |token| {
        let call = session.securityhub().list_members().max_results(PAGE);
        let call = call.set_next_token(token).customize().config_override(here(region));
        async move {
            let answer = call.send().await.map_err(|e| CallError::from_sdk(MEMBERS, &e))?;
            Ok(Page {
                items: answer.members,
                next: answer.next_token,
            })
        }
    };
    let listed = match Box::pin(listing::whole(MEMBERS, page)).await {
        Ok(listed) => listed,
        Err(error) if error.is_hub_off() => return Ok(Answer::Off),
        Err(error) => return Err(error),
    };
    let mut members = Vec::new();
    for member in listed {
        let id = member.account_id().unwrap_or_default().parse();
        members.push(Member {
            id: id.map_err(|bad| CallError::malformed(MEMBERS, format!("{bad}")))?,
            status: member.member_status().unwrap_or_default().to_owned(),
        });
    }
    Ok(Answer::Is(members))
}

/// The account that the caller's own hub is administered by.
pub(super) async fn administrator(session: &Session, region: &Region) -> Result<Answer<Option<AccountId>>, CallError> {
    let call = session.securityhub().get_administrator_account().customize();
    let answer = call.config_override(here(region)).send().await;
    let answer = match answer.map_err(|e| CallError::from_sdk(ADMINISTRATOR, &e)) {
        Err(error) if error.is_hub_off() => return Ok(Answer::Off),
        answer => answer?,
    };
    let id = answer.administrator().and_then(|a| a.account_id());
    let id = id.filter(|id| !id.is_empty()).map(str::parse).transpose();
    id.map(Answer::Is)
        .map_err(|bad: crate::domain::BadAccountId| CallError::malformed(ADMINISTRATOR, bad.to_string()))
}

/// The home region, if there is one. The list may be asked for in any region; the aggregator itself is asked where it stands.
pub(super) async fn home(session: &Session, asked: &Region) -> Result<Option<Home>, CallError> {
    let page = |token| {
        let call = session.securityhub().list_finding_aggregators().set_next_token(token);
        let call = call.customize().config_override(here(asked));
        async move {
            let answer = call.send().await.map_err(|e| CallError::from_sdk(AGGREGATORS, &e))?;
            Ok(Page {
                items: answer.finding_aggregators,
                next: answer.next_token,
            })
        }
    };
    let listed = match Box::pin(listing::whole(AGGREGATORS, page)).await {
        Ok(listed) => listed,
        Err(error) if error.is_hub_off() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(text) = listed.first().and_then(|a| a.finding_aggregator_arn()) else {
        return Ok(None);
    };
    let bad = |what: &str| CallError::malformed(AGGREGATOR, format!("the answer has no valid {what}"));
    let arn: Arn = text.parse().map_err(|_| bad("ARN"))?;
    let stands: Region = arn.region().parse().map_err(|_| bad("ARN"))?;
    let call = session
        .securityhub()
        .get_finding_aggregator()
        .finding_aggregator_arn(text)
        .customize();
    let answer = call.config_override(here(&stands)).send().await;
    let answer = answer.map_err(|e| CallError::from_sdk(AGGREGATOR, &e))?;
    let region = answer.finding_aggregation_region().unwrap_or_default();
    let region = region.parse().map_err(|_| bad("region"))?;
    let regions = || -> Result<Vec<Region>, CallError> {
        let listed = answer.regions().iter().map(|r| r.parse());
        listed.collect::<Result<_, _>>().map_err(|_| bad("list of regions"))
    };
    let linked = match answer.region_linking_mode().unwrap_or_default() {
        "ALL_REGIONS" => Linked::All,
        "ALL_REGIONS_EXCEPT_SPECIFIED" => Linked::AllBut(regions()?),
        "SPECIFIED_REGIONS" => Linked::Only(regions()?),
        "NO_REGIONS" => Linked::Only(Vec::new()),
        _ => return Err(bad("way of linking regions")),
    };
    Ok(Some(Home { region, linked }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_region_shows_itself_and_what_is_linked() {
        let region = |code: &str| code.parse::<Region>().unwrap();
        let (home, eu, us) = (region("ap-northeast-2"), region("eu-west-1"), region("us-east-1"));
        let with = |linked| Home {
            region: home.clone(),
            linked,
        };
        for (linked, shows) in [
            (Linked::All, [true, true, true]),
            (Linked::AllBut(vec![eu.clone()]), [true, false, true]),
            (Linked::Only(vec![eu.clone()]), [true, true, false]),
            (Linked::Only(Vec::new()), [true, false, false]),
        ] {
            let at = with(linked);
            assert_eq!([&home, &eu, &us].map(|r| at.shows(r)), shows, "{at:?}");
        }
    }
}
