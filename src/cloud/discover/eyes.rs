//! Who sees which account in which region, for one source.
//!
//! Owns: the covering of accounts by administrators, and the reading of each that is not covered by itself. Must never: leave an
//! account of the list untold.

use std::sync::Arc;

use super::administrators::{self, Administrator, Answer};
use super::scout::{Scout, for_each};
use super::securityhub::{self, Home};
use super::{Remark, Topic};
use crate::cloud::config::{HomeRegion, Way};
use crate::cloud::doctor::Health;
use crate::cloud::route::Route;
use crate::domain::{AccountId, Region};
use crate::findings::Source;

/// The way to one source.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub administrator: Administrator,
    /// Where Security Hub gathers the findings of other regions.
    pub home: Option<Home>,
}

/// Finds the administrator, and tells who is seen through it in every region; the others are read by themselves.
pub(super) async fn open(scout: Arc<Scout>, source: Source) {
    let sight = match administrators::find(&scout, source).await {
        Some(administrator) => {
            let home = match source {
                Source::SecurityHub => {
                    meanwhile(&scout, &administrator).await;
                    Box::pin(home(&scout, &administrator)).await
                }
                Source::GuardDuty | Source::EventBridge => None,
            };
            Some(Sight { administrator, home })
        }
        None => None,
    };
    if let Some(sight) = &sight {
        scout.saw(source, sight.clone());
        // What is read at all is read before it is known for whom it speaks.
        for region in scout.known_regions() {
            let route = sight.route(source, &region);
            scout.tell.long_route(source, route.via, &route.region).await;
        }
    }
    let sight = sight.map(Arc::new);
    let each = |region| Box::pin(region_of(Arc::clone(&scout), source, sight.clone(), region));
    for_each(&scout, &scout.regions, each).await;
}

/// Every account by itself.
pub(super) async fn each(scout: Arc<Scout>, source: Source) {
    let each = |region| Box::pin(region_of(Arc::clone(&scout), source, None, region));
    for_each(&scout, &scout.regions, each).await;
}

impl Sight {
    /// The route that shows a region's findings.
    fn route(&self, source: Source, region: &Region) -> Route {
        let home = self.home.as_ref().filter(|home| home.shows(region));
        Route {
            source,
            via: self.administrator.id,
            region: home.map_or_else(|| region.clone(), |home| home.region.clone()),
        }
    }
}

/// Each region's own hub shows what is found there, so it is read while the home region is asked for. It gives way to the home
/// region when that was read. A home region that is named is not waited for long.
async fn meanwhile(scout: &Scout, administrator: &Administrator) {
    if matches!(scout.cloud.options.discovery.securityhub_home, Some(HomeRegion::At(_))) {
        return;
    }
    for region in scout.known_regions() {
        scout
            .tell
            .unsure_route(Source::SecurityHub, administrator.id, &region)
            .await;
    }
}

/// The home region that is to be used: one that is looked at and whose aggregator says what it shows.
async fn home(scout: &Scout, administrator: &Administrator) -> Option<Home> {
    let settings = &scout.cloud.options.discovery;
    let asked = match &settings.securityhub_home {
        Some(HomeRegion::None) => return None,
        Some(HomeRegion::At(region)) => region.clone(),
        None => scout.known_regions().first().cloned()?,
    };
    let advice = "Allow securityhub:ListFindingAggregators and securityhub:GetFindingAggregator for the reader role; until then each region is read by itself.";
    let home = match securityhub::home(&administrator.session, &asked).await {
        Ok(home) => home,
        Err(error) => {
            let what = "Security Hub's home region is not known";
            scout.failed(Topic::Home, what, &error, advice, (administrator.id, &asked));
            return None;
        }
    };
    if let Some(HomeRegion::At(pinned)) = &settings.securityhub_home
        && home.as_ref().is_none_or(|home| home.region != *pinned)
    {
        let sentence = "Security Hub gathers no findings in the home region that is pinned";
        let advice = "Correct securityhub_home in the configuration; until then each region is read by itself.";
        let remark = Remark::new(Topic::Home, Health::Problem, sentence, advice);
        scout.tell.remark(remark.at(administrator.id, Some(pinned)));
        return None;
    }
    let given = &scout.cloud.options.regions;
    home.filter(|home| given.is_empty() || given.contains(&home.region))
}

