//! The queue feed against moto: boto3 makes the rule and the queue and puts events on the bus; quell reads them.

use std::collections::BTreeSet;
use std::sync::Arc;

use quell::cloud::{Cloud, FeedEvent, feed};
use quell::findings::cache::{Cache, Scope, World};
use quell::findings::{CoverageState, Source};
use tokio::sync::mpsc;

use crate::support::moto::Moto;
use crate::support::room::with_room;

#[test]
fn events_from_the_bus_are_read_stored_and_only_then_gone() {
    with_room(async || {
        let moto = Moto::start();
        let stranger = moto.stranger("us-east-1");
        let made = stranger.run("on_moto.py", &["make_events"]);
        let queue = made["queue"].as_str().unwrap();
        let count = || stranger.run("on_moto.py", &["count_messages", queue]);
        assert_eq!(count(), 14);

        let mut options = moto.options("us-east-1");
        options.queue = Some(made["arn"].as_str().unwrap().parse().unwrap());
        let cloud = Cloud::connect(options).await.unwrap();
        let base = tempfile::tempdir().unwrap();
        let world = World {
            endpoint: None,
            partition: "aws".to_owned(),
            account: cloud.identity().account,
        };
        let (cache, _) = Cache::open(&base.path().join("workspace"), &world, cloud.now()).unwrap();
        let cache = Arc::new(cache);
        let (tx, mut rx) = mpsc::channel(64);
        let reading = feed::queue::spawn(&cloud, &cache, &tx).unwrap();
        let (mut told, mut keys) = (0, BTreeSet::new());
        // The row that comes after a turn comes after its messages were deleted.
        while let Some(event) = rx.recv().await {
            match event {
                FeedEvent::Findings(page) => {
                    told += page.len();
                    keys.extend(page.iter().map(|seen| seen.finding.key()));
                }
                FeedEvent::Coverage(row) if told == 13 && row.state == CoverageState::Partial => {
                    let why = row.error.unwrap();
                    if why.contains("1 kept aside") {
                        break;
                    }
                }
                FeedEvent::Coverage(row) => assert_ne!(row.state, CoverageState::Refused, "{row:?}"),
                other => panic!("{other:?}"),
            }
        }
        reading.abort();
        assert_eq!(count(), 0, "what is stored is gone from the queue");
        // Twelve events of eleven incidents, and a finding.
        assert_eq!(keys.len(), 12);
        assert_eq!(keys.iter().filter(|key| key.source == Source::EventBridge).count(), 11);
        let all = cache.begin().unwrap();
        let (kept, _) = cache.page(&Scope::default(), all, None, 100).unwrap();
        assert_eq!(kept.iter().map(|kept| kept.key.clone()).collect::<BTreeSet<_>>(), keys);
        assert_eq!(cache.asides(9).unwrap().count, 1);
    });
}
