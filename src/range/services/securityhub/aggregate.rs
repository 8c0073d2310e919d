//! Security Hub across accounts and regions: which hubs' findings a hub shows, and the finding aggregator.
//!
//! Owns: the view. A finding stands with the account and region that made it; an administrator sees its enabled members', and
//! the home region of an aggregator sees the linked regions'. Must never: look into a hub that is not enabled.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Store, invalid};
use crate::domain::{AccountId, Region};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::membership::administrator;
use crate::range::world::World;

/// Links regions to the one where it stands, the home region.
#[derive(Clone, Debug)]
pub struct Aggregator {
    /// A UUID, the end of its ARN.
    pub id: String,
    pub mode: LinkingMode,
    /// What the mode's name speaks of; empty where it names none.
    pub regions: BTreeSet<Region>,
}

/// `RegionLinkingMode` (API reference, `CreateFindingAggregator`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkingMode {
    AllRegions,
    AllRegionsExceptSpecified,
    SpecifiedRegions,
    NoRegions,
}

impl LinkingMode {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllRegions => "ALL_REGIONS",
            Self::AllRegionsExceptSpecified => "ALL_REGIONS_EXCEPT_SPECIFIED",
            Self::SpecifiedRegions => "SPECIFIED_REGIONS",
            Self::NoRegions => "NO_REGIONS",
        }
    }
}

impl Aggregator {
    fn links(&self, region: &Region) -> bool {
        match self.mode {
            LinkingMode::AllRegions => true,
            LinkingMode::AllRegionsExceptSpecified => !self.regions.contains(region),
            LinkingMode::SpecifiedRegions => self.regions.contains(region),
            LinkingMode::NoRegions => false,
        }
    }
}

/// One hub that another one sees into.
#[derive(Clone, Copy, Debug)]
pub struct Hub<'w> {
    pub account: AccountId,
    pub region: &'w Region,
    pub store: &'w Store,
}

/// The hubs whose findings the hub of an account and region shows, its own first.
pub fn seen_by<'w>(world: &'w World, account: AccountId, region: &Region) -> Vec<Hub<'w>> {
    let hub = |account: AccountId, region: &Region| {
        let (region, regional) = world.accounts.get(&account)?.regions.get_key_value(region)?;
        let store = &regional.securityhub;
        store.enabled.map(|_| Hub { account, region, store })
    };
    let mut seen = Vec::new();
    for region in std::iter::once(region).chain(linked(world, account, region)) {
        let Some(own) = hub(account, region) else { continue };
        seen.push(own);
        let members = own.store.members.enabled().filter(|id| *id != account);
        seen.extend(members.filter_map(|id| hub(id, region)));
    }
    seen
}

/// The other regions that flow into this one: by the account's own aggregator, or by its administrator's, which members
/// inherit ("Understanding cross-Region aggregation" in the user guide).
fn linked<'w>(world: &'w World, account: AccountId, home: &Region) -> Vec<&'w Region> {
    let aggregator = |account: AccountId| find(world, account).filter(|(region, _)| *region == home);
    let inherited = || {
        let (above, _) = administrator(world, account, home, |r| &r.securityhub.members)?;
        aggregator(above)
    };
    let Some((_, aggregator)) = aggregator(account).or_else(inherited) else {
        return Vec::new();
    };
    let others = world.regions.iter().filter(|r| *r != home);
    others.filter(|r| aggregator.links(r)).collect()
}

/// An account's own aggregator and its home region.
fn find(world: &World, account: AccountId) -> Option<(&Region, &Aggregator)> {
    let regions = &world.accounts.get(&account)?.regions;
    regions
        .iter()
        .find_map(|(region, regional)| Some((region, regional.securityhub.aggregator.as_ref()?)))
}

fn arn(account: AccountId, home: &Region, aggregator: &Aggregator) -> String {
    format!(
        "arn:aws:securityhub:{home}:{account}:finding-aggregator/{}",
        aggregator.id
    )
}

/// The account's aggregator, whatever region asks; there is one at most.
pub fn list(world: &World, call: &Call) -> Value {
    let own = call.caller.account;
    let list: Vec<Value> = find(world, own)
        .map(|(home, aggregator)| json!({ "FindingAggregatorArn": arn(own, home, aggregator) }))
        .into_iter()
        .collect();
    json!({ "FindingAggregators": list })
}

pub fn get(world: &World, call: &Call) -> Answer {
    let own = call.caller.account;
    let wanted = call.text("FindingAggregatorArn").unwrap_or_default();
    if !wanted.starts_with("arn:aws:securityhub:") {
        return Err(invalid("Invalid parameter 'FindingAggregatorArn'."));
    }
    let found = find(world, own).filter(|(home, aggregator)| arn(own, home, aggregator) == wanted);
    let (home, aggregator) = found.ok_or_else(|| {
        ApiError::new(
            404,
            "ResourceNotFoundException",
            format!("FindingAggregator {wanted} is not found for AWS account {own}."),
        )
    })?;
    Ok(json!({
        "FindingAggregatorArn": wanted,
        "FindingAggregationRegion": home,
        "RegionLinkingMode": aggregator.mode.as_str(),
        "Regions": aggregator.regions,
    }))
}
