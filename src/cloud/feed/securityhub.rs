//! Security Hub: one call, sorted by severity, page by page, and along two lists where there is more than a page.
//!
//! `GetFindings` may be called 3 times a second after 6 at once, so a long list is bound by that and not by the latency. A list of some
//! pages is not: two lists side by side take half the time. They are those of the labels critical, high and medium, and of all that is
//! *not equal* to these, which is the rest whatever it is: conditions that exclude hold for a finding without a label, too. Numbers
//! would not do: Security Hub fills in `Normalized` where a product gave a label, but nothing says that it always did. A hub that is
//! taken for long from the start is read along the two lists, which saves a call and the wait for it; the second begins when the first
//! page of what is worst is there.
//!
//! Owns: the call. Must never: take a hub that is not enabled for one without findings.

use std::collections::HashSet;
use std::sync::Arc;

use aws_sdk_securityhub::config::retry::RetryConfig;
use aws_sdk_securityhub::config::{Config, Region};
use aws_sdk_securityhub::types::{
    AwsSecurityFindingFilters, DateFilter, SortCriterion, SortOrder, StringFilter, StringFilterComparison,
};
use jiff::SignedDuration;
use serde::Deserialize;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::memory::Scope;
use super::source::{End, Reader, Sent, Width, page};
use crate::cloud::capture::Capture;
use crate::cloud::errors::CallError;
use crate::cloud::limits::{Rank, Turn};
use crate::cloud::pages::Pages;
use crate::domain::Time;
use crate::findings::Seen;
use crate::findings::asff::parse;
use crate::findings::page::securityhub_page;
use crate::findings::version::Told;

const CALL: &str = "securityhub:GetFindings";
/// The most that a page holds (API reference).
const PAGE: i32 = 100;
/// A source's first page may hold little, the next ones are full.
const FULL: usize = 100;
/// The last look goes back this long before the reading began: clocks differ, and findings may be listed late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);
/// A date range needs an end; findings may be dated by a clock that is ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// The labels of the first of two lists.
const UPPER: [&str; 3] = ["CRITICAL", "HIGH", "MEDIUM"];

/// What is asked for, and in what order.
#[derive(Clone, Debug)]
struct Question {
    /// As a gap names it; empty for everything.
    name: &'static str,
    filters: Option<AwsSecurityFindingFilters>,
    by: &'static str,
    rank: Rank,
}

/// A page.
struct Answer {
    findings: Vec<Seen>,
    next: Option<String>,
    turn: Turn,
}

/// Reads every finding, or those updated since, the most severe first.
pub(super) async fn read(reader: &Arc<Reader>) -> End {
    if reader.scope == Scope::All && reader.width == Width::Long {
        return Box::pin(at_once(reader)).await;
    }
    let question = match reader.scope {
        // A hub is there or not, and its findings say which: `memory` never asks for its switch.
        Scope::All | Scope::Switch => Question {
            name: "",
            filters: None,
            by: "SeverityNormalized",
            rank: Rank::FIRST,
        },
        Scope::From(time) | Scope::Again(time) | Scope::After(time) => Question {
            name: "",
            filters: Some(since(reader, time)),
            by: "UpdatedAt",
            rank: Rank::FIRST,
        },
    };
    let expected = &reader.cloud.limits.first_page;
    let first = match get(reader, &question, None, expected.units()).await {
        Ok(found) => {
            expected.learn(reader.cloud.limits.securityhub.units(found.findings.len()));
            found
        }
        Err(error) => return stopped(reader, &error),
    };
    let digests: HashSet<u64> = first.findings.iter().map(|seen| seen.finding.digest).collect();
    let next = first.next.clone();
    hand_over(reader, first, |_| true).await;
    let Some(token) = next else { return End::Complete };
    if reader.scope == Scope::All && reader.width > Width::Narrow {
        for error in Box::pin(two_lists(reader, digests, Start::Together)).await {
            reader.gap(CALL, "page 1 of a part", error);
        }
    } else {
        // A list that is gone on with has its first page.
        let _ = Box::pin(chain(Arc::clone(reader), question, Some(token), Arc::default(), None)).await;
    }
    if reader.scope == Scope::All {
        Box::pin(last_look(reader)).await;
    }
    End::Complete
}

