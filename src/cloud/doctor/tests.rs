//! Doctor against the range.

use super::*;
use crate::cloud::testing::{options, range};
use crate::range::Range;
use crate::range::fault::{Fault, Kind};
use crate::range::services::membership::Relationship;
use crate::range::world::LoggedCall;

fn of<'e>(all: &'e [Examined], what: &str) -> Vec<&'e Examined> {
    all.iter().filter(|e| e.what == what).collect()
}

#[tokio::test]
async fn everything_is_looked_at_and_what_is_missing_is_named() {
    let (range, login) = range();
    let all = examine(&options(&range, &login), &Notices::default()).await;
    assert!(of(&all, "identity")[0].sentence.contains("user/oncall-1"), "{all:?}");
    let roles = of(&all, "role");
    assert_eq!(roles.len(), 1, "{roles:?}");
    assert_eq!(roles[0].health, Health::Ok);
    let off: Vec<_> = of(&all, "source")
        .into_iter()
        .filter(|e| e.health != Health::Ok)
        .collect();
    assert_eq!(off.len(), 2, "{off:?}");
    for source in off {
        assert!(
            source.sentence.contains("(444444444444) in us-east-1: ") && source.sentence.contains("is not enabled"),
            "{source:?}"
        );
    }
}

#[tokio::test]
async fn a_role_that_is_missing_does_not_stop_the_rest() {
    let (range, login) = range();
    range.fail(Fault {
        operation: Some("ListAccounts".to_owned()),
        kind: Kind::Error(crate::range::call::ApiError::new(400, "AccessDeniedException", "no")),
        ..Fault::default()
    });
    let options = ConnectOptions {
        reader_role: "no-such-role".to_owned(),
        ..options(&range, &login)
    };
    let all = examine(&options, &Notices::default()).await;
    assert_eq!(of(&all, "way")[0].health, Health::Problem);
    assert!(
        of(&all, "accounts")[0].sentence.contains("AccessDeniedException"),
        "{all:?}"
    );
    assert!(of(&all, "role")[0].sentence.contains("your own credentials"), "{all:?}");
    assert!(!of(&all, "source").is_empty());
}

#[test]
fn a_way_in_that_is_missing_does_not_point_back_here() {
    let call = crate::cloud::errors::CallError::malformed("sts:GetCallerIdentity", "no");
    for error in [
        ConnectError::NoCredentials {
            looked_for: "AWS_ACCESS_KEY_ID".to_owned(),
        },
        ConnectError::Credentials {
            why: crate::domain::Untrusted::new("no"),
        },
        ConnectError::NoRegion,
        ConnectError::Identity(call),
    ] {
        let said = unconnected(&error);
        assert!(!said.sentence.contains("doctor"), "{}", said.sentence);
        assert!(!said.advice.is_empty(), "{}", said.sentence);
        // What the error itself says first is what is said here too.
        let start = said.sentence.split(['.', ':']).next().unwrap_or_default();
        assert!(error.to_string().starts_with(start), "{error}");
    }
}

#[tokio::test]
async fn two_hundred_accounts_without_the_role_are_one_line() {
    let (range, login) = range();
    range.with_world(|world| {
        let pattern = world.accounts[&crate::cloud::testing::account("333333333333")].clone();
        for n in 0..200 {
            let mut member = pattern.clone();
            member.id = crate::cloud::testing::account(&format!("500000000{n:03}"));
            member.iam.roles.remove("quell-reader");
            world.accounts.insert(member.id, member);
        }
    });
    let all = examine(&options(&range, &login), &Notices::default()).await;
    let bad: Vec<_> = of(&all, "role")
        .into_iter()
        .filter(|e| e.health == Health::Problem)
        .collect();
    let [one] = bad.as_slice() else { panic!("{bad:?}") };
    assert!(
        one.sentence.contains("more accounts: cannot be read"),
        "{}",
        one.sentence
    );
    assert!(one.advice.contains("external id"), "{}", one.advice);
    assert!(all.len() < 20, "{}", all.len());
}

