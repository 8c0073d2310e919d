//! Captures of memory that are under way: whatever takes the instance's network, its credentials or the instance itself away ends them.
//!
//! Owns: the question and the warning, for every plan that would. It only informs: memory may matter less than what goes on.

use super::capture_memory;
use super::facts::Facts;
use super::plan::{Draft, Request};
use super::query::Query;
use super::refusal::Stop;
use crate::action::SsmQuery;
use crate::domain::{InstanceId, Untrusted};

/// The question which captures quell began on the instance lately.
pub fn nearby(request: &Request, of: &InstanceId) -> Query {
    Query::Ssm(SsmQuery::CapturesNearby {
        of: of.clone(),
        since: capture_memory::since(request),
    })
}

/// Says where memory is still being captured. `to` is what the plan does to the instance: `isolate it`.
pub fn warn(request: &Request, of: &InstanceId, to: &str, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let found = facts.advisory(facts.invocations(&nearby(request, of)), &mut draft.warnings)?;
    if let Some(running) = found.into_iter().flatten().find(|c| c.is_under_way()) {
        draft.warnings.push(format!(
            "Its memory is still being captured (command {}): to {to} now ends that. Wait until the capture is verified.",
            Untrusted::new(running.command.as_str())
        ));
    }
    Ok(())
}
