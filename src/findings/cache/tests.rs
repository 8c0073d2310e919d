mod names;
mod old;
mod rescue;
mod versions;
mod worlds;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use rusqlite::Connection;

use super::*;
use crate::findings::{CoverageState, Seen, guardduty, samples};

fn now() -> Time {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn later(minutes: i64) -> Time {
    now() + jiff::SignedDuration::from_mins(minutes)
}

fn world(account: &str) -> World {
    World {
        endpoint: None,
        partition: "aws".to_owned(),
        account: account.parse().unwrap(),
    }
}

fn home() -> World {
    world("111111111111")
}

/// A directory of our own alone.
fn workspace() -> (tempfile::TempDir, std::path::PathBuf) {
    let base = tempfile::tempdir().unwrap();
    let directory = base.path().join("workspace");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
    (base, directory)
}

fn open(directory: &Path) -> Cache {
    let (cache, told) = Cache::open(directory, &home(), now()).unwrap();
    assert_eq!(told, None);
    cache
}

fn seen(id: usize, severity: f64, updated: &str, padding: usize) -> Seen {
    let raw = format!(
        r#"{{"id":"f-{id}","accountId":"222222222222","region":"us-east-1","type":"T:EC2/X","severity":{severity},"title":"t",
        "updatedAt":"{updated}","resource":{{"resourceType":"Instance","instanceDetails":{{"instanceId":"i-{id}"}}}},"pad":"{}"}}"#,
        "x".repeat(padding)
    );
    Seen::read(Bytes::from(raw), |raw| guardduty::parse(raw, &samples::place()))
}

fn samples_place() -> Place {
    Place {
        account: "222222222222".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
    }
}

fn simple(id: usize, severity: f64) -> Seen {
    seen(id, severity, "2026-03-01T10:00:00Z", 0)
}

fn ids(page: &[Kept]) -> Vec<&str> {
    page.iter().map(|kept| kept.key.id.raw()).collect()
}

fn all(cache: &Cache, limit: usize) -> Vec<Kept> {
    let (mut out, mut mark, now) = (Vec::new(), None, cache.begin().unwrap());
    loop {
        let (page, next) = cache.page(&Scope::default(), now, mark, limit).unwrap();
        if next.is_none() {
            return out;
        }
        out.extend(page);
        mark = next;
    }
}

fn row(state: CoverageState) -> Coverage {
    Coverage {
        account: "222222222222".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        source: Source::GuardDuty,
        state,
        via: None,
        error: None,
    }
}

#[test]
fn what_was_stored_is_there_after_a_restart_the_worst_first_in_pages() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let found: Vec<Seen> = [3.0, 9.5, 5.0, 9.0, 7.5]
        .into_iter()
        .enumerate()
        .map(|(n, severity)| simple(n, severity))
        .collect();
    let stored = cache.store(Batch::of(&found), now(), "token").unwrap();
    assert_eq!(stored.into_token(), "token");
    drop(cache);
    let cache = open(&home);
    let kept = all(&cache, 2);
    assert_eq!(ids(&kept), ["f-1", "f-3", "f-4", "f-2", "f-0"]);
    assert_eq!(kept[0].raw, found[1].raw, "byte for byte");
    assert_eq!((kept[0].seen, kept[0].read().key()), (now(), found[1].finding.key()));
    assert_eq!(cache.raw(&found[2].finding.key()).unwrap(), found[2].raw);
    assert_eq!(cache.raw(&simple(99, 1.0).finding.key()), Err(CacheError::Unknown));
}

#[test]
fn of_two_versions_the_later_one_stays_and_archived_ones_come_last() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let (early, late) = ("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
    for (one, two, expected) in [(early, late, 5.0), (late, early, 8.0), (early, early, 8.0)] {
        let id = cache.asides(0).unwrap().count + 1;
        let id = usize::try_from(id).unwrap();
        cache.keep(Batch::of(&[seen(id, 8.0, one, 0)]), now());
        cache.keep(Batch::of(&[seen(id, 5.0, two, 0)]), now());
        let kept = all(&cache, 10);
        let kept = kept.iter().find(|k| k.key.id.raw() == format!("f-{id}")).unwrap();
        assert!((kept.read().severity.score() - expected).abs() < 0.01, "{one} {two}");
        let mut aside = Batch::default();
        aside.set_aside(Aside {
            id: format!("m-{id}"),
            why: "none".to_owned(),
            body: Bytes::from_static(b"?"),
        });
        cache.keep(aside, now());
    }
    assert_eq!(cache.asides(0).unwrap().count, 3);
    let mut old = simple(50, 10.0);
    old.finding.archived = true;
    cache.keep(Batch::of(&[old]), now());
    assert_eq!(all(&cache, 10).last().unwrap().key.id.raw(), "f-50");
}

