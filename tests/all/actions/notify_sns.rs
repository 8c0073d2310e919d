//! `notify-sns`: one message to one topic. It rests on no fact, so only its age makes it stale.

use quell::action::{ActionName, Notice, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};

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

fn applied(ground: &Ground, run: &Run) {
    let notice = run.plan.request.notice.as_ref().unwrap();
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        let [message] = place.sns.topics[notice.topic.as_str()].messages.as_slice() else {
            panic!("one message");
        };
        assert_eq!(message.body, notice.message, "the message as it was confirmed");
        // SNS takes ASCII subjects alone.
        assert_eq!(message.subject.as_deref(), Some("???: two isolated?"));
    });
}
