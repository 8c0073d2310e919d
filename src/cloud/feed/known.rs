//! The newest findings of a source, so that a refresh can tell that nothing is new.
//!
//! Owns: a few marks a source, each a time and eight bytes. Must never: say that a listing is known when one of it is not.

use std::collections::HashMap;

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::domain::Time;
use crate::findings::{Finding, Source};

/// A refresh reads at most this much again: findings may be listed later than their time says, and clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);

/// What one finding is remembered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    at: Time,
    /// Of GuardDuty the id, which is what it lists; of Security Hub the content, which is what it gives.
    name: u64,
}

/// The newest findings, the newest first.
#[derive(Clone, Debug)]
pub(super) struct Known {
    source: Source,
    marks: Vec<Mark>,
    /// Whether older ones were left out.
    cut: bool,
}

/// Eight bytes that stand for an id.
pub(super) fn name(id: &str) -> u64 {
    let digest = Sha256::digest(id);
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

impl Known {
    pub fn new(source: Source) -> Self {
        Self {
            source,
            marks: Vec::new(),
            cut: false,
        }
    }

    /// So many are kept: fewer than a page holds, so that an overlap with nothing new is one page.
    fn most(&self) -> usize {
        match self.source {
            Source::GuardDuty | Source::EventBridge => 45,
            Source::SecurityHub => 90,
        }
    }

    fn mark(&self, finding: &Finding) -> Option<Mark> {
        let name = match self.source {
            Source::GuardDuty | Source::EventBridge => name(finding.id.raw()),
            Source::SecurityHub => finding.digest,
        };
        finding.updated_at.map(|at| Mark { at, name })
    }

    /// Takes a finding in. One without a time has no place here; it is read again with everything else.
    pub fn add(&mut self, finding: &Finding) {
        let Some(mark) = self.mark(finding) else { return };
        let full = self.marks.len() >= self.most();
        if full && self.marks.last().is_some_and(|last| last.at > mark.at) {
            self.cut = true;
            return;
        }
        self.marks.retain(|m| m.name != mark.name);
        let place = self.marks.partition_point(|m| m.at > mark.at);
        self.marks.insert(place, mark);
        if self.marks.len() > self.most() {
            self.marks.pop();
            self.cut = true;
        }
    }

    /// Whether this very version of a finding is known.
    pub fn has(&self, finding: &Finding) -> bool {
        self.mark(finding).is_some_and(|mark| self.marks.contains(&mark))
    }

    /// Whether there were more than are kept.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The newest time.
    pub fn newest(&self) -> Option<Time> {
        self.marks.first().map(|m| m.at)
    }

    /// From when on an overlap begins that is not cut to what is known.
    pub fn wide_overlap(until: Time) -> Time {
        until.checked_sub(OVERLAP).unwrap_or(until)
    }

    /// From when on an overlap is known completely; `until` is the newest time that counts.
    pub fn overlap(&self, until: Time) -> Time {
        let mut from = Self::wide_overlap(until);
        if self.cut
            && let Some(oldest) = self.marks.last()
        {
            // Others of the oldest one's millisecond may have been left out; after it, none was.
            let whole = |m: &&Mark| m.at.as_millisecond() > oldest.at.as_millisecond();
            let first_whole = self.marks.iter().rev().find(whole);
            from = from.max(first_whole.map_or(oldest.at, |m| m.at));
        }
        from.min(until)
    }

    /// Whether ids that were listed, newest first, are the known ones from that time on, each in its place by time.
    pub fn lists(&self, from: Time, ids: &[String]) -> bool {
        let inside = |m: &&Mark| m.at.as_millisecond() >= from.as_millisecond();
        let times: HashMap<u64, Time> = self.marks.iter().filter(inside).map(|m| (m.name, m.at)).collect();
        if times.len() != ids.len() {
            return false;
        }
        // Lengths are equal, so an id that stands twice leaves another one out; then its time is missing here.
        let mut left = times;
        let found: Option<Vec<Time>> = ids.iter().map(|id| left.remove(&name(id))).collect();
        found.is_some_and(|times| times.is_sorted_by(|a, b| a >= b))
    }

    /// Forgets those from that time on that were not listed: they are gone, or will be taken in with another time.
    pub fn keep(&mut self, from: Time, listed: &[u64]) {
        self.marks
            .retain(|m| m.at.as_millisecond() < from.as_millisecond() || listed.contains(&m.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Place;
    use crate::findings::guardduty::parse;

    fn finding(id: &str, at: &str) -> Finding {
        let place = Place {
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
        };
        parse(
            format!(r#"{{"id":"{id}","updatedAt":"{at}","severity":2}}"#).as_bytes(),
            &place,
        )
    }

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn known(all: &[(&str, &str)]) -> Known {
        let mut known = Known::new(Source::GuardDuty);
        for (id, at) in all {
            known.add(&finding(id, at));
        }
        known
    }

    fn ids(all: &[&str]) -> Vec<String> {
        all.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_listing_is_known_only_if_nothing_came_went_or_moved() {
        let all = [
            ("a", "2026-03-01T10:00:00Z"),
            ("b", "2026-03-01T09:59:00Z"),
            ("c", "2026-03-01T09:59:00Z"),
            ("old", "2026-03-01T09:00:00Z"),
        ];
        let known = known(&all);
        let from = known.overlap(known.newest().unwrap());
        assert_eq!(from, time("2026-03-01T09:45:00Z"));
        assert!(known.lists(from, &ids(&["a", "b", "c"])));
        assert!(known.lists(from, &ids(&["a", "c", "b"])), "equal times have no order");
        for other in [
            &["a", "b"][..],
            &["a", "b", "c", "d"],
            &["a", "b", "d"],
            &["b", "a", "c"],
            &["a", "b", "b"],
        ] {
            assert!(!known.lists(from, &ids(other)), "{other:?}");
        }
    }

    #[test]
    fn only_so_many_are_kept_and_the_overlap_begins_where_none_was_left_out() {
        let mut known = Known::new(Source::GuardDuty);
        for n in 0..60 {
            known.add(&finding(&format!("{n:02}"), &format!("2026-03-01T10:00:{:02}Z", n / 2)));
        }
        assert_eq!(known.marks.len(), 45);
        // 30 seconds with two each: the 45 newest hold one of second 7 and both of 8.
        let from = known.overlap(known.newest().unwrap());
        assert_eq!(from, time("2026-03-01T10:00:08Z"));
        let newest: Vec<String> = (16..60).rev().map(|n| format!("{n:02}")).collect();
        assert!(known.lists(from, &newest));
    }

    #[test]
    fn an_update_takes_its_old_place_away() {
        let mut known = known(&[("a", "2026-03-01T10:00:00Z"), ("b", "2026-03-01T09:59:00Z")]);
        known.add(&finding("b", "2026-03-01T10:01:00Z"));
        let from = known.overlap(known.newest().unwrap());
        assert!(known.lists(from, &ids(&["b", "a"])));
        known.keep(from, &[name("b")]);
        assert!(known.lists(from, &ids(&["b"])));
    }
}
