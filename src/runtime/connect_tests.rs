//! What is shown before AWS has said who the caller is, and what becomes of it then.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bytes::Bytes;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::cloud::testing;
use crate::domain::AccountId;
use crate::findings::cache::Batch;
use crate::findings::{FindingKey, Place, Seen, guardduty};
use crate::range::fault::{Fault, Kind};

/// The account of the drill's responder.
const OWN: &str = "222222222222";
const OTHER: &str = "999999999999";

fn seen() -> Seen {
    let at = Place {
        account: OTHER.parse().unwrap(),
        region: testing::region(testing::VIRGINIA),
    };
    let raw = r#"{"id":"painted","accountId":"999999999999","region":"us-east-1","type":"T:EC2/X","severity":8,"title":"painted"}"#;
    Seen::read(Bytes::from(raw), |raw| guardduty::parse(raw, &at))
}

fn key() -> FindingKey {
    seen().finding.key()
}

/// A workspace whose cache has one finding of this account's world, and whose last caller was of it.
fn workspace(directory: &Path, account: &str) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
    let world = World {
        endpoint: None,
        partition: "aws".to_owned(),
        account: account.parse::<AccountId>().unwrap(),
    };
    let (cache, _) = Cache::open(directory, &world, testing::start()).unwrap();
    cache.keep(Batch::of(&[seen()]), testing::start());
    drop(cache);
    let callers = format!(
        r#"{{"drill":{{"account":"{account}","arn":"arn:aws:iam::{account}:user/oncall-1","user_id":"AIDAEXAMPLE","endpoint":""}}}}"#
    );
    fs::write(directory.join("callers.json"), callers).unwrap();
}

/// Connects to the drill in that workspace, and gives what was told before it was reached.
async fn connected(directory: &Path) -> (Vec<Event>, Reached, Arc<Evidence>) {
    let (range, login) = testing::range();
    let options = ConnectOptions {
        profile: Some("drill".to_owned()),
        callers: Some(directory.join("callers.json")),
        ..testing::options(&range, &login)
    };
    let (tell, mut told) = unbounded_channel();
    let evidence: Arc<Evidence> = Arc::default();
    let desk = Desk {
        tell,
        evidence: Arc::clone(&evidence),
    };
    let (to, mut from) = mpsc::channel(1);
    let (_again, wanted) = unbounded_channel();
    let shelf = Shelf::Workspace(directory.to_path_buf());
    connect(Box::new(move || Ok(options)), shelf, desk, to, wanted).await;
    let reached = from.recv().await.unwrap().unwrap();
    (drained(&mut told), reached, evidence)
}

#[tokio::test]
async fn where_nobody_says_who_the_caller_is_it_is_tried_again_when_wanted() {
    let directory = tempfile::tempdir().unwrap();
    workspace(directory.path(), OWN);
    let (range, login) = testing::range();
    range.fail(Fault {
        operation: Some("GetCallerIdentity".to_owned()),
        times: 2,
        kind: Kind::Denied,
        ..Fault::default()
    });
    let options = ConnectOptions {
        profile: Some("drill".to_owned()),
        callers: Some(directory.path().join("callers.json")),
        ..testing::options(&range, &login)
    };
    let (tell, mut told) = unbounded_channel();
    let desk = Desk {
        tell,
        evidence: Arc::default(),
    };
    let (to, mut from) = mpsc::channel(1);
    let (again, wanted) = unbounded_channel();
    let shelf = Shelf::Workspace(directory.path().to_path_buf());
    let connecting = tokio::spawn(connect(Box::new(move || Ok(options)), shelf, desk, to, wanted));
    for _ in 0..2 {
        let why = from.recv().await.unwrap().unwrap_err();
        assert!(why.contains("GetCallerIdentity"), "{why}");
        again.send(()).unwrap();
    }
    let reached = from.recv().await.unwrap().unwrap();
    connecting.await.unwrap();
    assert_eq!(reached.cloud.identity().account.as_str(), OWN);
    // What the cache has was shown once, at the start, and nothing of it was taken back.
    let told = drained(&mut told);
    let presumed = told.iter().filter(|event| matches!(event, Event::Presumed(_)));
    assert_eq!(presumed.count(), 1);
    assert!(!told.iter().any(|event| matches!(event, Event::Withdrawn(_))));
}

fn drained(told: &mut UnboundedReceiver<Event>) -> Vec<Event> {
    std::iter::from_fn(|| told.try_recv().ok()).collect()
}

#[tokio::test]
async fn the_same_caller_goes_on_with_what_was_shown() {
    let directory = tempfile::tempdir().unwrap();
    workspace(directory.path(), OWN);
    let (told, reached, evidence) = connected(directory.path()).await;
    assert!(matches!(&told[0], Event::Presumed(last) if last.account.as_str() == OWN));
    assert!(
        !told.iter().any(|event| matches!(event, Event::Withdrawn(_))),
        "{told:?}"
    );
    assert_eq!(reached.cloud.identity().account.as_str(), OWN);
    assert!(evidence.of(&key()).is_ok());
}

#[tokio::test]
async fn what_another_saw_is_taken_away_before_the_caller_is_named() {
    let directory = tempfile::tempdir().unwrap();
    workspace(directory.path(), OTHER);
    let (told, reached, evidence) = connected(directory.path()).await;
    assert!(matches!(&told[0], Event::Presumed(last) if last.account.as_str() == OTHER));
    let taken = told
        .iter()
        .position(|event| matches!(event, Event::Withdrawn(_)))
        .unwrap();
    let Event::Withdrawn(why) = &told[taken] else {
        unreachable!()
    };
    assert!(why.contains(OTHER) && why.contains(OWN), "{why}");
    let after = &told[taken..];
    assert!(
        !after.iter().any(|event| matches!(event, Event::Findings(_))),
        "nothing of it comes afterwards: {after:?}"
    );
    assert!(evidence.of(&key()).is_err(), "nor can its JSON be asked for");
    assert!(reached.cache.raw(&key()).is_err());
    // The next start begins with who it is now.
    let (told, _, _) = connected(directory.path()).await;
    assert!(matches!(&told[0], Event::Presumed(last) if last.account.as_str() == OWN));
    assert!(!told.iter().any(|event| matches!(event, Event::Withdrawn(_))));
}

#[tokio::test]
async fn who_was_never_here_sees_nothing_ahead() {
    let directory = tempfile::tempdir().unwrap();
    workspace(directory.path(), OWN);
    fs::remove_file(directory.path().join("callers.json")).unwrap();
    let (told, _, _) = connected(directory.path()).await;
    assert!(
        !told.iter().any(|event| matches!(event, Event::Presumed(_))),
        "{told:?}"
    );
}
