//! GuardDuty read as a whole.
//!
//! The first page is of everything, the worst first. Where there is more, bands of severity are listed side by side, while the
//! findings of the pages that were listed are being got. When all are listed, everything that was updated since a while before the
//! reading began is listed, for a finding that is updated meanwhile may move from one band to another behind its reader's back. Where
//! the list is taken for long from the start, the bands come at once, and the page of everything comes last, beside that.
//!
//! Owns: the union of the bands. Must never: take the bands for everything where a finding is of no band. `severity` and `updatedAt`
//! are required of a finding ("Finding" in the API reference); where one without a number or a time is met, which GuardDuty does not
//! give, the bands prove nothing, and everything is read along the one list of the first page. To meet it, the first pages of
//! everything are looked at: the worst, and where bands are parted by time, the newest.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_guardduty::types::{Condition, FindingCriteria};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::bands::{Band, bands};
use super::calls::{By, LIST, Question, list};
use super::{Gets, circle};
use crate::cloud::errors::CallError;
use crate::cloud::feed::known::Known;
use crate::cloud::feed::source::{Reader, Width};
use crate::cloud::limits::Rank;
use crate::cloud::pages::Pages;
use crate::domain::Time;
use crate::findings::Seen;

/// One detector under way.
struct Whole {
    reader: Arc<Reader>,
    detector: Arc<str>,
    /// Every id that was listed.
    listed: Mutex<HashSet<String>>,
    /// Whether there are findings that are of no band.
    odd: AtomicBool,
}

/// Reads all. An error is one of the first page, before anything was read; later ones are gaps.
pub(super) async fn read(reader: &Arc<Reader>, detector: Arc<str>) -> Result<(), CallError> {
    let whole = Arc::new(Whole {
        reader: Arc::clone(reader),
        detector,
        listed: Mutex::default(),
        odd: AtomicBool::new(false),
    });
    let (mut under_way, token) = if reader.width == Width::Long {
        let mut under_way = whole.bands().await?;
        let (worst, newest) = (whole.first_page(By::Worst), whole.first_page(By::Newest));
        let (moved, (worst, token), (newest, _)) = tokio::join!(whole.check(), worst, newest);
        under_way.extend([moved, worst, newest]);
        (under_way, token)
    } else {
        let first = list(reader, &whole.detector, &Question::default(), None, Rank::LEAD).await?;
        let mut gets = Gets::new(reader, &whole.detector);
        gets.begin("page 1".to_owned(), whole.claim(first.ids), Rank::FOUND, whole.look());
        let Some(token) = first.next_token else {
            gets.end().await;
            return Ok(());
        };
        let mut under_way = whole.bands().await?;
        under_way.push(gets);
        if whole.is_parted() {
            let (moved, (newest, _)) = tokio::join!(whole.check(), whole.first_page(By::Newest));
            under_way.extend([moved, newest]);
        } else {
            under_way.push(whole.check().await);
        }
        (under_way, Some(token))
    };
    for gets in under_way.drain(..) {
        gets.end().await;
    }
    if let Some(token) = token
        && whole.odd.load(Ordering::Relaxed)
    {
        whole.along(token).await.end().await;
    }
    Ok(())
}

