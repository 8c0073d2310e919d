//! Blast radius: who else used what a plan touches, lately, as far as CloudTrail's history can be read.
//!
//! Owns: the question and the lines on the plan. Must never: stop a plan because the history cannot be read; that is a warning.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Trail;
use super::facts::Facts;
use super::plan::Draft;
use super::query::{CloudTrailQuery, LookupKey, Query};
use super::refusal::Stop;
use crate::domain::{Region, Untrusted};

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
    let place = looked_at(trail);
    let own = match trail.own {
        0 => String::new(),
        1 => " Quell's own event is left out.".to_owned(),
        many => format!(" Quell's own {many} events are left out."),
    };
    draft.neighbours.push(if callers.is_empty() {
        let far = if trail.more { "among the newest" } else { "in 90 days" };
        format!("{what}: no management event {far}, says CloudTrail {place}.{own}")
    } else {
        let named: Vec<String> = callers
            .iter()
            .take(NAMED)
            .map(|(user, times)| {
                let user = if user.raw().is_empty() {
                    "unnamed".to_owned()
                } else {
                    user.shown()
                };
                format!("{user} ({times})")
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
        let more = if trail.more { " and older ones" } else { "" };
        format!(
            "{what}: lately {}{rest}, by CloudTrail's {newest}{more} {place}.{own}",
            named.join(", ")
        )
    });
    if let Some((region, why)) = trail.unread.first() {
        let others = match trail.unread.len() - 1 {
            0 => String::new(),
            1 => " and 1 more region".to_owned(),
            many => format!(" and {many} more regions"),
        };
        draft.warnings.push(format!(
            "{what}: CloudTrail's history in {region}{others} could not be read: {why}."
        ));
    }
    Ok(())
}

/// Where the history was read: a trail's history is a region's own, and what is global is written down in us-east-1.
fn looked_at(trail: &Trail) -> String {
    match trail.regions.as_slice() {
        [] => "in the plan's region".to_owned(),
        few if few.len() <= NAMED => {
            let named: Vec<&str> = few.iter().map(Region::as_str).collect();
            format!("in {}", named.join(", "))
        }
        many => {
            let named: Vec<&str> = many.iter().take(2).map(Region::as_str).collect();
            format!("in {} and {} more regions", named.join(", "), many.len() - 2)
        }
    }
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
