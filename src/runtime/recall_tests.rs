//! What is shown of the cache, and what becomes of it when AWS has answered.

use bytes::Bytes;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::*;
use crate::findings::cache::Batch;
use crate::findings::{Place, Seen, guardduty};

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn row(region: &str, state: CoverageState) -> Coverage {
    Coverage {
        account: "222222222222".parse().unwrap(),
        region: region.parse().unwrap(),
        source: Source::GuardDuty,
        state,
        via: None,
        error: None,
    }
}

fn route() -> Route {
    Route {
        source: Source::GuardDuty,
        via: "222222222222".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    }
}

fn here() -> Vec<(AccountId, Region)> {
    vec![(route().via, route().region)]
}

fn seen(id: &str, severity: u8) -> Seen {
    let at = Place {
        account: "222222222222".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    };
    let raw = format!(
        r#"{{"id":"{id}","accountId":"222222222222","region":"us-east-1","type":"T:EC2/X","severity":{severity},"title":"{id}"}}"#
    );
    Seen::read(Bytes::from(raw), |raw| guardduty::parse(raw, &at))
}

async fn findings_in(told: &mut UnboundedReceiver<Event>, count: usize) -> Vec<Arc<Finding>> {
    let mut all = Vec::new();
    while all.len() < count {
        match told.recv().await.unwrap() {
            Event::Findings(page) => all.extend(page),
            other => panic!("{other:?}"),
        }
    }
    all
}

#[tokio::test]
async fn the_cache_is_shown_as_stale_and_then_caught_up_with() {
    let (before, now) = (time("2026-03-01T11:48:00Z"), time("2026-03-01T12:00:00Z"));
    let cache = Arc::new(Cache::private(before).unwrap());
    cache.keep(Batch::of(&[seen("low", 2), seen("high", 8)]), before);
    cache.cover(&row("us-east-1", CoverageState::Complete), before);
    cache.cover(&row("eu-west-1", CoverageState::Refused), before);
    let (tell, mut told) = mpsc::unbounded_channel();

    let mut recall = Recall::begin(Arc::clone(&cache), Scope::default(), now, &tell).await;
    for expected in [
        "From the cache: refused, read 12 minutes ago.",
        "From the cache: complete, read 12 minutes ago.",
    ] {
        let Some(Event::Coverage(row)) = told.recv().await else {
            panic!("the rows come first");
        };
        assert_eq!(
            (row.state, row.error.as_deref()),
            (CoverageState::Stale, Some(expected))
        );
    }
    let shown = findings_in(&mut told, 2).await;
    let titles: Vec<&str> = shown.iter().map(|f| f.title.raw()).collect();
    assert_eq!(titles, ["high", "low"], "the worst first");

    // AWS still has the one; the other is not there any more.
    recall.found(vec![seen("high", 8)], now).await;
    assert_eq!(findings_in(&mut told, 1).await[0].title.raw(), "high");
    recall.begins(route()).await;
    recall.covered(row("us-east-1", CoverageState::Complete), now).await;
    assert!(told.try_recv().is_err(), "what was not read whole hides nothing");
    recall.whole(&route(), here(), now).await;
    let gone = findings_in(&mut told, 1).await;
    assert_eq!((gone[0].key(), gone[0].archived), (shown[1].key(), true));
    assert_ne!(gone[0].digest, shown[1].digest, "it takes the place of what was shown");
    assert!(gone[0].doubts.last().unwrap().contains("not there any more"));
    // An hour later all is read again, and the other is gone too, but not along another route that saw it.
    let other = Route {
        via: "333333333333".parse().unwrap(),
        ..route()
    };
    let seen_there = || [vec![(other.via, other.region.clone())], here()].concat();
    recall.begins(other.clone()).await;
    recall.whole(&other, seen_there(), now).await;
    recall.begins(route()).await;
    recall.whole(&route(), here(), now).await;
    assert!(told.try_recv().is_err());
    recall.begins(other.clone()).await;
    recall.whole(&other, seen_there(), now).await;
    assert_eq!(findings_in(&mut told, 1).await[0].key(), shown[0].key());

    let unspoken = recall.unspoken(false).await;
    let [Event::Coverage(row)] = &unspoken[..] else {
        panic!("one row: {unspoken:?}");
    };
    assert_eq!((row.region.as_str(), row.state), ("eu-west-1", CoverageState::Stale));
    assert!(row.error.as_ref().unwrap().contains("no way leads there"));
    assert!(recall.unspoken(false).await.is_empty());
}