/// Reads everything along two lists from the start.
async fn at_once(reader: &Arc<Reader>) -> End {
    match Box::pin(two_lists(reader, HashSet::new(), Start::UpperFirst))
        .await
        .as_slice()
    {
        [] => {
            Box::pin(last_look(reader)).await;
            End::Complete
        }
        // The other list was answered, so the hub is not simply off.
        [error] => reader.stopped(1, error),
        [error, ..] => stopped(reader, error),
    }
}

/// The end of a first page that failed.
fn stopped(reader: &Reader, error: &CallError) -> End {
    if error.is_hub_off() {
        return End::Disabled(format!("Security Hub is not enabled here: {}", error.message));
    }
    reader.stopped(1, error)
}

/// When the second of two lists begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Together,
    /// When the first page of the upper one is there: nothing of what is critical waits then while pages of what is not are taken in.
    UpperFirst,
}

/// Reads everything anew along two lists; what a first page had is not handed over twice. Gives the errors of the lists' own first
/// pages.
async fn two_lists(reader: &Arc<Reader>, first: HashSet<u64>, start: Start) -> Vec<CallError> {
    let (first, mut chains) = (Arc::new(first), JoinSet::new());
    // Nothing is sent: whoever waits goes on when the other end is dropped, which is now where both begin together.
    let (begun, upper) = oneshot::channel::<()>();
    let begun = Some(begun).filter(|_| start == Start::UpperFirst);
    let (equals, differs) = (StringFilterComparison::Equals, StringFilterComparison::NotEquals);
    for (name, comparison, rank, begun, waits) in [
        (" of medium and above", equals, Rank::later(1), begun, None),
        (" of the rest", differs, Rank::later(3), None, Some(upper)),
    ] {
        let labels = UPPER.map(|label| {
            let filter = StringFilter::builder().value(label).comparison(comparison.clone());
            filter.build()
        });
        let filters = AwsSecurityFindingFilters::builder().set_severity_label(Some(labels.to_vec()));
        let question = Question {
            name,
            filters: Some(filters.build()),
            by: "SeverityNormalized",
            rank,
        };
        let (reader, first) = (Arc::clone(reader), Arc::clone(&first));
        chains.spawn(async move {
            if let Some(upper) = waits {
                let _ = upper.await;
            }
            chain(reader, question, None, first, begun).await
        });
    }
    let mut failed = Vec::new();
    while let Some(ended) = chains.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => failed.push(error),
            Err(error) => reader.cut_short(Err(error)),
        }
    }
    failed
}

/// Looks at the newest once more, to the end of what was updated since a while before the reading began. A finding that was updated
/// meanwhile may have moved in the list, or from one list to the other, behind the reader's back. Clocks differ, so what was handed
/// over already is handed over again rather than told apart by its time.
async fn last_look(reader: &Reader) {
    let newest = Question {
        name: " of the newest",
        filters: None,
        by: "UpdatedAt",
        rank: Rank::later(1),
    };
    let since = reader.started.checked_sub(OVERLAP).unwrap_or(reader.started);
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let page = format!("page {}{}", pages.number(), newest.name);
        let found = match Box::pin(get(reader, &newest, token, full(reader))).await {
            Ok(found) => found,
            Err(error) => return reader.gap(CALL, &page, error),
        };
        let older = found
            .findings
            .iter()
            .rev()
            .find_map(updated)
            .is_some_and(|at| at < since);
        let next = found.next.clone();
        hand_over(reader, found, |_| true).await;
        if older {
            return;
        }
        match pages.next(next.as_deref()) {
            Ok(Some(next)) => token = Some(next),
            Ok(None) => return,
            Err(circle) => return reader.gap(CALL, &page, CallError::malformed(CALL, circle.to_string())),
        }
    }
}

/// The time that Security Hub sorts by. Absent where it cannot be read: what is shown in its place says nothing of where the finding
/// stands in the list, nor of what comes behind it.
fn updated(seen: &Seen) -> Option<Time> {
    #[derive(Deserialize)]
    struct Dated {
        #[serde(rename = "UpdatedAt")]
        updated_at: String,
    }
    let read: Dated = serde_json::from_slice(&seen.raw).ok()?;
    read.updated_at.parse().ok()
}

