//! The least time that any client could take, given the latency, the quotas and what has to be known before what.

use super::subject::Counted;
use super::world::World;

/// Seconds.
pub struct Floor {
    pub first: f64,
    pub all: f64,
    /// Which calls depend on one another.
    pub why: &'static str,
}

/// Security Hub `GetFindings`: so many a second, after so many at once (API reference, "`GetFindings`").
const RATE: f64 = 3.0;
const BURST: f64 = 6.0;
/// Pages of `ListFindings` and of Security Hub's `GetFindings`, at most.
const IDS: usize = 50;
const PAGE: usize = 100;
/// Pages of `ListAccounts`, at most.
const ACCOUNTS: usize = 20;

impl Floor {
    /// A token comes with the page before it, so pages of one question follow one another. Questions can be asked side by side, one
    /// for each band of severity; the longest of them sets the floor.
    pub fn of(world: &World, counted: &Counted) -> Self {
        let call = world.latency.as_secs_f64();
        // Who one is says which role there is to assume; without an administrator the accounts have to be listed first.
        let listing = if world.administrator {
            0
        } else {
            world.accounts.div_ceil(ACCOUNTS)
        };
        let signed_in = call * f64::from(u32::try_from(2 + listing).unwrap());
        let longest = |service: &str, page: usize| {
            let places = counted[service].values();
            let chains = places.flat_map(|bands| bands.values().map(|n| n.div_ceil(page)));
            chains.max().unwrap_or(1).max(1)
        };
        let hub_pages = counted["securityhub"]
            .values()
            .map(|bands| bands.values().map(|n| n.div_ceil(PAGE)).sum::<usize>())
            .max()
            .unwrap_or(1);
        let seconds = |calls: usize| call * f64::from(u32::try_from(calls).unwrap());
        // The detector, the ids page by page, and the findings of the last page.
        let guardduty = seconds(1 + longest("guardduty", IDS) + 1);
        let quota = (f64::from(u32::try_from(hub_pages).unwrap()) - BURST).max(0.0) / RATE + call;
        let hub = seconds(longest("securityhub", PAGE)).max(quota);
        Self {
            // Security Hub gives its worst with the first call; without an administrator after the first page of accounts.
            first: call * if world.administrator { 3.0 } else { 4.0 },
            all: signed_in + guardduty.max(hub),
            why: if world.administrator {
                "sign in, assume, then detector → longest chain of pages → last findings, or Security Hub's 3/s"
            } else {
                "sign in, ListAccounts pages, assume, then detector → longest chain → last findings"
            },
        }
    }
}
