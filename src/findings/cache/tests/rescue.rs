//! What comes over from a file that was set aside.

use super::*;
use crate::findings::event;

fn outage() -> Vec<Seen> {
    outage_at(5)
}

fn outage_at(minute: u32) -> Vec<Seen> {
    let raw = format!(
        r#"{{"detail-type":"Outage","source":"acme.pay","id":"e-1","account":"222222222222","region":"us-east-1",
        "time":"2026-03-01T02:{minute:02}:00Z","detail":{{"id":"p1","title":"Payments stopped","severity":"critical"}}}}"#
    );
    event::read(&Bytes::from(raw), &samples_place()).unwrap()
}

fn message(number: usize) -> Aside {
    Aside {
        id: format!("m-{number:04}"),
        why: "it is no event".to_owned(),
        body: Bytes::from("x".repeat(3_000)),
    }
}

/// A file with an event, a finding, and so many messages that are no events.
fn file(home: &Path, messages: usize) {
    let cache = open(home);
    for minute in [1, 3] {
        let earlier = Batch::of(&outage_at(minute));
        cache.store(earlier, now(), ()).unwrap().into_token();
    }
    let mut batch = Batch::of(&outage());
    for number in 0..messages {
        batch.set_aside(message(number));
    }
    cache.store(batch, now(), ()).unwrap().into_token();
    cache
        .store(Batch::of(&[simple(1, 9.0)]), now(), ())
        .unwrap()
        .into_token();
    drop(cache);
    let elsewhere = Cache::open(home, &world("333333333333"), now()).unwrap().0;
    let mut batch = Batch::default();
    batch.set_aside(message(9_999));
    elsewhere.store(batch, now(), ()).unwrap().into_token();
}

/// Makes it a file of a later version.
fn from_the_future(home: &Path) {
    let file = Connection::open(home.join(FILE_NAME)).unwrap();
    file.execute_batch("PRAGMA user_version = 99;").unwrap();
}

#[test]
fn events_and_what_was_none_come_over_and_the_rest_is_read_again() {
    let (_base, home) = workspace();
    file(&home, 3);
    from_the_future(&home);
    let (cache, told) = Cache::open(&home, &self::home(), later(1)).unwrap();
    let told = told.unwrap();
    assert!(
        told.contains("1 of its operational incidents from a queue with 2 of their earlier events, and 4 of its messages that are no events were taken over, which is all of these"),
        "{told}"
    );
    let held = all(&cache, 10);
    assert_eq!(held.len(), 1, "the finding is read again from AWS");
    assert_eq!(
        (held[0].key.source, held[0].raw.clone()),
        (Source::EventBridge, outage()[0].raw.clone())
    );
    let earlier = cache.earlier(&held[0].key).unwrap();
    let times: Vec<String> = earlier.iter().map(|event| event.time.unwrap().to_string()).collect();
    assert_eq!(times, ["2026-03-01T02:03:00Z", "2026-03-01T02:01:00Z"]);
    let asides = cache.asides(10).unwrap();
    assert_eq!((asides.count, asides.last[0].0.as_str()), (3, "m-0000"));
    assert!(
        !asides.last[0].1.ends_with(": "),
        "how its text begins: {:?}",
        asides.last[0]
    );
    // What was told once is not told again as what another console has received.
    let (from, before) = (cache.begin().unwrap(), cache.begin().unwrap());
    let news = cache
        .since(&Scope::default(), Source::EventBridge, (from, before), Kept::clone)
        .unwrap();
    assert!(news.is_empty());
    // Another world's messages are still its own.
    let (other, _) = Cache::open(&home, &world("333333333333"), later(1)).unwrap();
    assert_eq!(other.asides(10).unwrap().count, 1);
}

#[test]
fn what_is_damaged_is_said_and_what_can_be_read_comes_over() {
    let (_base, home) = workspace();
    file(&home, 400);
    from_the_future(&home);
    let path = home.join(FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 4096 / 2 * 4096;
    bytes[middle..middle + 4096].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let (cache, told) = Cache::open(&home, &self::home(), now()).unwrap();
    let told = told.unwrap();
    assert!(
        told.contains("if there are more, they are only in cache.sqlite.set-aside-1"),
        "{told}"
    );
    let count = cache.asides(1).unwrap().count;
    assert!((100..400).contains(&count), "{count}");
    assert_eq!(
        fs::read(home.join("cache.sqlite.set-aside-1")).unwrap(),
        bytes,
        "the old file stays as it is"
    );
}

#[test]
fn a_file_that_is_damaged_under_way_gives_what_it_has() {
    let (_base, home) = workspace();
    file(&home, 3);
    let many: Vec<Seen> = (0..200).map(|n| seen(n, 5.0, "2026-03-01T10:00:00Z", 3000)).collect();
    let cache = open(&home);
    cache.store(Batch::of(&many), now(), ()).unwrap().into_token();
    let (index, page): (i64, i64) = {
        let file = Connection::open(home.join(FILE_NAME)).unwrap();
        let page = file.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
        let index = file.query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'finding_key'",
            [],
            |row| row.get(0),
        );
        (index.unwrap(), page)
    };
    drop(cache);
    let path = home.join(FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    let page = usize::try_from(page).unwrap();
    let start = (usize::try_from(index).unwrap() - 1) * page;
    bytes[start..start + page].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let (cache, opened) = Cache::open(&home, &self::home(), now()).unwrap();
    let stored = cache.store(Batch::of(&[simple(7, 9.0)]), now(), ());
    assert!(stored.is_ok(), "{stored:?}");
    let told = opened.or_else(|| cache.trouble()).unwrap();
    assert!(told.contains("set aside") && told.contains("which is all"), "{told}");
    assert_eq!(cache.asides(10).unwrap().count, 3);
    let held = all(&cache, 10);
    assert_eq!(held.len(), 2, "the event, and what was stored");
    let outage = held.iter().find(|kept| kept.key.source == Source::EventBridge).unwrap();
    assert_eq!(cache.count_earlier(&outage.key).unwrap(), 2);
}

#[test]
fn what_came_since_is_read_to_its_end_however_much_it_is() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let from = cache.begin().unwrap();
    let many: Vec<Seen> = (0..701).map(|n| seen(n, 5.0, "2026-03-01T10:00:00Z", 10)).collect();
    cache.keep(Batch::of(&many), now());
    let before = cache.begin().unwrap();
    let all = cache.since(&Scope::default(), Source::GuardDuty, (from, before), |kept| {
        kept.key.clone()
    });
    let all: std::collections::HashSet<_> = all.unwrap().into_iter().collect();
    assert_eq!(all.len(), many.len());
}