/// Discovery may name a place while the route that shows it is read again, or after that has failed.
#[tokio::test]
async fn a_place_that_is_told_late_goes_by_the_last_read_that_ended() {
    let now = time("2026-03-01T12:00:00Z");
    let cache = Arc::new(Cache::private(now).unwrap());
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut recall = Recall::begin(cache, Scope::default(), now, &tell).await;
    let administrator = Route {
        via: "333333333333".parse().unwrap(),
        ..route()
    };
    let own = vec![(administrator.via, administrator.region.clone())];
    recall.begins(administrator.clone()).await;
    recall.found(vec![seen("high", 8)], now).await;
    recall.whole(&administrator, own, now).await;
    assert_eq!(findings_in(&mut told, 1).await[0].title.raw(), "high");
    recall.begins(administrator.clone()).await;
    recall.whole(&administrator, here(), now).await;
    assert!(told.try_recv().is_err(), "the second read has not ended");
}

/// The places of the rows that stay and of those that go, where a whole round spoke of no row of the cache.
async fn unspoken(all_named: bool) -> (Vec<String>, Vec<String>) {
    let now = time("2026-03-01T12:00:00Z");
    let cache = Arc::new(Cache::private(now).unwrap());
    cache.keep(Batch::of(&[seen("kept", 8)]), now);
    cache.cover(&row("us-east-1", CoverageState::Complete), now);
    cache.cover(&row("eu-west-1", CoverageState::Refused), now);
    let (tell, _told) = mpsc::unbounded_channel();
    let mut recall = Recall::begin(Arc::clone(&cache), Scope::default(), now, &tell).await;
    let (mut stay, mut go) = (Vec::new(), Vec::new());
    for event in recall.unspoken(all_named).await {
        match event {
            Event::Coverage(row) => stay.push(row.region.to_string()),
            Event::Uncovered(place, _) => go.push(place.region.to_string()),
            other => panic!("{other:?}"),
        }
    }
    (stay, go)
}

#[tokio::test]
async fn a_row_where_no_way_leads_goes_unless_something_is_shown_of_it() {
    let here = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(unspoken(true).await, (here(&["us-east-1"]), here(&["eu-west-1"])));
    // Where accounts or regions may be missing that nobody named, this may be one of them.
    let both = here(&["eu-west-1", "us-east-1"]);
    assert_eq!(unspoken(false).await, (both, Vec::new()));
}

#[tokio::test]
async fn what_arrived_since_the_start_is_not_told_twice() {
    let now = time("2026-03-01T12:00:00Z");
    let cache = Arc::new(Cache::private(now).unwrap());
    let (tell, mut told) = mpsc::unbounded_channel();
    let recall = Recall::begin(cache, Scope::default(), now, &tell).await;
    recall.found(vec![seen("fresh", 8)], now).await;
    drop((recall, tell));
    assert_eq!(findings_in(&mut told, 1).await[0].title.raw(), "fresh");
    assert!(told.recv().await.is_none());
}

#[tokio::test]
async fn a_clock_that_goes_back_hides_nothing() {
    let (now, back) = (time("2026-03-01T12:00:00Z"), time("2026-02-28T12:00:00Z"));
    let cache = Arc::new(Cache::private(now).unwrap());
    cache.keep(Batch::of(&[seen("gone", 5)]), now);
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut recall = Recall::begin(Arc::clone(&cache), Scope::default(), now, &tell).await;
    assert_eq!(findings_in(&mut told, 1).await[0].title.raw(), "gone");
    recall.found(vec![seen("there", 8)], back).await;
    assert_eq!(findings_in(&mut told, 1).await[0].title.raw(), "there");
    recall.begins(route()).await;
    recall.whole(&route(), here(), back).await;
    let gone = findings_in(&mut told, 1).await;
    assert_eq!((gone[0].title.raw(), gone[0].archived, gone.len()), ("gone", true, 1));
    assert!(told.try_recv().is_err(), "what was read after the start is there");
}

#[tokio::test]
async fn events_that_another_console_took_out_of_the_queue_are_told() {
    let now = time("2026-03-01T12:00:00Z");
    let cache = Arc::new(Cache::private(now).unwrap());
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut recall = Recall::begin(Arc::clone(&cache), Scope::default(), now, &tell).await;
    let at = Place {
        account: route().via,
        region: route().region,
    };
    let raw = r#"{"detail-type":"Outage","source":"acme.pay","id":"e-1","account":"222222222222","region":"us-east-1",
        "time":"2026-03-01T02:05:00Z","detail":{"title":"Payments stopped","severity":"critical"}}"#;
    let event = crate::findings::event::read(&Bytes::from(raw), &at).unwrap();
    // Its clock is behind, and the page beside it is the API's, which each console reads for itself.
    cache.keep(Batch::of(&event), time("2026-02-01T12:00:00Z"));
    cache.keep(Batch::of(&[seen("other", 8)]), now);
    recall.others().await;
    assert_eq!(findings_in(&mut told, 1).await[0].title.raw(), "Payments stopped");
    recall.others().await;
    assert!(told.try_recv().is_err(), "once");
}