#[test]
fn one_world_never_sees_another_and_what_the_caller_did_not_ask_for_is_left_out() {
    let (_base, home) = workspace();
    let one = open(&home);
    let there = simple(1, 9.0);
    one.keep(Batch::of(std::slice::from_ref(&there)), now());
    one.cover(&row(CoverageState::Complete), now());
    drop(one);
    let endpoint = World {
        endpoint: Some("http://127.0.0.1:4600".to_owned()),
        ..self::home()
    };
    for other in [world("999999999999"), endpoint] {
        let (other, _) = Cache::open(&home, &other, now()).unwrap();
        assert_eq!(
            (all(&other, 10), other.coverage(&Scope::default()).unwrap()),
            (vec![], vec![])
        );
        assert!(other.raw(&there.finding.key()).is_err());
    }
    let again = open(&home);
    assert_eq!(all(&again, 10).len(), 1, "who comes back finds it again");
    let elsewhere = Scope {
        regions: vec!["eu-west-1".parse().unwrap()],
        accounts: vec![],
    };
    let (page, next) = again.page(&elsewhere, again.begin().unwrap(), None, 10).unwrap();
    assert!(
        page.is_empty() && next.is_some(),
        "left out, and the end is not reached by that"
    );
    assert!(again.coverage(&elsewhere).unwrap().is_empty());
    assert_eq!(again.coverage(&Scope::default()).unwrap().len(), 1);
}

#[test]
fn what_a_full_read_did_not_find_again_is_marked_and_comes_back_when_it_is_seen_again() {
    let (_base, home) = workspace();
    let cache = open(&home);
    cache.keep(Batch::of(&[simple(1, 9.0), simple(2, 8.0)]), now());
    let read = cache.begin().unwrap();
    cache.keep(Batch::of(&[simple(2, 8.0)]), later(-5));
    assert!(
        cache
            .gone(&samples_place(), Source::SecurityHub, read, 10)
            .unwrap()
            .is_empty(),
        "another source was read"
    );
    let gone = cache.gone(&samples_place(), Source::GuardDuty, read, 10).unwrap();
    assert_eq!(ids(&gone), ["f-1"]);
    assert!(
        cache
            .gone(&samples_place(), Source::GuardDuty, read, 10)
            .unwrap()
            .is_empty()
    );
    assert_eq!(ids(&all(&cache, 10)), ["f-2"]);
    assert_eq!(cache.raw(&gone[0].key).unwrap(), gone[0].raw, "the evidence stays");
    cache.keep(Batch::of(&[simple(1, 9.0)]), later(6));
    assert_eq!(ids(&all(&cache, 10)), ["f-1", "f-2"]);
}

#[test]
fn coverage_comes_back_with_its_time() {
    let (_base, home) = workspace();
    let cache = open(&home);
    cache.cover(&row(CoverageState::Reading), now());
    assert!(cache.coverage(&Scope::default()).unwrap().is_empty());
    let mut refused = row(CoverageState::Refused);
    refused.error = Some("no".to_owned());
    cache.cover(&refused, later(3));
    assert_eq!(
        cache.coverage(&Scope::default()).unwrap(),
        [Known {
            row: refused.clone(),
            at: later(3),
            lit: None
        }]
    );
    // When it was on last stays through what is told between, until it is off.
    let lit = |state, hour| {
        cache.cover(&row(state), later(hour));
        cache.coverage(&Scope::default()).unwrap()[0].lit
    };
    assert_eq!(lit(CoverageState::Complete, 4), Some(later(4)));
    assert_eq!(lit(CoverageState::Complete, 5), Some(later(5)));
    assert_eq!(lit(CoverageState::Partial, 6), Some(later(5)));
    assert_eq!(lit(CoverageState::Stale, 7), Some(later(5)));
    assert_eq!(lit(CoverageState::Disabled, 8), None);
    assert_eq!(lit(CoverageState::Stale, 9), None);
}

#[test]
fn what_is_no_cache_is_set_aside_with_a_sentence() {
    let foreign = tempfile::tempdir().unwrap();
    let other = Connection::open(foreign.path().join("other")).unwrap();
    other.execute_batch("CREATE TABLE shopping(list TEXT)").unwrap();
    drop(other);
    let database = fs::read(foreign.path().join("other")).unwrap();
    for content in [
        &b"this is no database, but it is long enough to be taken for one"[..],
        &database,
    ] {
        let (_base, home) = workspace();
        let path = home.join(FILE_NAME);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let (cache, told) = Cache::open(&home, &self::home(), now()).unwrap();
        let told = told.unwrap();
        assert!(told.contains("cache.sqlite.set-aside-1"), "{told}");
        assert_eq!(fs::read(home.join("cache.sqlite.set-aside-1")).unwrap(), content);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "the next start takes it");
        cache.keep(Batch::of(&[simple(1, 9.0)]), now());
        assert_eq!(all(&cache, 10).len(), 1);
    }
}

