//! How much a refresh reads, and what is told of a source.

use super::*;
use crate::findings::Place;
use crate::findings::guardduty::parse;

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn route(source: Source, region: &str) -> Route {
    Route {
        source,
        via: "111122223333".parse().unwrap(),
        region: region.parse().unwrap(),
    }
}

fn finding(id: &str, at: &str) -> crate::findings::Finding {
    let place = Place {
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    };
    parse(format!(r#"{{"id":"{id}","updatedAt":"{at}"}}"#).as_bytes(), &place)
}

/// Everything was read, and the detector is on.
fn read_all(memory: &mut Memory, known: Known, at: Time) {
    memory.learn(End::Complete, known.clone(), at, Scope::All);
    memory.switched(Some(Switch::On));
    memory.learn(End::Complete, known, at, Scope::Switch);
}

fn known(at: &str) -> Known {
    let mut known = Known::new(Source::GuardDuty);
    known.add(&finding("a", at));
    known
}

const NOON: &str = "2026-03-01T12:00:00Z";

#[test]
fn two_ways_to_ask_take_turns_and_what_failed_is_asked_again() {
    let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
    let one = time("2026-03-01T13:00:00Z");
    assert_eq!(memory.scope(one), Scope::All);
    read_all(&mut memory, known(NOON), one);
    for _ in 0..2 {
        let from = memory.scope(one);
        assert_eq!(from, Scope::From(time("2026-03-01T11:45:00Z")));
        memory.learn(End::Complete, known(NOON), one, from);
        let after = memory.scope(one);
        assert_eq!(after, Scope::After(time(NOON)));
        memory.learn(End::Complete, known(NOON), one, after);
    }
    let from = memory.scope(one);
    let told = memory.learn(End::Partial("no answer".to_owned()), known(NOON), one, from);
    assert_eq!(told.0, CoverageState::Stale);
    assert_eq!(memory.scope(one), from, "nothing was left out for good");
    // Where everything was to be read, something was.
    let due = time("2026-03-01T14:00:00Z");
    assert_eq!(memory.scope(due), Scope::All);
    let failed = End::Refused("not you".to_owned());
    memory.learn(failed, known(NOON), due, Scope::All);
    assert_eq!(memory.scope(one), Scope::All);
    read_all(&mut memory, known(NOON), one);
    assert_ne!(memory.scope(one), Scope::All);
}

#[test]
fn detectors_are_listed_again_after_a_failure_and_others_are_read_whole() {
    let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
    let one = time("2026-03-01T13:00:00Z");
    let ids = |all: &[&str]| all.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(memory.detectors(), None);
    memory.listed(ids(&["b", "a"]));
    read_all(&mut memory, known(NOON), one);
    assert_eq!(memory.detectors(), Some(ids(&["a", "b"]).as_slice()));
    let scope = memory.scope(one);
    let fail = |memory: &mut Memory| {
        memory.learn(End::Partial("no answer".to_owned()), known(NOON), one, scope);
        assert_eq!(memory.detectors(), None);
    };
    fail(&mut memory);
    assert!(memory.listed(ids(&["a", "b"])));
    assert_eq!(memory.scope(one), scope);
    fail(&mut memory);
    assert!(!memory.listed(ids(&["a", "c"])));
    assert_eq!((memory.scope(one), memory.has_gap()), (Scope::All, true));
}

#[test]
fn what_a_detector_said_last_holds_until_it_answers_again() {
    let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
    let (noon, later) = (time(NOON), time("2026-03-01T13:00:00Z"));
    let all = |memory: &mut Memory, at: Time| {
        assert_eq!(memory.scope(at), Scope::All);
        memory.switched(None);
        let told = memory.learn(End::Complete, known(NOON), at, Scope::All).0;
        assert!(memory.owes_switch());
        // Before anything else, even where everything is to be read again.
        assert_eq!(memory.scope(later), Scope::Switch);
        told
    };
    let says = |memory: &mut Memory, switch: Switch| {
        memory.switched(Some(switch));
        let told = memory.learn(End::Complete, known(NOON), noon, Scope::Switch).0;
        assert!(!memory.owes_switch());
        told
    };
    let off = || Switch::Off("It is suspended.".to_owned());
    assert_eq!(all(&mut memory, noon), CoverageState::Complete);
    assert_eq!(says(&mut memory, off()), CoverageState::Disabled);
    assert_eq!(all(&mut memory, later), CoverageState::Disabled);
    assert_eq!(says(&mut memory, Switch::On), CoverageState::Complete);
    let later = time("2026-03-01T14:00:00Z");
    assert_eq!(memory.scope(later), Scope::All);
    memory.switched(None);
    memory.learn(End::Complete, known(NOON), later, Scope::All);
    assert_eq!(says(&mut memory, off()), CoverageState::Stale);
    // A call that was not made leaves the question open.
    memory.switched(None);
    memory.learn(End::Complete, known(NOON), later, Scope::All);
    memory.switched(None);
    memory.learn(End::Partial("no session".to_owned()), known(NOON), later, Scope::Switch);
    assert!(memory.owes_switch());
}

#[test]
fn what_was_asked_beside_the_lists_is_not_asked_again() {
    let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
    memory.switched(Some(Switch::On));
    let told = memory.learn(End::Complete, known(NOON), time(NOON), Scope::All);
    assert_eq!(told.0, CoverageState::Complete);
    assert!(!memory.owes_switch());
}

#[test]
fn every_tenth_refresh_goes_back_a_quarter_of_an_hour_however_much_was_updated() {
    let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
    let one = time("2026-03-01T13:00:00Z");
    let mut many = Known::new(Source::GuardDuty);
    for n in 0..60 {
        many.add(&finding(&format!("f-{n}"), &format!("2026-03-01T12:59:{n:02}Z")));
    }
    read_all(&mut memory, many.clone(), one);
    let scopes: Vec<Scope> = (0..20)
        .map(|_| {
            let scope = memory.scope(one);
            memory.learn(End::Complete, many.clone(), one, scope);
            scope
        })
        .collect();
    let whole = Scope::Again(time("2026-03-01T12:44:59Z"));
    let places: Vec<usize> = (0..20).filter(|n| scopes[*n] == whole).collect();
    assert_eq!(places, [9, 19], "{scopes:?}");
}

/// What was dated before the newest and is listed late has been listed a quarter of an hour after it.
#[test]
fn the_order_is_trusted_once_all_was_got_a_while_after_the_newest() {
    for (first, again) in [("12:05", true), ("12:15", true), ("12:16", false), ("13:00", false)] {
        let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
        let first = time(&format!("2026-03-01T{first}:00Z"));
        read_all(&mut memory, known(NOON), first);
        let mut tenths = Vec::new();
        for minutes in [1, 12, 13] {
            let at = first.checked_add(SignedDuration::from_mins(minutes)).unwrap();
            for _ in 0..9 {
                let scope = memory.scope(at);
                memory.learn(End::Complete, known(NOON), at, scope);
            }
            let tenth = memory.scope(at);
            memory.learn(End::Complete, known(NOON), at, tenth);
            assert_ne!(memory.scope(at), Scope::From(time(NOON)));
            tenths.push(matches!(tenth, Scope::Again(_)));
        }
        let late = first > time("2026-03-01T12:10:00Z");
        assert_eq!(tenths, [again, again && !late, false], "{first}");
    }
}

#[test]
fn a_finding_from_the_future_does_not_move_the_mark() {
    let mut memory = Memory::new(&route(Source::GuardDuty, "us-east-1"));
    read_all(&mut memory, known("2031-01-01T00:00:00Z"), time(NOON));
    assert_eq!(memory.scope(time(NOON)), Scope::From(time("2026-03-01T11:45:00Z")));
}

#[test]
fn all_is_read_again_within_the_hour_and_not_everywhere_at_once() {
    let mut minutes = std::collections::BTreeSet::new();
    for region in ["us-east-1", "us-east-2", "eu-west-1", "eu-west-2", "ap-northeast-2"] {
        let mut memory = Memory::new(&route(Source::GuardDuty, region));
        read_all(&mut memory, known(NOON), time(NOON));
        let due = |minutes: i64| time(NOON).checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let first = (0..=60).find(|m| memory.scope(due(*m)) == Scope::All).unwrap();
        assert!(first >= 30, "{first}");
        minutes.insert(first);
        read_all(&mut memory, known(NOON), due(first));
        assert_ne!(memory.scope(due(first + 59)), Scope::All);
        assert_eq!(memory.scope(due(first + 60)), Scope::All);
        assert_eq!(memory.scope(due(first - 1)), Scope::All, "a clock that went back");
    }
    assert!(minutes.len() > 2, "{minutes:?}");
}