#[tokio::test]
async fn an_account_that_no_route_reaches_is_told_with_advice_that_fits() {
    let (range, login) = range();
    let mut options = options(&range, &login);
    options.discovery.way = crate::cloud::Way::Administrator;
    let all = examine(&options, &Notices::default()).await;
    let left: Vec<_> = of(&all, "source")
        .into_iter()
        .filter(|e| e.sentence.contains("is not read: "))
        .collect();
    // Nobody administers anything, so that is one fault for each source.
    assert_eq!(left.len(), 2, "{left:?}");
    for one in left {
        assert!(one.sentence.contains("(333333333333) in ap-northeast-2"), "{one:?}");
        assert!(
            one.advice.contains("change way") && one.health == Health::Problem,
            "{one:?}"
        );
    }
    assert!(!all.iter().any(|e| e.advice.contains("Allow the call")), "{all:?}");
}

#[tokio::test]
async fn a_region_that_is_not_enabled_is_not_taken_for_bad_credentials() {
    let (range, login) = range();
    let mut options = options(&range, &login);
    // The first one that is given is asked first who the caller is.
    options.regions.insert(0, "me-south-1".parse().unwrap());
    let all = examine(&options, &Notices::default()).await;
    assert!(of(&all, "identity")[0].sentence.contains("user/oncall-1"), "{all:?}");
    let regions = of(&all, "regions");
    assert!(
        regions
            .iter()
            .any(|e| e.sentence.starts_with("me-south-1 is not enabled in 222222222222")),
        "{all:?}"
    );
    let sources = of(&all, "source");
    let there: Vec<_> = sources
        .iter()
        .filter(|e| e.sentence.contains("in me-south-1"))
        .collect();
    assert!(!there.is_empty(), "{all:?}");
    for one in there {
        assert!(
            one.sentence.contains("the region is not enabled in this account"),
            "{one:?}"
        );
        assert!(one.advice.starts_with("Enable the region"), "{one:?}");
    }
    assert!(!all.iter().any(|e| e.sentence.contains("valid credentials")), "{all:?}");
}

/// What doctor finds where the second look, the one that reads, does not get an answer that the first one got.
async fn second_look_without(operation: &'static str, prepared: impl Fn(&Range), pinned: bool) -> Vec<Examined> {
    let looked = async |skip: u32| {
        let (range, login) = range();
        prepared(&range);
        if skip > 0 {
            range.fail(Fault {
                service: (operation == "ListMembers").then(|| "guardduty".to_owned()),
                operation: Some(operation.to_owned()),
                skip,
                kind: Kind::Internal,
                ..Fault::default()
            });
        }
        let mut options = options(&range, &login);
        options.discovery.guardduty_administrator = pinned.then_some(login.account);
        let all = examine(&options, &Notices::default()).await;
        let calls = range.with_world(|world| {
            let fits =
                |c: &&LoggedCall| c.operation == operation && (operation == "ListAccounts" || c.service == "guardduty");
            world.log.iter().filter(fits).count()
        });
        (all, u32::try_from(calls).unwrap())
    };
    let (well, calls) = looked(0).await;
    assert_eq!(of(&well, "way")[0].health, Health::Ok, "{well:?}");
    assert!(!well.iter().any(|e| e.health == Health::Problem), "{well:?}");
    assert!(calls > 0 && calls % 2 == 0, "{calls}");
    looked(calls / 2).await.0
}

#[tokio::test]
async fn accounts_that_only_the_first_look_found_are_a_problem() {
    let all = second_look_without("ListAccounts", |_| {}, false).await;
    let ways = of(&all, "way");
    let [first, second] = ways.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!((first.health, second.health), (Health::Ok, Health::Problem));
    assert!(second.sentence.contains("could not be listed"), "{second:?}");
}