/// Reads one list to its end, without what was handed over already. An error is one of its first page; later ones are gaps. `begun` is
/// dropped when its first page is there, or does not come.
async fn chain(
    reader: Arc<Reader>,
    question: Question,
    mut token: Option<String>,
    had: Arc<HashSet<u64>>,
    mut begun: Option<oneshot::Sender<()>>,
) -> Result<(), CallError> {
    let mut pages = Pages::default();
    if let Some(first) = &token {
        // The first page's token is the first that must not come again.
        let _ = pages.next(Some(first));
    }
    loop {
        let page = format!("page {}{}", pages.number(), question.name);
        let begins = token.is_none();
        let found = match Box::pin(get(&reader, &question, token, full(&reader))).await {
            Ok(found) => found,
            Err(error) if begins => return Err(error),
            Err(error) => {
                reader.gap(CALL, &page, error);
                return Ok(());
            }
        };
        begun.take();
        let next = found.next.clone();
        hand_over(&reader, found, |seen| !had.contains(&seen.finding.digest)).await;
        match pages.next(next.as_deref()) {
            Ok(Some(next)) => token = Some(next),
            Ok(None) => return Ok(()),
            Err(circle) => {
                reader.gap(CALL, &page, CallError::malformed(CALL, circle.to_string()));
                return Ok(());
            }
        }
    }
}

/// Hands over those of a page that are wanted; of a refresh, those that are not known as they are.
async fn hand_over(reader: &Reader, page: Answer, wanted: impl Fn(&Seen) -> bool) {
    let Answer { mut findings, turn, .. } = page;
    let refresh = reader.scope != Scope::All;
    findings.retain(|seen| wanted(seen) && !(refresh && reader.known.has(&seen.finding)));
    reader.found(findings, turn).await;
}

fn since(reader: &Reader, time: Time) -> AwsSecurityFindingFilters {
    let until = reader.started.checked_add(AHEAD).unwrap_or(reader.started);
    let range = DateFilter::builder()
        .start(format!("{time:.3}"))
        .end(format!("{until:.3}"))
        .build();
    AwsSecurityFindingFilters::builder().updated_at(range).build()
}

/// What a full page weighs.
fn full(reader: &Reader) -> usize {
    reader.cloud.limits.securityhub.units(FULL)
}

async fn get(reader: &Reader, question: &Question, token: Option<String>, units: usize) -> Result<Answer, CallError> {
    let order = SortCriterion::builder()
        .field(question.by)
        .sort_order(SortOrder::Descending)
        .build();
    let send = || -> Sent<'_, (Vec<Seen>, Option<String>)> {
        let (capture, asked) = (Capture::default(), Told::read(reader.cloud.now()));
        let config = Config::builder().region(Region::new(reader.place.region.to_string()));
        let call = reader
            .session
            .securityhub()
            .get_findings()
            .set_filters(question.filters.clone())
            .sort_criteria(order.clone())
            .max_results(PAGE)
            .set_next_token(token.clone())
            .customize()
            .config_override(config.retry_config(RetryConfig::disabled()))
            .interceptor(capture.clone());
        // Boxed by itself, for a call with its filters is large, and it would be held twice.
        let sent = Box::pin(call.send());
        Box::pin(async move {
            let failed = sent.await.err().map(|e| CallError::from_sdk(CALL, &e));
            page(&capture, failed, CALL, |body| {
                let page = securityhub_page(body)?;
                let raws = page.findings.iter().map(|raw| body.slice_ref(raw));
                let seen = raws.map(|raw| Seen::read(raw, |raw| parse(raw, &reader.place)).told(asked));
                Ok((seen.collect(), page.next_token.clone()))
            })
        })
    };
    let ((findings, next), turn) = reader.ask(CALL, question.rank, units, send).await?;
    let bytes = findings.iter().map(|seen| seen.raw.len()).sum();
    reader.cloud.limits.securityhub.learn(findings.len(), bytes);
    Ok(Answer { findings, next, turn })
}
