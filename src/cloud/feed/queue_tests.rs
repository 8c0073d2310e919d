//! The queue feed against the range: what is told, what is kept, and when a message goes.

use tokio::sync::mpsc::{self, Receiver};

use super::*;
use crate::cloud::testing::{SEOUL, account, options, range, region, start};
use crate::domain::{AccountId, Region};
use crate::findings::cache::{Scope, World};
use crate::range::Range;
use crate::range::call::ApiError;
use crate::range::fault::{Fault, Kind};
use crate::range::services::sqs::{self, queue::Queue};

const SECURITY: &str = "222222222222";
const NAME: &str = "quell-events";

const FINDING: &str = r#"{"detail-type":"GuardDuty Finding","source":"aws.guardduty","account":"333333333333","region":"ap-northeast-2",
    "detail":{"id":"gd-1","accountId":"333333333333","region":"ap-northeast-2","type":"Recon:EC2/Portscan","severity":5,"title":"scan",
    "updatedAt":"2026-03-01T02:00:00Z","resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-1"}}}}"#;
const OWN: &str = r#"{"detail-type":"Outage","source":"acme.pay","id":"e-1","account":"333333333333","region":"ap-northeast-2",
    "time":"2026-03-01T02:05:00Z","detail":{"title":"Payments stopped","severity":"critical"}}"#;

struct Ground {
    _base: tempfile::TempDir,
    range: Range,
    cache: Arc<Cache>,
    reading: Reading,
    told: Receiver<FeedEvent>,
    session: Option<QueueSession>,
}

fn arn() -> Arn {
    format!("arn:aws:sqs:{SEOUL}:{SECURITY}:{NAME}").parse().unwrap()
}

async fn ground() -> Ground {
    let (range, login) = range();
    range.with_world(|world| {
        let now = world.now();
        let here = world.regional(&account(SECURITY), &region(SEOUL)).unwrap();
        here.sqs.queues.insert(NAME.to_owned(), Queue::new(now));
    });
    let mut options = options(&range, &login);
    options.queue = Some(arn());
    let cloud = Cloud::connect(options).await.unwrap();
    let base = tempfile::tempdir().unwrap();
    let world = World {
        endpoint: None,
        partition: "aws".to_owned(),
        account: account(SECURITY),
    };
    let (cache, _) = Cache::open(&base.path().join("workspace"), &world, start()).unwrap();
    let cache = Arc::new(cache);
    let (tx, told) = mpsc::channel(64);
    let reading = Reading {
        cloud,
        cache: Arc::clone(&cache),
        tx,
        queue: arn(),
        place: Place {
            account: account(SECURITY),
            region: region(SEOUL),
        },
        asides: Asides::default(),
        earlier: 0,
        undeleted: 0,
    };
    Ground {
        _base: base,
        range,
        cache,
        reading,
        told,
        session: None,
    }
}

impl Ground {
    fn send(&self, body: &str) {
        let sent = self
            .range
            .with_world(|world| sqs::deliver(world, arn().as_str(), world.now(), body.to_owned()));
        assert!(sent);
    }

    fn with_queue<T>(&self, look: impl FnOnce(&mut Queue) -> T) -> T {
        let place: (AccountId, Region) = (account(SECURITY), region(SEOUL));
        self.range.with_world(|world| {
            look(
                world
                    .regional(&place.0, &place.1)
                    .unwrap()
                    .sqs
                    .queues
                    .get_mut(NAME)
                    .unwrap(),
            )
        })
    }

    fn waiting(&self) -> usize {
        self.with_queue(|queue| queue.messages.len())
    }

    /// What SQS does when nobody has deleted a message in time.
    fn show_again(&self) {
        self.with_queue(|queue| {
            for message in queue.messages.values_mut() {
                message.visible = start();
            }
        });
    }

    async fn turn(&mut self) -> Result<(), Trouble> {
        self.reading.turn(&mut self.session).await
    }

    fn titles(&mut self) -> (Vec<String>, Option<Coverage>) {
        let (mut titles, mut last) = (Vec::new(), None);
        while let Ok(event) = self.told.try_recv() {
            match event {
                FeedEvent::Findings(page) => {
                    titles.extend(page.iter().map(|seen| seen.finding.title.raw().to_owned()));
                }
                FeedEvent::Coverage(row) => last = Some(row),
                other => panic!("{other:?}"),
            }
        }
        (titles, last)
    }