#[tokio::test]
async fn a_member_whose_role_only_the_second_look_tried_is_told() {
    let prepared = |range: &Range| {
        range.with_world(|world| {
            let now = world.now();
            for id in ["111111111111", "333333333333", "444444444444"] {
                let id = crate::cloud::testing::account(id);
                world.accounts.get_mut(&id).unwrap().iam.roles.remove("quell-reader");
                for code in ["ap-northeast-2", "us-east-1"] {
                    let own = crate::cloud::testing::account("222222222222");
                    let region = crate::cloud::testing::region(code);
                    let on = world.regional(&own, &region).unwrap().guardduty.detector.clone();
                    let member = world.regional(&id, &region).unwrap();
                    member.guardduty.detector = member.guardduty.detector.take().or(on);
                    member.securityhub.enabled.get_or_insert(now);
                    let place = world.regional(&own, &region).unwrap();
                    place.guardduty.members.put(id, Relationship::Enabled, now);
                    place.securityhub.members.put(id, Relationship::Enabled, now);
                }
            }
        });
    };
    let all = second_look_without("ListMembers", prepared, true).await;
    let bad: Vec<_> = of(&all, "source")
        .into_iter()
        .filter(|e| e.health == Health::Problem)
        .collect();
    assert!(
        bad.iter()
            .any(|e| e.sentence.contains("quell-reader") && e.sentence.contains("333333333333")),
        "{all:?}"
    );
}

#[tokio::test]
async fn the_queue_is_looked_at_and_nothing_is_received() {
    use crate::cloud::testing::SEOUL;
    let (range, login) = range();
    let mut options = options(&range, &login);
    assert!(of(&examine(&options, &Notices::default()).await, "queue").is_empty());
    options.queue = Some(format!("arn:aws:sqs:{SEOUL}:222222222222:elsewhere").parse().unwrap());
    let all = examine(&options, &Notices::default()).await;
    let missing = of(&all, "queue")[0];
    assert_eq!(missing.health, Health::Problem);
    assert!(missing.advice.contains("Make the queue"), "{missing:?}");
    assert_eq!(missing.sentence.matches("cannot be read").count(), 1, "{missing:?}");
    // No session was had: what the queue allows is not what is in the way.
    options.queue = Some(
        format!("arn:aws:sqs:{SEOUL}:999999999999:quell-events")
            .parse()
            .unwrap(),
    );
    let all = examine(&options, &Notices::default()).await;
    let stranger = of(&all, "queue")[0];
    assert!(stranger.sentence.contains("could not be assumed"), "{stranger:?}");
    assert!(
        stranger.advice.contains("999999999999 in `queue` is the right account") && !stranger.advice.contains("sqs:"),
        "{stranger:?}"
    );
    options.queue = Some(
        format!("arn:aws:sqs:{SEOUL}:222222222222:quell-events")
            .parse()
            .unwrap(),
    );
    let all = examine(&options, &Notices::default()).await;
    assert_eq!(of(&all, "queue")[0].health, Health::Ok, "{all:?}");
    let received = range.with_world(|world| world.log.iter().any(|call| call.operation == "ReceiveMessage"));
    assert!(!received);
}

#[tokio::test]
async fn the_topic_of_rules_is_looked_at_and_nothing_is_sent() {
    let (range, login) = range();
    let options = options(&range, &login);
    let with = async |topic: Option<&str>, rule| {
        let topic = topic.map(|arn| arn.parse().unwrap());
        let all = examine(&options, &Notices { topic, rule }).await;
        of(&all, "topic").into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(with(None, None).await, []);
    let none = with(None, Some(2)).await;
    assert!(
        none[0].sentence.starts_with("Rule 2 notifies, and there is no topic"),
        "{none:?}"
    );
    assert_eq!(none[0].health, Health::Problem);

    let wrong = login.topic_arn.replace("incident-response", "wrong-name");
    let gone = with(Some(&wrong), Some(1)).await;
    assert!(
        gone[0].sentence.starts_with(&format!("{wrong} is not there")),
        "{gone:?}"
    );
    assert!(
        gone[0].health == Health::Problem && gone[0].advice.contains("notify.topic"),
        "{gone:?}"
    );

    let there = with(Some(&login.topic_arn), Some(1)).await;
    assert!(there[0].health < Health::Problem, "{there:?}");
    assert!(
        there[0].sentence.starts_with(&format!("{} is there", login.topic_arn)),
        "{there:?}"
    );

    range.fail(Fault {
        operation: Some("GetTopicAttributes".to_owned()),
        kind: Kind::Error(crate::range::call::ApiError::new(403, "AuthorizationError", "no")),
        ..Fault::default()
    });
    let closed = with(Some(&login.topic_arn), None).await;
    assert!(closed[0].advice.contains("sns:GetTopicAttributes"), "{closed:?}");
    let published = range.with_world(|world| world.log.iter().any(|call| call.operation == "Publish"));
    assert!(!published);
}
