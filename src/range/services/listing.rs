//! Long listings, kept sorted from one page to the next.
//!
//! Owns: the order of the findings that a question gave, so that a page out of ten thousand costs a page and not ten thousand.
//! Must never: outlive a change to the world (`World::touched` forgets it all), or answer a question that depends on the time.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::paging::{Key, hex, unhex};
use crate::domain::{AccountId, Region};
use crate::range::chain::Question;

/// Shorter listings are made anew for each page; they cost less than keeping them.
const SHORT: usize = 200;
/// Items of all kept listings together; beyond it they are all forgotten.
const MOST: usize = 1_000_000;

/// Where a finding is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub account: AccountId,
    pub region: Region,
    pub id: String,
}

type Sorted = Arc<Vec<(Vec<Key>, Place)>>;

/// The listings that are kept.
#[derive(Debug, Default)]
pub struct Listings(RefCell<HashMap<Question, Sorted>>);

impl Listings {
    /// Forgets them all.
    pub fn forget(&mut self) {
        self.0.get_mut().clear();
    }

    /// The page after the token, and the token of the next one. `list` makes the whole listing, in any order, where it is not kept;
    /// without a question nothing is kept. `None` if the token is not one that this function made.
    pub fn page(
        &self,
        question: Option<Question>,
        token: Option<&str>,
        size: usize,
        list: impl FnOnce() -> Vec<(Vec<Key>, Place)>,
    ) -> Option<(Vec<Place>, Option<String>)> {
        let after: Option<Vec<Key>> = match token {
            None => None,
            Some(token) => Some(serde_json::from_slice(&unhex(token)?).ok()?),
        };
        let sorted = self.sorted(question, list);
        let start = after.map_or(0, |after| sorted.partition_point(|(key, _)| *key <= after));
        let end = sorted.len().min(start.saturating_add(size));
        let page = &sorted[start..end];
        let next = match page.last() {
            Some((key, _)) if end < sorted.len() => Some(hex(&serde_json::to_vec(key).ok()?)),
            _ => None,
        };
        Some((page.iter().map(|(_, place)| place.clone()).collect(), next))
    }

    fn sorted(&self, question: Option<Question>, list: impl FnOnce() -> Vec<(Vec<Key>, Place)>) -> Sorted {
        if let Some(kept) = question.and_then(|q| self.0.borrow().get(&q).cloned()) {
            return kept;
        }
        let mut items = list();
        items.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let sorted = Arc::new(items);
        if let Some(question) = question.filter(|_| sorted.len() > SHORT) {
            let mut kept = self.0.borrow_mut();
            let all: usize = kept.values().map(|l| l.len()).sum();
            if all + sorted.len() > MOST {
                kept.clear();
            }
            kept.insert(question, Arc::clone(&sorted));
        }
        sorted
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account() -> AccountId {
        "111111111111".parse().unwrap()
    }

    fn question() -> Question {
        Question::of("guardduty", "ListFindings", account(), &Region::global(), &json!({}))
    }

    fn items(count: usize) -> Vec<(Vec<Key>, Place)> {
        (0..count)
            .rev()
            .map(|at| {
                let place = Place {
                    account: account(),
                    region: Region::global(),
                    id: format!("{at:05}"),
                };
                (vec![Key::up_text(&place.id)], place)
            })
            .collect()
    }

    #[test]
    fn pages_cover_a_long_listing_that_is_made_once() {
        let listings = Listings::default();
        let (mut token, mut seen, mut made) = (None, Vec::new(), 0);
        loop {
            let (page, next) = listings
                .page(Some(question()), token.as_deref(), 50, || {
                    made += 1;
                    items(1001)
                })
                .unwrap();
            seen.extend(page.into_iter().map(|place| place.id));
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), made), (1001, 1));
        assert!(seen.is_sorted());
    }

    #[test]
    fn what_has_changed_is_listed_anew() {
        let mut listings = Listings::default();
        let all = |listings: &Listings, count| {
            let page = listings.page(Some(question()), None, 5000, || items(count));
            page.unwrap().0.len()
        };
        assert_eq!(all(&listings, 1000), 1000);
        assert_eq!(all(&listings, 2000), 1000);
        listings.forget();
        assert_eq!(all(&listings, 2000), 2000);
        assert!(listings.page(Some(question()), Some("zz"), 5, || items(1)).is_none());
    }
}
