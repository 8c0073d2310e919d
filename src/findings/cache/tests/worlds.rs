//! What has had its time, what never has, and what is not known to be gone.

use super::versions::event;
use super::*;

fn aside(id: &str) -> Batch {
    let mut batch = Batch::default();
    batch.set_aside(Aside {
        id: id.to_owned(),
        why: "none".to_owned(),
        body: Bytes::from_static(b"?"),
    });
    batch
}

/// Others open the file, one after the other.
fn others(home: &Path, from: i64) {
    for n in 0..6 {
        let account = world(&format!("22222222222{n}"));
        drop(Cache::open(home, &account, later(from + n)).unwrap());
    }
}

#[test]
fn what_nothing_else_has_stays_whoever_opens_the_file_and_whatever_the_clock_says() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let first = event("2026-03-01T10:00:00Z", "open");
    cache.store(Batch::of(&first), now(), ()).unwrap().into_token();
    cache.store(aside("m-1"), now(), ()).unwrap().into_token();
    others(&home, 60);
    // The console that runs since goes on storing, and its messages are deleted for it.
    cache.store(aside("m-2"), later(70), ()).unwrap().into_token();
    cache
        .store(Batch::of(&[simple(1, 9.0)]), later(70), ())
        .unwrap()
        .into_token();
    others(&home, 100 * 24 * 60);
    assert_eq!(cache.asides(9).unwrap().count, 2);
    drop(cache);
    let (cache, told) = Cache::open(&home, &self::home(), later(200 * 24 * 60)).unwrap();
    assert_eq!(told, None);
    assert_eq!(cache.asides(9).unwrap().count, 2);
    let kept = all(&cache, 10);
    assert_eq!(kept.len(), 1, "the finding can be read again");
    assert_eq!(kept[0].raw, first[0].raw);
}

#[test]
fn what_is_received_again_was_kept_aside_when_it_first_came() {
    let (_base, home) = workspace();
    let cache = open(&home);
    assert_eq!(cache.asides(9).unwrap(), Asides::default());
    assert_eq!(Asides::default().counted(), None);
    for (id, minutes) in [("m-1", 0), ("m-1", 30)] {
        cache.store(aside(id), later(minutes), ()).unwrap().into_token();
    }
    let found = cache.asides(9).unwrap();
    assert_eq!((found.since, found.latest), (Some(now()), Some(now())));
    cache.store(aside("m-2"), later(60), ()).unwrap().into_token();
    let found = cache.asides(9).unwrap();
    assert_eq!((found.since, found.latest), (Some(now()), Some(later(60))));
    let minute = |at: Time| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let told = format!(
        "2 kept aside since {}, the last one at {}",
        now().strftime("%Y-%m-%d"),
        minute(later(60))
    );
    assert_eq!(found.counted(), Some(told));
}

#[test]
fn a_world_that_is_in_use_is_not_one_that_nobody_looks_at() {
    let (_base, home) = workspace();
    let cache = open(&home);
    for n in 0..6 {
        drop(Cache::open(&home, &world(&format!("22222222222{n}")), later(100 * n)).unwrap());
        cache.keep(Batch::of(&[simple(1, 9.0)]), later(100 * n + 90));
        assert_eq!(all(&cache, 10).len(), 1);
    }
    drop(Cache::open(&home, &world("333333333333"), later(600)).unwrap());
    assert_eq!(all(&cache, 10).len(), 1, "six others were here meanwhile");
}

#[test]
fn what_could_not_be_stored_is_not_taken_for_gone() {
    let (_base, home) = workspace();
    let cache = open(&home);
    cache.keep(Batch::of(&[simple(1, 9.0), simple(2, 8.0)]), now());
    let gone = |read| {
        let page = cache.gone(&samples_place(), Source::GuardDuty, read, 10).unwrap();
        page.iter().map(|kept| kept.key.id.raw().to_owned()).collect::<Vec<_>>()
    };
    let read = cache.begin().unwrap();
    // The disk is full for a moment.
    cache.limit(1);
    cache.keep(
        Batch::of(&[simple(1, 9.0), seen(3, 5.0, "2026-03-01T10:00:00Z", 400_000)]),
        now(),
    );
    let during = cache.begin().unwrap();
    assert!(cache.trouble().unwrap().contains("full"));
    cache.limit(100_000);
    assert!(gone(read).is_empty());
    assert_eq!(ids(&all(&cache, 10)), ["f-1", "f-2"]);
    // The next whole read has nothing to do with it.
    cache.keep(Batch::of(&[simple(1, 9.0)]), now());
    assert_eq!(gone(during), ["f-2"]);
}