#[test]
fn a_file_that_is_found_damaged_under_way_is_set_aside_and_begun_anew() {
    let (_base, home) = workspace();
    let cache = open(&home);
    let many: Vec<Seen> = (0..200).map(|n| seen(n, 5.0, "2026-03-01T10:00:00Z", 3000)).collect();
    cache.keep(Batch::of(&many), now());
    drop(cache);
    let path = home.join(FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[4096..length].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    // The damage may be met at opening or later; in either case the end is a cache that works.
    let opened = Cache::open(&home, &self::home(), now());
    let (cache, told) = opened.unwrap();
    let stored = cache.store(Batch::of(&many), now(), ());
    let told = told.or_else(|| cache.trouble());
    assert!(stored.is_ok(), "{stored:?}");
    let told = told.unwrap();
    assert!(told.contains("set aside") && told.contains("queue"), "{told}");
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "the next start takes it");
    assert_eq!(all(&cache, 50).len(), 200);
}

#[test]
fn two_consoles_count_together() {
    let (_base, home) = workspace();
    let (one, two) = (open(&home), open(&home));
    let both = Batch::of(&[simple(1, 9.0), simple(2, 8.0)]);
    one.store(both, now(), ()).unwrap().into_token();
    let read = two.begin().unwrap();
    one.store(Batch::of(&[simple(2, 8.0)]), now(), ()).unwrap().into_token();
    let gone = two.gone(&samples_place(), Source::GuardDuty, read, 10).unwrap();
    assert_eq!(ids(&gone), ["f-1"], "what the other one has received since is there");
}

#[test]
fn only_a_directory_and_a_file_that_are_ours_alone_are_used() {
    let base = tempfile::tempdir().unwrap();
    let made = base.path().join("new/workspace");
    drop(open(&made));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&made), mode(&made.join(FILE_NAME))), (0o700, 0o600));

    let why = |directory: &Path| match Cache::open(directory, &self::home(), now()) {
        Err(CacheError::Unusable { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    let link = base.path().join("link");
    symlink(&made, &link).unwrap();
    assert!(why(&link).contains("symbolic link"));
    let wide = base.path().join("wide");
    fs::create_dir(&wide).unwrap();
    fs::set_permissions(&wide, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(why(&wide).contains("chmod 700"));
    fs::set_permissions(&wide, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(made.join(FILE_NAME), wide.join(FILE_NAME)).unwrap();
    assert!(!why(&wide).is_empty(), "a link is not followed");
    fs::remove_file(wide.join(FILE_NAME)).unwrap();
    fs::hard_link(made.join(FILE_NAME), wide.join(FILE_NAME)).unwrap();
    assert!(why(&wide).contains("one name"));
}

#[test]
fn a_drill_begins_with_nothing() {
    let (_base, home) = workspace();
    let cache = open(&home);
    cache.keep(Batch::of(&[simple(1, 9.0)]), now());
    drop(cache);
    assert!(all(&Cache::afresh(&home, &self::home(), now()).unwrap(), 10).is_empty());
}

#[test]
fn what_has_had_its_time_is_dropped() {
    let (_base, home) = workspace();
    let cache = open(&home);
    cache.keep(Batch::of(&[simple(1, 9.0), simple(2, 9.0)]), now());
    let read = cache.begin().unwrap();
    cache.keep(Batch::of(&[simple(2, 9.0)]), later(1));
    assert_eq!(
        cache.gone(&samples_place(), Source::GuardDuty, read, 10).unwrap().len(),
        1
    );
    drop(cache);
    let month = later(31 * 24 * 60);
    let (cache, _) = Cache::open(&home, &self::home(), month).unwrap();
    assert!(cache.raw(&simple(1, 9.0).finding.key()).is_err());
    assert!(cache.raw(&simple(2, 9.0).finding.key()).is_ok());
    drop(cache);
    for n in 0..5 {
        drop(Cache::open(
            &home,
            &world(&format!("22222222222{n}")),
            month + jiff::SignedDuration::from_secs(n),
        ));
    }
    let (cache, _) = Cache::open(&home, &self::home(), month).unwrap();
    assert!(all(&cache, 10).is_empty(), "five others were here since");
}

#[test]
fn a_disk_that_is_full_is_told_and_nothing_waits_for_good() {
    let (_base, home) = workspace();
    let cache = open(&home);
    assert_eq!(cache.limit(40), 40);
    let large: Vec<Seen> = (0..100).map(|n| seen(n, 5.0, "2026-03-01T10:00:00Z", 4000)).collect();
    let stored = cache.store(Batch::of(&large), now(), ());
    assert!(
        matches!(&stored, Err(CacheError::Database(why)) if why.contains("full")),
        "{stored:?}"
    );
    assert!(cache.trouble().unwrap().contains("full"));
    assert!(all(&cache, 10).is_empty(), "not a part of it");
    assert!(cache.store(Batch::of(&[simple(1, 5.0)]), now(), ()).is_ok());
}