async fn region_of(scout: Arc<Scout>, source: Source, sight: Option<Arc<Sight>>, region: Region) {
    let seen = match &sight {
        Some(sight) => Box::pin(look(&scout, source, sight, &region)).await,
        None if is_in_doubt(&scout) => None,
        None => Some(Vec::new()),
    };
    let administrator = sight.map(|sight| sight.administrator.id);
    let seen = Arc::new(Seen { administrator, seen });
    let each = |account| {
        let (scout, region, seen) = (Arc::clone(&scout), region.clone(), Arc::clone(&seen));
        async move {
            rest(&scout, source, &seen, account, &region).await;
        }
    };
    for_each(&scout, &scout.accounts, each).await;
}

/// Whether there may be an administrator that could not be asked for, or not be opened.
fn is_in_doubt(scout: &Scout) -> bool {
    let remarks = scout.tell.remarks();
    remarks.iter().any(|remark| remark.topic == Topic::Administrator)
}

/// Who is seen by whom in a region.
struct Seen {
    administrator: Option<AccountId>,
    /// Absent where that could not be asked.
    seen: Option<Vec<AccountId>>,
}

impl Seen {
    /// The administrator, where it said that it does not see the account.
    fn blind(&self, account: AccountId) -> Option<AccountId> {
        let seen = self.seen.as_ref()?;
        self.administrator.filter(|_| !seen.contains(&account))
    }
}

/// Tells whom the administrator sees in a region, and gives its members there; nothing where they could not be asked for.
async fn look(scout: &Scout, source: Source, sight: &Sight, region: &Region) -> Option<Vec<AccountId>> {
    let id = sight.administrator.id;
    let name = source.name();
    match administrators::members(&sight.administrator.session, source, region).await {
        Ok(Answer::Is(members)) => {
            let route = sight.route(source, region);
            let seen: Vec<AccountId> = members.iter().filter(|m| m.is_seen()).map(|m| m.id).collect();
            // In a linked region the administrator's own findings are seen from the home region, too.
            let own = (route.region != *region).then_some(id);
            scout.tell.covers(route, seen.iter().copied().chain(own), region).await;
            Some(seen)
        }
        Ok(Answer::Off) => {
            scout.tell.route(source, id, region).await;
            let sentence =
                format!("{name} is not enabled in its administrator, so its members are not seen from there");
            let advice = "Enable it there if its findings are wanted.";
            let remark = Remark::new(Topic::Administrator, Health::Warning, sentence, advice);
            scout.tell.remark(remark.at(id, Some(region)));
            Some(Vec::new())
        }
        Err(error) => {
            let error = sight.administrator.session.placed(error, region);
            scout.tell.unsure_route(source, id, region).await;
            let what = format!("{name}'s members could not be listed, so each account is read by itself");
            let advice = "Allow the call for the reader role there.";
            scout.failed(Topic::Members, &what, &error, advice, (id, region));
            None
        }
    }
}

/// An account that no administrator was told to see: it is read by its own role, or named. Where nobody could say who sees it, that
/// is told with the route, for it may have been seen before.
async fn rest(scout: &Scout, source: Source, seen: &Seen, account: AccountId, region: &Region) {
    let administrator = seen.administrator;
    if scout.tell.is_covered(source, account, region) {
        return;
    }
    if Some(account) == administrator || (seen.seen.is_none() && scout.way() != Way::Administrator) {
        if seen.seen.is_some() {
            scout.tell.route(source, account, region).await;
        } else {
            scout.tell.unsure_route(source, account, region).await;
        }
        return;
    }
    if let Some(administrator) = seen.blind(account) {
        let sentence = format!(
            "{} does not show its administrator {administrator} this account, for it is no enabled member",
            source.name()
        );
        let advice = "Make it a member there; until then it is read by its own role.";
        let remark = Remark::new(Topic::Members, Health::Warning, sentence, advice);
        scout.tell.remark(remark.at(account, Some(region)));
    }
    if scout.way() == Way::Administrator {
        let who = administrator.map_or_else(
            || "there is none that can be used".to_owned(),
            |id| format!("{id} does not see it"),
        );
        let why = format!(
            "The configuration reads {} through its administrator alone, and {who}.",
            source.name()
        );
        scout.tell.no_route(source, account, region, why).await;
    } else {
        scout.tell.route(source, account, region).await;
    }
}
