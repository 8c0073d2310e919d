//! From a request to a plan: ask the action, read what it lacks side by side, ask again.

use std::sync::Arc;

use crate::action::{self, Done, Facts, Plan, Refusal, Request, Stop};
use crate::cloud::{self, Cloud};

/// More rounds than any action needs; an action that keeps asking is a fault, not a reason to hang.
const MAX_ROUNDS: usize = 20;

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("the action kept asking for facts; this is a fault in quell, please report it")]
    Endless,
}

/// Reads facts until there is a plan or a refusal. Nothing is taken from earlier readings: the plan rests on the world as it is.
pub async fn gather(cloud: &Arc<Cloud>, request: &Request, done: Option<&Done>) -> Result<Plan, NoPlan> {
    gather_beside(cloud, request, done, Facts::default()).await
}

/// The same where these facts were read a moment ago: only what they lack is read.
pub(super) async fn gather_beside(
    cloud: &Arc<Cloud>,
    request: &Request,
    done: Option<&Done>,
    mut facts: Facts,
) -> Result<Plan, NoPlan> {
    for _ in 0..MAX_ROUNDS {
        match action::plan(request, done, &facts) {
            Ok(plan) => return Ok(plan),
            Err(Stop::Refuse(refusal)) => return Err(refusal.into()),
            Err(Stop::Ask(queries)) => {
                for reading in cloud::answers(cloud, &request.account, &request.region, &queries).await {
                    facts.insert(reading);
                }
            }
        }
    }
    Err(NoPlan::Endless)
}
