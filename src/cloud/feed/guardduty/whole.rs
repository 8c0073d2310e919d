//! GuardDuty read as a whole.
//!
//! The first page is of everything, the worst first. Where there is more, bands of severity are listed side by side, while the
//! findings of the pages that were listed are being got. When all are listed, a page of what was updated last shows whether
//! something fell between the bands while they were read, for a finding that is updated may move from one to another.
//!
//! Owns: the union of the bands. Must never: take the bands for everything where a finding is of no band. `severity` and `updatedAt`
//! are required of a finding ("Finding" in the API reference); where one without a number or a time is met, which GuardDuty does not
//! give, the bands prove nothing, and everything is read along the one list of the first page.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tokio::task::JoinSet;

use super::bands::{Band, bands};
use super::calls::{By, LIST, Question, list};
use super::{Gets, circle};
use crate::cloud::errors::CallError;
use crate::cloud::feed::source::Reader;
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
    let all = Question::default();
    let first = list(reader, &whole.detector, &all, None, Rank::FIRST).await?;
    let mut gets = Gets::new(reader, &whole.detector);
    gets.begin("page 1".to_owned(), whole.claim(first.ids), whole.look());
    let Some(token) = first.next_token else {
        gets.end().await;
        return Ok(());
    };
    let mut chains = JoinSet::new();
    for band in bands(reader.wide.then_some(reader.started)) {
        chains.spawn(Arc::clone(&whole).chain(band));
    }
    let mut under_way = vec![gets];
    while let Some(ended) = chains.join_next().await {
        match ended {
            Ok(gets) => under_way.push(gets),
            Err(error) => reader.cut_short(Err(error)),
        }
    }
    under_way.push(whole.check().await);
    for gets in under_way {
        gets.end().await;
    }
    if whole.odd.load(Ordering::Relaxed) {
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

    /// Lists one band; what is being got of it goes on when that is done.
    async fn chain(self: Arc<Self>, band: Band) -> Gets {
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
                Err(error) => {
                    self.reader.gap(LIST, &page, error);
                    return gets;
                }
            };
            gets.begin(page.clone(), self.claim(listed.ids), |_| {});
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

    /// Lists what was updated last, page by page as long as there is something that no band showed.
    async fn check(self: &Arc<Self>) -> Gets {
        let question = Question {
            criteria: None,
            by: By::Newest,
        };
        let mut gets = Gets::new(&self.reader, &self.detector);
        let (mut pages, mut token) = (Pages::default(), None);
        loop {
            let page = format!("page {} of the newest", pages.number());
            let rank = Rank::later(0);
            let listed = match list(&self.reader, &self.detector, &question, token.as_deref(), rank).await {
                Ok(listed) => listed,
                Err(error) => {
                    self.reader.gap(LIST, &page, error);
                    return gets;
                }
            };
            let new = self.claim(listed.ids);
            if new.is_empty() {
                return gets;
            }
            gets.begin(page.clone(), new, self.look());
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
                    gets.begin(page, self.claim(listed.ids), |_| {});
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