#[tokio::test]
async fn what_the_cache_could_not_take_in_is_not_said_to_be_gone() {
    let now = time("2026-03-01T12:00:00Z");
    let cache = Arc::new(Cache::private(now).unwrap());
    cache.keep(Batch::of(&[seen("low", 2), seen("high", 8)]), now);
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut recall = Recall::begin(Arc::clone(&cache), Scope::default(), now, &tell).await;
    findings_in(&mut told, 2).await;
    recall.begins(route()).await;
    // The disk is full for a moment; the page is shown all the same.
    cache.limit(1);
    let large = seen(&"x".repeat(400_000), 5);
    recall.found(vec![seen("high", 8), large], now).await;
    assert_eq!(findings_in(&mut told, 2).await[0].title.raw(), "high");
    recall.whole(&route(), here(), now).await;
    cache.limit(100_000);
    let mut said: Vec<String> = cache.trouble().into_iter().collect();
    while let Ok(event) = told.try_recv() {
        match event {
            Event::Failed(why) => said.push(why),
            other => panic!("{other:?}"),
        }
    }
    assert!(said[0].contains("full"), "{said:?}");
    // An hour later everything is read again, and kept.
    recall.begins(route()).await;
    recall.found(vec![seen("high", 8)], now).await;
    findings_in(&mut told, 1).await;
    recall.whole(&route(), here(), now).await;
    let gone = findings_in(&mut told, 1).await;
    assert_eq!((gone[0].title.raw(), gone.len()), ("low", 1));
}

#[test]
fn ages_are_told_in_the_largest_whole_unit() {
    let now = time("2026-03-10T12:00:00Z");
    for (at, told) in [
        ("2026-03-10T12:00:30Z", "less than a minute ago"),
        ("2026-03-10T11:59:00Z", "1 minute ago"),
        ("2026-03-10T10:00:00Z", "2 hours ago"),
        ("2026-03-01T12:00:00Z", "9 days ago"),
    ] {
        assert_eq!(ago(time(at), now), told);
    }
}

#[tokio::test]
async fn accounts_are_named_before_the_first_finding_of_the_cache() {
    let now = time("2026-03-01T12:00:00Z");
    let cache = Arc::new(Cache::private(now).unwrap());
    cache.keep(Batch::of(&[seen("high", 8)]), now);
    let (tell, mut told) = mpsc::unbounded_channel();
    let first = Recall::begin(Arc::clone(&cache), Scope::default(), now, &tell).await;
    findings_in(&mut told, 1).await;
    let names = vec![(route().via, Untrusted::new("acme-prod"))];
    first.named(&names);
    let _next = Recall::begin(cache, Scope::default(), now, &tell).await;
    match told.recv().await.unwrap() {
        Event::Accounts(accounts) => assert_eq!(accounts, names),
        other => panic!("{other:?}"),
    }
    findings_in(&mut told, 1).await;
}

/// A hub is read by itself until it is known who shows it. What it saw then must not keep its findings for ever.
#[tokio::test]
async fn a_route_that_gave_way_keeps_nothing_from_being_gone() {
    let now = time("2026-03-01T12:00:00Z");
    let cache = Arc::new(Cache::private(now).unwrap());
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut recall = Recall::begin(cache, Scope::default(), now, &tell).await;
    let administrator = Route {
        via: "333333333333".parse().unwrap(),
        ..route()
    };
    let shown = || [vec![(administrator.via, administrator.region.clone())], here()].concat();
    for route in [route(), administrator.clone()] {
        recall.begins(route).await;
    }
    recall.found(vec![seen("one", 8)], now).await;
    recall.whole(&route(), here(), now).await;
    let through = Coverage {
        via: Some(administrator.via),
        ..row("us-east-1", CoverageState::Complete)
    };
    recall.covered(through, now).await;
    recall.whole(&administrator, shown(), now).await;
    findings_in(&mut told, 1).await;
    assert!(told.try_recv().is_err());
    recall.begins(administrator.clone()).await;
    recall.whole(&administrator, shown(), now).await;
    let gone = findings_in(&mut told, 1).await;
    assert!(gone[0].archived && gone[0].title.raw() == "one");
}