impl Whole {
    /// Those of the ids that nobody listed before.
    fn claim(&self, ids: Vec<String>) -> Vec<String> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let new = |id: &String| listed.insert(id.clone());
        ids.into_iter().filter(new).collect()
    }

    /// Looks at findings for those that are of no band.
    fn look(self: &Arc<Self>) -> impl Fn(&[Seen]) + Send + 'static {
        let whole = Arc::clone(self);
        move |found| {
            if found.iter().any(|seen| is_odd(&seen.raw)) {
                whole.odd.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether the long bands are read in parts, by time.
    fn is_parted(&self) -> bool {
        self.reader.width != Width::Narrow
    }

    /// Lists all bands side by side. An error where none of them gave its first page; of some alone it is a gap.
    async fn bands(self: &Arc<Self>) -> Result<Vec<Gets>, CallError> {
        let parted = self.is_parted().then_some(self.reader.started);
        let mut chains = JoinSet::new();
        for band in bands(parted) {
            chains.spawn(Arc::clone(self).chain(band));
        }
        let (mut under_way, mut failed) = (Vec::new(), Vec::new());
        while let Some(ended) = chains.join_next().await {
            match ended {
                Ok(Ok(gets)) => under_way.push(gets),
                Ok(Err(error)) => failed.push(error),
                Err(error) => self.reader.cut_short(Err(error)),
            }
        }
        if under_way.is_empty()
            && self.is_untouched()
            && let Some((_, error)) = failed.pop()
        {
            return Err(error);
        }
        for (page, error) in failed {
            self.reader.gap(LIST, &page, error);
        }
        Ok(under_way)
    }

    fn is_untouched(&self) -> bool {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Lists one band; what is being got of it goes on when that is done. An error is one of its first page.
    async fn chain(self: Arc<Self>, band: Band) -> Result<Gets, (String, CallError)> {
        let mut gets = Gets::new(&self.reader, &self.detector);
        let (mut pages, mut token) = (Pages::default(), None);
        loop {
            let page = format!("page {} of {}", pages.number(), band.name);
            let listed = list(
                &self.reader,
                &self.detector,
                &band.question,
                token.as_deref(),
                band.rank,
            )
            .await;
            let listed = match listed {
                Ok(listed) => listed,
                Err(error) if token.is_none() => return Err((page, error)),
                Err(error) => {
                    self.reader.gap(LIST, &page, error);
                    return Ok(gets);
                }
            };
            gets.begin(page.clone(), self.claim(listed.ids), band.findings, |_| {});
            match pages.next(listed.next_token.as_deref()) {
                Ok(Some(next)) => token = Some(next),
                Ok(None) => return Ok(gets),
                Err(error) => {
                    self.reader.gap(LIST, &page, circle(&error));
                    return Ok(gets);
                }
            }
        }
    }

    /// Lists the first page of everything, for what is of no band; gives where the list goes on.
    async fn first_page(self: &Arc<Self>, by: By) -> (Gets, Option<String>) {
        let mut gets = Gets::new(&self.reader, &self.detector);
        let page = match by {
            By::Worst => "page 1",
            By::Newest => "page 1 of the newest",
        };
        let all = Question { criteria: None, by };
        match list(&self.reader, &self.detector, &all, None, Rank::later(0)).await {
            Ok(listed) => {
                gets.begin(page.to_owned(), self.claim(listed.ids), Rank::FOUND, self.look());
                (gets, listed.next_token)
            }
            Err(error) => {
                self.reader.gap(LIST, page, error);
                (gets, None)
            }
        }
    }

    /// Lists what was updated since a while before the reading began, to its last page: what moved from one band to another may stand
    /// behind any number of those that did not. Clocks differ, and findings may be listed late.
    async fn check(self: &Arc<Self>) -> Gets {
        let since = Known::wide_overlap(self.reader.started).as_millisecond();
        let updated = Condition::builder().greater_than_or_equal(since).build();
        let question = Question {
            criteria: Some(FindingCriteria::builder().criterion("updatedAt", updated).build()),
            by: By::Newest,
        };
        let mut gets = Gets::new(&self.reader, &self.detector);
        let (mut pages, mut token) = (Pages::default(), None);
        loop {
            let page = format!("page {} of what was updated meanwhile", pages.number());
            let rank = Rank::later(0);
            let listed = match list(&self.reader, &self.detector, &question, token.as_deref(), rank).await {
                Ok(listed) => listed,
                Err(error) => {
                    self.reader.gap(LIST, &page, error);
                    return gets;
                }
            };
            gets.begin(page.clone(), self.claim(listed.ids), Rank::FOUND, self.look());
            match pages.next(listed.next_token.as_deref()) {
                Ok(Some(next)) => token = Some(next),
                Ok(None) => return gets,
                Err(error) => {
                    self.reader.gap(LIST, &page, circle(&error));
                    return gets;
                }
            }
        }
    }

    /// Reads everything behind the first page along the one list of everything.
    async fn along(&self, token: String) -> Gets {
        let mut gets = Gets::new(&self.reader, &self.detector);
        let mut pages = Pages::default();
        // The first page's token is the first that must not come again.
        let mut next = pages.next(Some(&token));
        loop {
            let page = format!("page {}", pages.number());
            let token = match next {
                Ok(Some(token)) => token,
                Ok(None) => return gets,
                Err(error) => {
                    self.reader.gap(LIST, &page, circle(&error));
                    return gets;
                }
            };
            let all = Question::default();
            match list(&self.reader, &self.detector, &all, Some(&token), Rank::later(0)).await {
                Ok(listed) => {
                    gets.begin(page, self.claim(listed.ids), Rank::LESS, |_| {});
                    next = pages.next(listed.next_token.as_deref());
                }
                Err(error) => {
                    self.reader.gap(LIST, &page, error);
                    return gets;
                }
            }
        }
    }
}

/// Whether a finding has no number for its severity or no time of its update, so that no condition on them holds for it.
fn is_odd(raw: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Required {
        #[serde(rename = "severity")]
        _severity: f64,
        #[serde(rename = "updatedAt")]
        updated_at: String,
    }
    let read: Result<Required, _> = serde_json::from_slice(raw);
    read.map_or(true, |required| required.updated_at.parse::<Time>().is_err())
}
