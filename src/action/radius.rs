//! Blast radius: who else used what a plan touches, lately, as far as CloudTrail's history can be read.
//!
//! Owns: the question and the lines on the plan. Must never: stop a plan because the history cannot be read; that is a warning.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Trail;
use super::facts::Facts;
use super::plan::Draft;
use super::query::{CloudTrailQuery, LookupKey, Query};
use super::refusal::Stop;
use crate::domain::Untrusted;

/// As many callers are named as fit on a plan; the rest are counted.
const NAMED: usize = 4;

/// The question who did anything with this lately. An action names it among the first that it wants, so that it is read beside
/// the others.
#[must_use]
pub fn question(by: LookupKey, value: &str) -> Query {
    Query::CloudTrail(CloudTrailQuery::Events {
        by,
        value: value.to_owned(),
    })
}

/// Adds who used it lately: one line with the callers, or a warning that it could not be read. `what` is safe to show.
pub fn lately(by: LookupKey, value: &str, what: &str, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let query = question(by, value);
    let Some(trail) = facts.advisory(facts.trail(&query), &mut draft.warnings)? else {
        return Ok(());
    };
    let mut callers: BTreeMap<&Untrusted, usize> = BTreeMap::new();
    for event in &trail.events {
        *callers.entry(&event.user).or_default() += 1;
    }
    let mut callers: Vec<(&Untrusted, usize)> = callers.into_iter().collect();
    callers.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let more = if trail.more { " and older ones" } else { "" };
    draft.neighbours.push(if callers.is_empty() {
        // A trail's history is a region's own, and what is global is written down in us-east-1.
        format!("{what}: no management event in 90 days of the plan's region (IAM's: us-east-1), says CloudTrail.")
    } else {
        let named: Vec<String> = callers
            .iter()
            .take(NAMED)
            .map(|(user, times)| {
                format!(
                    "{} ({times})",
                    if user.raw().is_empty() {
                        "unnamed".to_owned()
                    } else {
                        user.shown()
                    }
                )
            })
            .collect();
        let rest = callers.len().saturating_sub(NAMED);
        let rest = if rest == 0 {
            String::new()
        } else {
            format!(" and {rest} more")
        };
        let newest = match trail.events.len() {
            1 => "newest event".to_owned(),
            many => format!("newest {many} events"),
        };
        format!(
            "{what}: lately {}{rest}, by CloudTrail's {newest}{more}.",
            named.join(", ")
        )
    });
    Ok(())
}

/// The roles that were assumed, safe to show: their sessions outlive what is done to whoever assumed them.
#[must_use]
pub fn assumed(trail: &Trail) -> BTreeSet<String> {
    let assumed = trail
        .events
        .iter()
        .filter(|e| e.name.raw() == "AssumeRole" && e.error_code.is_none());
    let resources = assumed.flat_map(|e| &e.resources);
    resources
        .filter(|r| r.raw().contains(":role/"))
        .map(Untrusted::shown)
        .collect()
}
