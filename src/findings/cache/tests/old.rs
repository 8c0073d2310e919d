//! Files of earlier versions.

use super::versions::{ACME, BETA, event, hub};
use super::*;

/// Takes a file back to the tables of the second version, in which one id of Security Hub was one row.
fn to_two(home: &Path) -> Connection {
    let old = Connection::open(home.join(FILE_NAME)).unwrap();
    old.execute_batch(
        "DROP INDEX finding_key; ALTER TABLE findings DROP COLUMN product; ALTER TABLE findings DROP COLUMN told;
         ALTER TABLE findings DROP COLUMN first; ALTER TABLE findings DROP COLUMN worse; ALTER TABLE coverage DROP COLUMN lit;
         CREATE UNIQUE INDEX finding_key ON findings(world, source, account, region, id); PRAGMA user_version = 2;",
    )
    .unwrap();
    old
}

#[test]
fn the_first_version_is_brought_up() {
    let (_base, home) = workspace();
    let cache = open(&home);
    cache.keep(Batch::of(&[simple(1, 9.0)]), now());
    drop(cache);
    to_two(&home)
        .execute_batch(
            "ALTER TABLE worlds DROP COLUMN run; ALTER TABLE findings DROP COLUMN run; PRAGMA user_version = 1;",
        )
        .unwrap();
    for _ in 0..2 {
        assert_eq!(ids(&all(&open(&home), 10)), ["f-1"]);
    }
}

#[test]
fn the_second_version_is_brought_up_with_what_only_it_has() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let (unread, began) = (hub(ACME, "yesterday", 9), event("2026-03-01T10:00:00Z", "open"));
    let mut batch = Batch::of(&[unread.clone(), began[0].clone()]);
    batch.set_aside(Aside {
        id: "m-1".to_owned(),
        why: "none".to_owned(),
        body: Bytes::from_static(b"?"),
    });
    cache.store(batch, now(), ()).unwrap().into_token();
    drop(cache);
    let old = to_two(&home);
    // Then the time that stood in was the version; and a world was dropped while a console stored in it.
    old.execute_batch(
        "UPDATE findings SET updated = 9999999999999 WHERE source = 'securityhub';
         INSERT INTO aside(world, id, why, body, at) VALUES(2, 'lost', 'none', x'3f', 0);",
    )
    .unwrap();
    drop(old);

    let cache = open(&home);
    assert_eq!(cache.asides(9).unwrap().count, 1);
    assert_eq!(cache.raw(&unread.finding.key()).unwrap(), unread.raw);
    let other = hub(BETA, "2026-03-01T10:00:00Z", 2);
    let newer = hub(ACME, "2026-03-01T10:00:00Z", 5);
    cache.keep(Batch::of(&[other.clone(), newer.clone()]), now());
    cache.keep(Batch::of(&event("2026-03-01T11:00:00Z", "open")), now());
    let kept = all(&cache, 10);
    assert_eq!(kept.len(), 3, "two products' findings of one id, and the event");
    assert_eq!(cache.raw(&newer.finding.key()).unwrap(), newer.raw);
    assert_eq!(cache.raw(&other.finding.key()).unwrap(), other.raw);
    let event = kept
        .iter()
        .find(|k| k.key.source == Source::EventBridge)
        .unwrap()
        .read();
    assert_eq!(event.first_seen, began[0].finding.first_seen, "since the first of them");
    drop(cache);
    // Nobody gets the number of the world whose name is lost, and what is in it stays.
    let (third, _) = Cache::open(&home, &world("333333333333"), now()).unwrap();
    assert_eq!(third.asides(9).unwrap().count, 0);
    drop(third);
    let file = Connection::open(home.join(FILE_NAME)).unwrap();
    let left: i64 = file
        .query_row("SELECT count(*) FROM aside WHERE id = 'lost'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1);
}

#[test]
fn the_fourth_version_knew_when_a_source_was_on_by_its_row() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let of = |region: &str, state| Coverage {
        region: region.parse().unwrap(),
        error: Some(r#"it said "state":"complete""#.to_owned()),
        ..row(state)
    };
    cache.cover(&of("eu-west-1", CoverageState::Complete), later(3));
    cache.cover(&of("eu-west-2", CoverageState::Refused), later(3));
    cache.cover(&of("eu-west-3", CoverageState::Stale), later(3));
    drop(cache);
    let old = Connection::open(home.join(FILE_NAME)).unwrap();
    old.execute_batch("ALTER TABLE coverage DROP COLUMN lit; PRAGMA user_version = 4;")
        .unwrap();
    drop(old);
    let known = open(&home).coverage(&Scope::default()).unwrap();
    let lit: Vec<_> = known.iter().map(|known| known.lit).collect();
    assert_eq!(lit, [Some(later(3)), None, Some(later(3))]);
}