    fn kept(&self) -> usize {
        let all = self.cache.begin().unwrap();
        self.cache.page(&Scope::default(), all, None, 100).unwrap().0.len()
    }
}

#[tokio::test]
async fn events_are_told_stored_and_deleted_and_what_is_none_is_kept_aside() {
    let mut ground = ground().await;
    for body in [FINDING, "not an event at all", OWN] {
        ground.send(body);
    }
    ground.turn().await.map_err(|t| t.why).unwrap();
    let (mut titles, row) = ground.titles();
    titles.sort();
    assert_eq!(titles, ["Payments stopped", "scan"]);
    let row = row.unwrap();
    assert_eq!((row.state, row.source), (CoverageState::Partial, Source::EventBridge));
    let why = row.error.unwrap();
    let counted = "1 kept aside since 2026-03-01 02:1";
    assert!(why.starts_with(counted), "{why}");
    assert!(why.contains("message of queue quell-events was no event: "), "{why}");
    let asides = ground.cache.asides(9).unwrap();
    assert!(
        why.contains(&asides.last[0].0) && why.contains(&asides.last[0].1),
        "{why}"
    );
    // The next start knows of it before anything is received.
    ground.reading.asides = Asides::default();
    assert_eq!(ground.reading.kept_aside().await, asides);
    // There it is named, and what comes is complete again.
    ground.reading.asides = asides.clone();
    ground.reading.earlier = asides.count;
    ground.send(OWN);
    ground.turn().await.map_err(|t| t.why).unwrap();
    let row = ground.titles().1.unwrap();
    assert_eq!(row.state, CoverageState::Complete);
    assert_eq!(row.error.as_deref(), Some(why.as_str()));
    assert_eq!(
        (ground.kept(), ground.cache.asides(9).unwrap().count, ground.waiting()),
        (2, 1, 0)
    );
    let changed = ground.range.with_world(|world| {
        let changing = world.log.iter().filter(|call| call.mutating);
        changing.map(|call| call.operation.clone()).collect::<Vec<_>>()
    });
    assert_eq!(
        changed,
        [
            "ReceiveMessage",
            "DeleteMessageBatch",
            "ReceiveMessage",
            "DeleteMessageBatch"
        ],
        "nothing else is used up"
    );
}

#[tokio::test]
async fn what_an_earlier_start_kept_aside_is_told_before_the_first_poll_and_with_every_fault() {
    let mut ground = ground().await;
    ground.send("\u{1b}[31mnot an event \u{202e}");
    ground.turn().await.map_err(|t| t.why).unwrap();
    let first = ground.titles().1.unwrap().error.unwrap();
    assert!(!first.contains(['\u{1b}', '\u{202e}']), "{first:?}");
    ground.reading.asides = Asides::default();
    ground.range.fail(Fault {
        service: Some("sqs".to_owned()),
        times: 1,
        kind: Kind::Error(ApiError::new(403, "AccessDenied", "On request.")),
        ..Fault::default()
    });
    let Ground { reading, mut told, .. } = ground;
    let running = tokio::spawn(reading.run());
    let mut next = async || match told.recv().await {
        Some(FeedEvent::Coverage(row)) => (row.state, row.error.unwrap_or_default()),
        other => panic!("{other:?}"),
    };
    assert_eq!(next().await, (CoverageState::Reading, first.clone()));
    let (state, why) = next().await;
    running.abort();
    assert_eq!(state, CoverageState::Refused);
    assert!(
        why.starts_with("Queue quell-events: ") && why.ends_with(&format!(" {first}")),
        "{why}"
    );
}

#[tokio::test]
async fn of_many_that_were_kept_aside_the_last_are_named_and_the_others_counted() {
    let mut ground = ground().await;
    for number in 0..12 {
        ground.send(&format!("no event {number}"));
    }
    for _ in 0..2 {
        ground.turn().await.map_err(|t| t.why).unwrap();
    }
    let why = ground.titles().1.unwrap().error.unwrap();
    assert!(
        why.starts_with("12 kept aside since 2026-03-01, the last one at 2026-03-01 02:1"),
        "{why}"
    );
    assert_eq!(why.matches("no event ").count(), 10, "{why}");
    assert!(
        why.ends_with("; and 2 earlier ones, which only the cache names."),
        "{why}"
    );
}

