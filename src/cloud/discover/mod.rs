//! Discovery: which accounts and regions there are, and which way sees most of their findings.
//!
//! Owns: the order of the questions. What can be read in any case is told first; who sees whom is asked meanwhile. Must never:
//! take a list that ended early for the whole, or leave an account without a route, a row or a sentence.

mod accounts;
mod administrators;
mod eyes;
mod guardduty;
mod listing;
mod own;
mod profiles;
mod regions;
mod remark;
mod scout;
mod securityhub;
mod tell;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::{administered, told};
mod unused;
mod way;

use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

use super::config::{HomeRegion, Way};
use super::connect::Cloud;
use super::route::Found;
use crate::domain::{AccountId, Untrusted};
use crate::findings::Source;

pub(super) use accounts::is_active;
pub(super) use regions::{is_always, known as known_regions, well_known};
pub(super) use remark::{Remark, Topic};
use scout::Scout;

/// An account and what its organisation calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// Empty where nobody said.
    pub name: Untrusted,
}

/// Tells the routes to every account's findings, one by one as they are found, and at last which way was taken. Ends early when
/// nobody listens any more.
pub async fn routes(cloud: Arc<Cloud>, tx: Sender<Found>) {
    let gone = tx.clone();
    tokio::select! {
        _ = Box::pin(explore(cloud, tx)) => {}
        () = gone.closed() => {}
    }
}

/// The same, and what was met on the way that somebody might want to mend.
pub(super) async fn explore(cloud: Arc<Cloud>, tx: Sender<Found>) -> Vec<Remark> {
    let scout = Arc::new(Scout::new(cloud, tx));
    match scout.way() {
        Way::Profiles => Box::pin(profiles::all(&scout)).await,
        Way::Accounts => Box::pin(chosen(&scout)).await,
        Way::Auto | Way::Administrator | Way::Organization => organisation(&scout).await,
    }
    Box::pin(way::told(&scout)).await;
    scout.tell.remarks()
}

/// Every account of the organisation: through administrators where there are any, else each by its own role.
async fn organisation(scout: &Arc<Scout>) {
    early(scout).await;
    let mut tasks = JoinSet::new();
    tasks.spawn(regions::find(Arc::clone(scout)));
    tasks.spawn(accounts::list(Arc::clone(scout)));
    for source in Source::REGIONAL {
        tasks.spawn(eyes::open(Arc::clone(scout), source));
    }
    scout.finish(tasks).await;
}

/// The accounts that were named, or the caller's own, each by its own role. Names come from the organisation where it tells.
async fn chosen(scout: &Arc<Scout>) {
    scout.choose().await;
    let mut tasks = JoinSet::new();
    tasks.spawn(regions::find(Arc::clone(scout)));
    tasks.spawn(accounts::name(Arc::clone(scout)));
    for source in Source::REGIONAL {
        tasks.spawn(eyes::each(Arc::clone(scout), source));
    }
    scout.finish(tasks).await;
}

/// What is worth reading whatever else is found: a pinned administrator in every region known, else the caller's own account. So the
/// first findings do not wait for discovery. Security Hub has its worst on its first page, and whoever looks is often signed in to
/// its administrator: so it is read in every region known, too, until it is known who shows the place.
async fn early(scout: &Scout) {
    let own = scout.cloud.identity().account;
    let settings = &scout.cloud.options.discovery;
    for source in Source::REGIONAL {
        let pinned = settings.administrator(source);
        if pinned.is_none() && scout.way() == Way::Administrator {
            // Whether the own account is one is not known yet, and nothing else is to be read.
            continue;
        }
        match (source, &settings.securityhub_home, pinned) {
            (Source::SecurityHub, Some(HomeRegion::At(home)), Some(pinned)) => {
                scout.tell.long_route(source, pinned, home).await;
            }
            (Source::GuardDuty, _, Some(pinned)) | (Source::SecurityHub, Some(HomeRegion::None), Some(pinned)) => {
                for region in scout.known_regions() {
                    scout.tell.long_route(source, pinned, &region).await;
                }
            }
            (Source::SecurityHub, ..) => {
                for region in scout.known_regions() {
                    scout.tell.unsure_route(source, pinned.unwrap_or(own), &region).await;
                }
            }
            (Source::GuardDuty | Source::EventBridge, ..) => {
                for region in scout.known_regions().into_iter().take(1) {
                    scout.tell.unsure_route(source, own, &region).await;
                }
            }
        }
    }
}
