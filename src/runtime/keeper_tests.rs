//! What a reading leaves for the next start.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bytes::Bytes;

use super::*;
use crate::cloud::{ConnectOptions, feed, testing};
use crate::findings::cache::{Scope, World};
use crate::findings::{CoverageState, FindingKey, Seen, Source, guardduty};

fn workspace() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    directory
}

/// Reads everything of the drill and keeps it there. Gives what was read, and what was said.
async fn read(directory: &Path) -> (feed::Everything, Arc<Cloud>, Option<String>) {
    let (range, login) = testing::range();
    let options = ConnectOptions {
        callers: Some(directory.join("callers.json")),
        ..testing::options(&range, &login)
    };
    let cloud = Cloud::connect(options).await.unwrap();
    let (everything, _, told) = kept(directory, &cloud).await;
    (everything, cloud, told)
}

/// Reads everything and keeps it. Gives what was read, what the cache said before, and what was said.
async fn kept(directory: &Path, cloud: &Arc<Cloud>) -> (feed::Everything, Before, Option<String>) {
    let (keeper, before, kept) = Keeper::begin(Some(Shelf::Workspace(directory.to_path_buf())), cloud);
    let everything = feed::read_told(Arc::clone(cloud), |event| keeper.take(event)).await;
    drop(keeper);
    (everything, before.await.unwrap_or_default(), kept.await.unwrap())
}

#[tokio::test]
async fn a_detector_that_is_deleted_between_two_readings_is_a_gap() {
    let directory = workspace();
    let (range, login) = testing::range();
    let options = ConnectOptions {
        callers: Some(directory.path().join("callers.json")),
        ..testing::options(&range, &login)
    };
    let cloud = Cloud::connect(options).await.unwrap();
    let gaps = |everything: &feed::Everything, before: &Before| -> Vec<Coverage> {
        let rows = everything.coverage.iter().cloned();
        let rows = rows.map(|row| before.amended(row, cloud.now()));
        rows.filter(|row| row.state.is_gap()).collect()
    };
    let (everything, before, _) = kept(directory.path(), &cloud).await;
    assert_eq!(gaps(&everything, &before), []);
    let found = |row: &&Coverage| row.source == Source::GuardDuty && row.state == CoverageState::Complete;
    let gone = everything.coverage.iter().find(found).unwrap();
    range.with_world(|world| {
        let place = world.regional(&gone.account, &gone.region).unwrap();
        place.guardduty.detector = None;
    });
    for _ in 0..2 {
        let (everything, before, _) = kept(directory.path(), &cloud).await;
        let gaps = gaps(&everything, &before);
        let [row] = gaps.as_slice() else { panic!("{gaps:?}") };
        assert_eq!(
            (row.account, &row.region, row.source),
            (gone.account, &gone.region, gone.source)
        );
        let why = row.error.as_ref().unwrap();
        assert!(
            row.state == CoverageState::Stale && why.starts_with("It was on when it was last read"),
            "{why}"
        );
    }
}

fn open(directory: &Path, cloud: &Cloud) -> Cache {
    let world: World = Shelf::world(cloud);
    Cache::open(directory, &world, testing::start()).unwrap().0
}

fn held(cache: &Cache) -> BTreeSet<FindingKey> {
    let before = cache.begin().unwrap();
    let (page, _) = cache.page(&Scope::default(), before, None, 10_000).unwrap();
    page.into_iter().map(|kept| kept.key).collect()
}

#[tokio::test]
async fn the_next_start_has_what_was_read_and_not_what_is_gone() {
    let directory = workspace();
    let (everything, cloud, told) = read(directory.path()).await;
    assert_eq!(told, None);
    let read_keys: BTreeSet<FindingKey> = everything.findings.iter().map(crate::findings::Finding::key).collect();
    assert!(!read_keys.is_empty());
    {
        let cache = open(directory.path(), &cloud);
        assert_eq!(held(&cache), read_keys);
        assert_eq!(
            cache.coverage(&Scope::default()).unwrap().len(),
            everything.coverage.len()
        );
        // Something that AWS does not have any more by the next reading.
        let first = everything
            .findings
            .iter()
            .find(|f| f.source == crate::findings::Source::GuardDuty)
            .unwrap();
        let at = Place {
            account: first.account,
            region: first.region.clone(),
        };
        let raw = format!(
            r#"{{"id":"was-here","accountId":"{}","region":"{}","type":"T:EC2/X","severity":8,"title":"t"}}"#,
            at.account, at.region
        );
        let seen = Seen::read(Bytes::from(raw), |raw| guardduty::parse(raw, &at));
        cache
            .store(Batch::of(&[seen]), testing::start(), ())
            .unwrap()
            .into_token();
        assert_eq!(held(&cache).len(), read_keys.len() + 1);
    }
    assert!(
        crate::cloud::remembered(&ConnectOptions {
            callers: Some(directory.path().join("callers.json")),
            ..ConnectOptions::default()
        })
        .is_some()
    );
    let (_, cloud, told) = read(directory.path()).await;
    assert_eq!(told, None);
    assert_eq!(held(&open(directory.path(), &cloud)), read_keys);
}

#[tokio::test]
async fn a_workspace_that_cannot_be_used_costs_no_finding_and_is_said() {
    let directory = workspace();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (everything, _, told) = read(directory.path()).await;
    assert!(!everything.findings.is_empty());
    assert!(told.unwrap().contains("chmod 700"));
}
