//! The pages of an event of AWS Health that are over because a later version of it has fewer.
//!
//! A long event comes in several messages, which say which `page` of how many `totalPages` they are, and come in any order (AWS Health
//! User Guide, "Viewing paginated lists of AWS Health events on EventBridge"). Nobody tells the end of a page that a later version of
//! the event does not have.
//!
//! Owns: which pages those are, by what the first page says. Must never: end a page of the version that is there, or let the order in
//! which messages come decide.

use super::{Finding, FindingKey, Source};
use crate::domain::Untrusted;

/// Pages beyond this one stay until they are told to be over. Each is about 256 KB.
const MOST: u16 = 250;
/// What stands between an event's ARN and the number of a page.
const PAGE: &str = " page ";

/// What names a page of an event. The first page is the event.
#[must_use]
pub fn id(arn: &str, page: u32) -> String {
    if page > 1 {
        format!("{arn}{PAGE}{page}")
    } else {
        arn.to_owned()
    }
}

/// The ARN of the event that a finding is a page of, or may be the first page of.
#[must_use]
pub fn event(finding: &Finding) -> Option<&str> {
    if !is_of_health(finding) {
        return None;
    }
    let own = finding.id.raw();
    Some(page_of(own).map_or(own, |(arn, _)| arn))
}

fn is_of_health(finding: &Finding) -> bool {
    finding.source == Source::EventBridge && finding.product.raw() == "aws.health"
}

/// The event's ARN and the number of the page, of what names a later page than the first.
fn page_of(id: &str) -> Option<(&str, u16)> {
    let (arn, page) = id.rsplit_once(PAGE)?;
    Some((arn, page.parse().ok()?))
}

/// The pages that are over by this finding, and itself where it is such a page: each as it is to be taken in. `get` finds what is held.
#[must_use]
pub fn over<'a>(finding: &Finding, get: impl Fn(&FindingKey) -> Option<&'a Finding>) -> Vec<Finding> {
    if !is_of_health(finding) {
        return Vec::new();
    }
    let of = |id: String| FindingKey {
        id: Untrusted::new(id),
        ..finding.key()
    };
    let own = finding.id.raw();
    if let Some((arn, page)) = page_of(own) {
        let first = get(&of(arn.to_owned())).filter(|first| ends(first, page, finding));
        return first.map(|first| ended(finding, first)).into_iter().collect();
    }
    let Some(pages) = finding.pages else {
        return Vec::new();
    };
    let beyond = (pages.get().saturating_add(1)..=MOST).filter_map(|page| {
        let held = get(&of(id(own, page.into())))?;
        ends(finding, page, held).then(|| ended(held, finding))
    });
    beyond.collect()
}

/// Whether the first page is of a later version that does not have this page.
fn ends(first: &Finding, page: u16, held: &Finding) -> bool {
    let later = matches!((first.version(), held.version()), (Some(first), Some(held)) if first > held);
    later && !held.archived && first.pages.is_some_and(|pages| pages.get() < page)
}

/// A page as the later version leaves it: its end is told then.
fn ended(held: &Finding, first: &Finding) -> Finding {
    Finding {
        archived: true,
        updated_at: first.updated_at,
        told: first.told,
        digest: held.digest ^ first.digest,
        ..held.clone()
    }
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
