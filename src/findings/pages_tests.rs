//! Versions of one event with more pages and fewer, in every order.

use super::*;
use crate::findings::index::Index;
use crate::findings::{Seen, event, samples};

fn message(minute: u32, page: u32, of: u32, status: &str) -> Seen {
    let raw = format!(
        r#"{{"detail-type":"AWS Health Event","source":"aws.health","id":"e","account":"111122223333","region":"eu-west-1",
        "time":"2026-03-01T10:{minute:02}:00Z","detail":{{"eventArn":"arn:aws:health:eu-west-1::event/EC2/X/1","service":"EC2",
        "eventTypeCode":"X","eventTypeCategory":"issue","statusCode":"{status}","page":"{page}","totalPages":"{of}"}}}}"#
    );
    Seen::read(bytes::Bytes::from(raw), |raw| event::parse(raw, &samples::place()))
}

/// What is open after these messages, by the page and the minute at which it was told.
fn open(messages: &[Seen]) -> Vec<String> {
    let mut index = Index::new();
    for seen in messages {
        let taken = index.insert(std::sync::Arc::new(seen.finding.clone()));
        for page in over(index.at(taken.slot), |key| index.get(key).map(AsRef::as_ref)) {
            let ended = index.insert(std::sync::Arc::new(page));
            assert!(index.at(ended.slot).archived);
        }
    }
    let mut open: Vec<String> = index.iter().filter(|f| !f.archived).map(|f| f.title.shown()).collect();
    open.sort();
    open
}

const TITLE: &str = "AWS Health, EC2: X";

#[test]
fn a_version_of_fewer_pages_ends_the_others_in_whatever_order_they_come() {
    let old = [
        message(1, 1, 3, "open"),
        message(1, 2, 3, "open"),
        message(1, 3, 3, "open"),
    ];
    assert_eq!(open(&old).len(), 3, "no page of one version ends another");
    for (status, left) in [("closed", vec![]), ("open", vec![TITLE.to_owned()])] {
        let all = [&old[..], &[message(9, 1, 1, status)]].concat();
        for turn in 0..all.len() {
            let mut some = all.clone();
            some.rotate_left(turn);
            assert_eq!(open(&some), left, "{status} {turn}");
            some.reverse();
            assert_eq!(open(&some), left, "{status} {turn} backwards");
            // SQS gives messages twice.
            assert_eq!(open(&[some.clone(), some].concat()), left);
        }
    }
}

#[test]
fn a_page_that_a_still_later_version_has_again_is_open_again() {
    let told = [
        message(1, 2, 2, "open"),
        message(1, 1, 2, "open"),
        message(5, 1, 1, "open"),
        message(9, 1, 2, "open"),
        message(9, 2, 2, "open"),
    ];
    assert_eq!(open(&told[..3]), [TITLE]);
    assert_eq!(open(&told), [TITLE.to_owned(), format!("{TITLE} (page 2)")]);
}

#[test]
fn what_does_not_say_how_many_pages_it_has_ends_none() {
    let mut last = message(9, 1, 1, "closed");
    last.finding.pages = None;
    assert_eq!(open(&[message(1, 2, 2, "open"), last.clone()]).len(), 1);
    last = message(9, 1, 1, "closed");
    last.finding.product = Untrusted::new("acme");
    assert_eq!(open(&[message(1, 2, 2, "open"), last]).len(), 1);
}

/// In the list the number of the page is where the title is cut, so two rows would look alike.
#[test]
fn the_pages_of_one_event_are_one_incident_which_says_why() {
    use crate::findings::incident::{Groups, Incident};
    let (mut index, mut groups) = (Index::new(), Groups::default());
    for page in [2, 1, 3] {
        let taken = index.insert(std::sync::Arc::new(message(1, page, 3, "open").finding));
        groups.follow(&taken, &index);
    }
    groups.settle(&index);
    let all: Vec<_> = groups.all().collect();
    assert_eq!(all.len(), 1);
    let incident: std::sync::Arc<Incident> = groups.incident(all[0], &index);
    let reasons: Vec<String> = incident.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(incident.members.len(), 3);
    assert!(reasons.contains(&"same AWS Health event".to_owned()), "{reasons:?}");
}