#[tokio::test]
async fn a_message_that_is_stored_and_not_deleted_comes_again_and_is_no_second_finding() {
    let mut ground = ground().await;
    ground.send(FINDING);
    ground.range.fail(Fault {
        service: Some("sqs".to_owned()),
        operation: Some("DeleteMessageBatch".to_owned()),
        times: 1,
        kind: Kind::Error(ApiError::new(500, "InternalError", "On request.")),
        ..Fault::default()
    });
    let trouble = ground.turn().await.unwrap_err();
    assert!(trouble.why.contains("sqs:DeleteMessageBatch"), "{}", trouble.why);
    assert_eq!(
        (ground.kept(), ground.waiting()),
        (1, 1),
        "stored first, and still in the queue"
    );
    ground.show_again();
    ground.turn().await.map_err(|t| t.why).unwrap();
    assert_eq!((ground.kept(), ground.waiting()), (1, 0));
    assert_eq!(ground.titles().1.unwrap().state, CoverageState::Complete);
}

#[tokio::test]
async fn what_cannot_be_stored_stays_in_the_queue() {
    let mut ground = ground().await;
    let large = OWN.replace("Payments stopped", &"x".repeat(200_000));
    ground.send(&large);
    ground.cache.limit(1);
    let trouble = ground.turn().await.unwrap_err();
    assert!(
        trouble.why.contains("could not be stored, so they stay in the queue"),
        "{}",
        trouble.why
    );
    assert_eq!((ground.kept(), ground.waiting()), (0, 1));
    assert_eq!(ground.reading.asides.count, 0);
    assert!(ground.titles().0.is_empty(), "what is shown can be found again");
    ground.cache.limit(1_000_000);
    ground.show_again();
    ground.turn().await.map_err(|t| t.why).unwrap();
    assert_eq!((ground.kept(), ground.waiting()), (1, 0));
}

#[tokio::test]
async fn where_the_cache_ends_with_quell_nothing_is_received() {
    let mut ground = ground().await;
    ground.send(FINDING);
    let cache = Cache::instead(start(), "the cache /x cannot be used: others can read it".to_owned()).unwrap();
    assert!(cache.store(Batch::of(&[]), start(), ()).is_err(), "a handle stays in");
    ground.reading.cache = Arc::new(cache);
    let Ground {
        range,
        reading,
        mut told,
        ..
    } = ground;
    reading.run().await;
    let Some(FeedEvent::Coverage(row)) = told.recv().await else {
        panic!("the row says why")
    };
    let why = row.error.unwrap();
    assert!(
        row.state == CoverageState::Refused
            && why.contains("cannot be used: others can read it, so messages stay in the queue"),
        "{why}"
    );
    assert!(told.recv().await.is_none());
    let asked = range.with_world(|world| world.log.iter().any(|call| call.operation == "ReceiveMessage"));
    assert!(!asked);
}

#[tokio::test]
async fn a_queue_that_is_not_there_or_refused_is_a_row_that_says_so() {
    let mut ground = ground().await;
    ground.reading.queue = format!("arn:aws:sqs:{SEOUL}:{SECURITY}:other").parse().unwrap();
    let trouble = ground.turn().await.unwrap_err();
    assert!(
        trouble.why.contains("other") && trouble.state == CoverageState::Partial,
        "{}",
        trouble.why
    );
    ground.reading.queue = arn();
    ground.range.fail(Fault {
        service: Some("sqs".to_owned()),
        kind: Kind::Error(ApiError::new(403, "AccessDenied", "On request.")),
        ..Fault::default()
    });
    let trouble = ground.turn().await.unwrap_err();
    assert!(trouble.state == CoverageState::Refused, "{}", trouble.why);
}

#[tokio::test]
async fn no_event_is_later_than_when_the_queue_received_it() {
    let mut ground = ground().await;
    ground.send(&OWN.replace("2026-03-01T02:05:00Z", "2036-03-01T02:05:00Z"));
    ground.turn().await.map_err(|t| t.why).unwrap();
    let all = ground.cache.begin().unwrap();
    let (kept, _) = ground.cache.page(&Scope::default(), all, None, 9).unwrap();
    let found = kept[0].read();
    let latest = ground.range.with_world(|world| world.now());
    assert!(
        found.updated_at.is_some_and(|at| at <= latest),
        "{:?}",
        found.updated_at
    );
    assert_eq!(found.told.sent(), found.updated_at);
}
