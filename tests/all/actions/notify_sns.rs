//! `notify-sns`: one message to one topic. It rests on no fact but that the topic is there, so only its age makes it stale.

use quell::action::{ActionName, ByRule, Confirmed, NotConfirmed, Notice, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::journal::{JournalError, What};
use quell::range::services::sns::Topic;
use quell::runtime::{NotApplied, Run};

use super::checker::{self, Case, Refused, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

five_cases! {
    one_message: ONE;
}

const ONE: Case = Case {
    request,
    calls: &["sns:Publish"],
    applied,
    refusals: &[
        Refused {
            name: "no message",
            spoil: |_, request| request.notice = None,
            kind: RefusalKind::WrongTarget,
            says: "no message",
        },
        Refused {
            name: "another topic than the target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Topic, "arn:aws:sns:us-east-1:1:other"),
            kind: RefusalKind::WrongTarget,
            says: "is not the SNS topic of this request",
        },
        Refused {
            name: "another region than the topic's",
            spoil: |_, request| request.region = VIRGINIA.parse().unwrap(),
            kind: RefusalKind::WrongTarget,
            says: "is not in account",
        },
        Refused {
            name: "too long",
            spoil: |_, request| request.notice.as_mut().unwrap().message = "a".repeat(256 * 1024 + 1),
            kind: RefusalKind::WrongTarget,
            says: "262145 bytes",
        },
        Refused {
            name: "no such topic",
            spoil: |ground, _| topics(ground, std::collections::BTreeMap::clear),
            kind: RefusalKind::Gone,
            says: "AWS has no SNS topic ",
        },
    ],
    stale: &[],
    undo: Undo::Refuses("sent a message"),
};

fn request(ground: &Ground) -> Request {
    let topic = &ground.login.topic_arn;
    Request {
        notice: Some(Notice {
            topic: topic.parse().unwrap(),
            subject: "격리됨: two isolated\n".to_owned(),
            message: "두 인터페이스를 격리했습니다.\nBoth interfaces are sealed.".to_owned(),
        }),
        ..ground.request(ActionName::NotifySns, ResourceKind::Topic, SEOUL, topic)
    }
}

fn topics<T>(ground: &Ground, look: impl FnOnce(&mut std::collections::BTreeMap<String, Topic>) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        look(&mut place.sns.topics)
    })
}

/// SNS takes a message for a topic that nobody listens to like any other.
#[test]
fn the_plan_says_who_gets_it() {
    with_room(async || {
        let ground = Ground::new().await;
        let one = "SNS answers that it took the message";
        for ((confirmed, pending), warned, listening) in [
            ((1, 0), one, ": 1 subscription."),
            ((3, 1), "1 subscription is not confirmed yet", ": 3 subscriptions."),
            ((0, 2), "Nobody is subscribed", ""),
        ] {
            topics(&ground, |topics| {
                for topic in topics.values_mut() {
                    (topic.confirmed, topic.pending) = (confirmed, pending);
                }
            });
            let plan = ground.plan(&request(&ground)).await.unwrap();
            assert!(plan.draft.warnings[0].starts_with(warned), "{:?}", plan.draft.warnings);
            let neighbours = plan.draft.neighbours.concat();
            assert!(neighbours.ends_with(listening), "{neighbours}");
            assert_eq!(neighbours.is_empty(), listening.is_empty());
        }
    });
}

fn applied(ground: &Ground, run: &Run) {
    let notice = run.plan.request.notice.as_ref().unwrap();
    topics(ground, |topics| {
        let [message] = topics[notice.topic.as_str()].messages.as_slice() else {
            panic!("one message");
        };
        assert_eq!(message.body, notice.message, "the message as it was confirmed");
        // SNS takes ASCII subjects alone.
        assert_eq!(message.subject.as_deref(), Some("???: two isolated?"));
    });
}

/// A rule of the configuration sends this plan without a key, once for each incident, and no plan of any other action.
#[test]
fn a_rule_sends_a_message_once_and_isolates_nothing() {
    with_room(async || {
        let ground = Ground::new().await;
        let rule = || ByRule {
            number: 1,
            file: "config.toml".to_owned(),
            incidents: vec!["INC-7".to_owned()],
            below_critical: Vec::new(),
            anew: std::collections::BTreeMap::new(),
        };
        let isolate = ground
            .plan(&super::isolate_instance::request(&ground, SEOUL, "two"))
            .await
            .unwrap();
        let refused = Confirmed::by_rule(isolate, rule(), ground.cloud.now()).unwrap_err();
        assert!(matches!(refused, NotConfirmed::NotForRules { .. }), "{refused}");

        let plan = ground.plan(&request(&ground)).await.unwrap();
        let confirmed = Confirmed::by_rule(plan, rule(), ground.cloud.now()).unwrap();
        let run = ground.apply_confirmed(confirmed, &mut |_| ()).await.unwrap();
        applied(&ground, &run);
        let records = ground.records();
        let told = records.iter().find_map(|record| match &record.what {
            What::Confirmed { rule, .. } => rule.clone(),
            _ => None,
        });
        assert_eq!(told, Some(rule()));

        let mut again = request(&ground);
        again.notice.as_mut().unwrap().message = "the same incident in other words".to_owned();
        let plan = ground.plan(&again).await.unwrap();
        let confirmed = Confirmed::by_rule(plan, rule(), ground.cloud.now()).unwrap();
        let refused = ground.apply_confirmed(confirmed, &mut |_| ()).await.unwrap_err();
        assert!(
            matches!(refused, NotApplied::Journal(JournalError::AlreadyTold { .. })),
            "{refused}"
        );
        assert_eq!(ground.writes().len(), 1);
    });
}
