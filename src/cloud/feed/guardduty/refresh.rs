//! GuardDuty's refresh: what was updated since.
//!
//! Owns: the decision that a listing needs no findings got. See `memory` for why there are two ways to ask.

use std::sync::Arc;

use aws_sdk_guardduty::types::{Condition, FindingCriteria};

use super::calls::{By, LIST, Question, list};
use super::{Gets, circle};
use crate::cloud::errors::CallError;
use crate::cloud::feed::known::name;
use crate::cloud::feed::source::Reader;
use crate::cloud::limits::Rank;
use crate::cloud::pages::Pages;
use crate::domain::Time;

/// Reads what was updated at that time or later, unless it is what is `known` from a time on.
pub(super) async fn from(
    reader: &Arc<Reader>,
    detector: &Arc<str>,
    time: Time,
    known: Option<Time>,
) -> Result<(), CallError> {
    let condition = Condition::builder().greater_than_or_equal(time.as_millisecond());
    let listed = read(reader, detector, condition.build(), known).await?;
    if let Some(listed) = listed {
        let names: Vec<u64> = listed.iter().map(|id| name(id)).collect();
        reader.learn(|known| known.keep(time, &names));
    }
    Ok(())
}

/// Reads what was updated later than that.
pub(super) async fn after(reader: &Arc<Reader>, detector: &Arc<str>, time: Time) -> Result<(), CallError> {
    let condition = Condition::builder().greater_than(time.as_millisecond());
    read(reader, detector, condition.build(), None).await?;
    Ok(())
}

/// Gives what was listed, where it all was and is not simply what is `known` from a time on.
async fn read(
    reader: &Arc<Reader>,
    detector: &Arc<str>,
    updated: Condition,
    known: Option<Time>,
) -> Result<Option<Vec<String>>, CallError> {
    let question = Question {
        criteria: Some(FindingCriteria::builder().criterion("updatedAt", updated).build()),
        by: By::Newest,
    };
    let (mut pages, mut token, mut gets) = (Pages::default(), None, Gets::new(reader, detector));
    let mut all: Vec<String> = Vec::new();
    loop {
        let number = pages.number();
        let listed = match list(reader, detector, &question, token.as_deref(), Rank::FIRST).await {
            Ok(listed) => listed,
            Err(error) if number == 1 => return Err(error),
            Err(error) => {
                reader.gap(LIST, &format!("page {number} of what is new"), error);
                break;
            }
        };
        let only = number == 1 && listed.next_token.is_none();
        if only && known.is_some_and(|time| reader.known.lists(time, &listed.ids)) {
            return Ok(None);
        }
        all.extend(listed.ids.iter().cloned());
        gets.begin(format!("page {number} of what is new"), listed.ids, Rank::FOUND, |_| {});
        match pages.next(listed.next_token.as_deref()) {
            Ok(Some(next)) => token = Some(next),
            Ok(None) => {
                gets.end().await;
                return Ok(Some(all));
            }
            Err(error) => {
                reader.gap(LIST, &format!("page {number} of what is new"), circle(&error));
                break;
            }
        }
    }
    gets.end().await;
    Ok(None)
}
