//! Whether whoever applies a plan may, where somebody else made it.
//!
//! An action looks whether its plan would lock out the one who asks. A plan file may be applied by another person, whom it may lock
//! out in the middle: then the rest is not done, and nobody there can undo it. Must never: send anything, or let a plan through
//! because it was good for somebody else.

use std::sync::Arc;

use super::apply::NotApplied;
use super::gather::{NoPlan, gather_beside};
use crate::action::{Done, Plan, Request};
use crate::cloud::Cloud;
use crate::domain::Untrusted;

/// Makes the plan again as if the caller had asked for it, from the same facts, and refuses what the action refuses the caller or
/// would warn only the caller of: nobody has read that warning. `now` is the plan as it is made for who did ask.
pub(super) async fn not_against_the_caller(
    cloud: &Arc<Cloud>,
    now: &Plan,
    done: Option<&Done>,
) -> Result<(), NotApplied> {
    let request = &now.request;
    for by in cloud.callers(&request.account) {
        if by == request.by {
            continue;
        }
        let own = Request {
            by: by.clone(),
            ..request.clone()
        };
        let against = match gather_beside(cloud, &own, done, now.before.clone()).await {
            Ok(own) => {
                let unread = |said: &&String| !now.draft.warnings.contains(*said);
                own.draft.warnings.iter().find(unread).cloned()
            }
            Err(NoPlan::Refused(refusal)) => Some(refusal.to_string()),
            Err(endless @ NoPlan::Endless) => return Err(endless.into()),
        };
        if let Some(why) = against {
            let (asked, by) = (Untrusted::new(request.by.as_str()), Untrusted::new(by));
            return Err(NotApplied::NotByYou(format!(
                "The plan was made by {asked}, and you are {by}. Made by you, it says: {why}"
            )));
        }
    }
    Ok(())
}
