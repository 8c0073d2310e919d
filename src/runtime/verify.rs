//! Reading the world back after a plan, until it is settled what holds.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::apply::Run;
use crate::action::{Check, Expectation, Facts, Query, Verdict};
use crate::cloud::{self, Cloud};

/// AWS is eventually consistent: what is not as expected is read again this often before it counts as failed.
const SECOND_LOOKS: u32 = 4;
/// Between second looks.
const SOON: Duration = Duration::from_millis(750);
/// Between looks at what takes long, at first and at most: snapshots take minutes to hours.
const PATIENT: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));

/// Reads back what the plan expects, and tells each new state; the last one is told with `true`. Pending things are watched for
/// as long as they take.
pub async fn watch_checks(cloud: &Arc<Cloud>, run: &Run, mut tell: impl AsyncFnMut(&[Check], bool)) -> Vec<Check> {
    let mut told: Option<Vec<Check>> = None;
    let mut looks = 0;
    let mut wait = PATIENT.0;
    loop {
        let checks = look(cloud, run).await;
        let pending = checks.iter().any(|c| matches!(c.verdict, Verdict::Pending(_)));
        let wrong = checks.iter().any(|c| matches!(c.verdict, Verdict::Failed(_) | Verdict::Unreadable(_)));
        let look_again = wrong && run.trouble.is_none() && looks < SECOND_LOOKS;
        let last = !pending && !look_again;
        if last || told.as_ref() != Some(&checks) && !look_again {
            tell(&checks, last).await;
            told = Some(checks.clone());
        }
        if last {
            return checks;
        }
        if look_again {
            looks += 1;
            tokio::time::sleep(SOON).await;
        } else {
            tokio::time::sleep(wait).await;
            wait = (wait * 3 / 2).min(PATIENT.1);
        }
    }
}

/// One look: every query once, side by side.
async fn look(cloud: &Arc<Cloud>, run: &Run) -> Vec<Check> {
    let expectations: Vec<&Expectation> = run.plan.draft.expectations.iter().collect();
    let queries: BTreeSet<Query> = expectations.iter().flat_map(|e| e.queries(&run.made)).collect();
    let queries: Vec<Query> = queries.into_iter().collect();
    let request = &run.plan.request;
    let facts = Facts::from(cloud::answers(cloud, &request.account, &request.region, &queries).await);
    expectations
        .into_iter()
        .map(|expectation| Check { verdict: expectation.check(&facts, &run.made), expectation: expectation.clone() })
        .collect()
}
