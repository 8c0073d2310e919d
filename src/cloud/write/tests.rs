//! Plans against the range, from the queries to the permits, through the real SDK clients.

use crate::action::{Ec2Call, Ec2Query, IamCall};
use std::sync::Arc;
use std::time::Duration;

use super::send;
use crate::action::{
    self, ActionName, Answer, Confirmed, Draft, Facts, KeyStatus, Mutation, Outcome, Plan, PlannedCall, Query, Ref,
    Request, Stop, Undo,
};
use crate::cloud::testing::{PROD, SEOUL, account, connected, region, start};
use crate::cloud::{Cloud, ResponderSession, answers};
use crate::domain::{Resource, ResourceKind};
use crate::journal::Writer;
use crate::range::Range;
use crate::range::call::ApiError;
use crate::range::fault::{Fault, Kind};

fn request(action: ActionName, target: Resource) -> Request {
    Request {
        action,
        account: account(PROD),
        region: region(SEOUL),
        target,
        incident: "q-0123abcd".to_owned(),
        by: "arn:aws:iam::222222222222:user/oncall-1".to_owned(),
        at: start(),
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: crate::action::Choices::new(),
    }
}

fn instance_named(range: &Range, name: &str) -> String {
    range.with_world(|world| {
        let ec2 = &world.accounts[&account(PROD)].regions[&region(SEOUL)].ec2;
        let named = |i: &&crate::range::services::ec2::model::Instance| i.tags.get("Name").is_some_and(|n| n == name);
        ec2.instances.values().find(named).unwrap().id.clone()
    })
}

/// Reads what the action asks for, until it has a plan.
async fn plan(cloud: &Arc<Cloud>, request: &Request) -> Plan {
    let mut facts = Facts::default();
    loop {
        match action::plan(request, None, &facts) {
            Ok(plan) => return plan,
            Err(Stop::Ask(queries)) => {
                for reading in answers(cloud, &request.account, &request.region, &queries).await {
                    facts.insert(reading);
                }
            }
            Err(Stop::Refuse(refusal)) => panic!("{refusal}"),
        }
    }
}

/// A plan of these calls alone.
pub(super) fn calls(mutations: Vec<Mutation>) -> Plan {
    let draft = Draft {
        calls: mutations
            .into_iter()
            .map(|mutation| PlannedCall {
                mutation,
                undo: Undo::Kept,
                was: None,
            })
            .collect(),
        ..Draft::default()
    };
    let target = Resource::new(ResourceKind::Instance, "i-0ab12cd34ef567890");
    Plan::new(request(ActionName::IsolateInstance, target), draft, Facts::default())
}

/// Sends a plan's calls until one does not go on.
async fn apply(session: &ResponderSession, plan: &Plan) -> Vec<Outcome> {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = Writer::open(&directory.path().join("workspace"), "oncall-1", start()).unwrap();
    let confirmed = Confirmed::by_digest(plan.clone(), &plan.digest().to_string(), start()).unwrap();
    let (mut underway, _) = journal.begin(confirmed, start()).unwrap();
    let mut outcomes = Vec::new();
    while underway.next().is_some() {
        let (permit, _) = journal.intent(&mut underway, start(), start()).unwrap();
        let (receipt, outcome) = send(session, permit, underway.made()).await;
        outcomes.push(outcome.clone());
        journal.outcome(&mut underway, receipt, outcome, start()).unwrap();
    }
    outcomes
}

/// The changes that reached the range, by operation and error code.
fn changes(range: &Range) -> Vec<(String, Option<String>)> {
    range.with_world(|world| {
        let changes = world.log.iter().filter(|call| call.mutating);
        changes.map(|c| (c.operation.clone(), c.error.clone())).collect()
    })
}

#[tokio::test]
async fn an_instance_is_isolated_by_a_session_that_can_do_just_that() {
    let (range, cloud) = connected().await;
    let id = instance_named(&range, "결제-웹-01");
    let plan = plan(
        &cloud,
        &request(
            ActionName::IsolateInstance,
            Resource::new(ResourceKind::Instance, id.clone()),
        ),
    )
    .await;
    let session = cloud.responder(&plan).await.unwrap();
    assert!(
        session
            .identity()
            .arn
            .as_str()
            .ends_with("assumed-role/quell-responder/quell-q-0123abcd")
    );
    assert!(session.names_person());
    let named = range.with_world(|w| {
        w.sessions
            .values()
            .any(|s| s.role == "quell-responder" && s.source_identity.as_deref() == Some("oncall-1"))
    });
    assert!(named);
    let outcomes = apply(&session, &plan).await;
    assert_eq!(outcomes.len(), plan.draft.calls.len(), "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|o| o.word() == "applied" && o.request_id().is_some()),
        "{outcomes:?}"
    );

    let query = Query::Ec2(Ec2Query::Interfaces {
        of: id.parse().unwrap(),
    });
    let read = answers(&cloud, &account(PROD), &region(SEOUL), std::slice::from_ref(&query)).await;
    let Ok(Answer::Interfaces(interfaces)) = &read[0].result else {
        panic!("{read:?}");
    };
    let groups: Vec<_> = interfaces.iter().map(|i| i.groups.clone()).collect();
    assert!(
        groups.len() == 2 && groups[0].len() == 1 && groups[0] == groups[1],
        "{groups:?}"
    );
    let query = Query::Ec2(Ec2Query::Groups { ids: groups[0].clone() });
    let read = answers(&cloud, &account(PROD), &region(SEOUL), &[query]).await;
    assert!(
        matches!(&read[0].result, Ok(Answer::Groups(g)) if g[0].is_sealed()),
        "{read:?}"
    );
}

#[tokio::test]
async fn a_set_of_snapshots_names_the_snapshot_of_each_volume() {
    let (range, cloud) = connected().await;
    let id = instance_named(&range, "결제-웹-01");
    let plan = plan(
        &cloud,
        &request(ActionName::SnapshotInstance, Resource::new(ResourceKind::Instance, id)),
    )
    .await;
    let session = cloud.responder(&plan).await.unwrap();
    let outcomes = apply(&session, &plan).await;
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
    assert!(outcomes.iter().all(|o| o.word() == "applied"), "{outcomes:?}");
    let Outcome::Applied { made, .. } = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert!(
        made.len() == 2
            && made
                .iter()
                .all(|(v, s)| v.starts_with("vol-") && s.starts_with("snap-"))
    );
}

#[tokio::test]
async fn a_session_for_one_plan_can_do_nothing_else() {
    let (range, cloud) = connected().await;
    let (one, other) = (
        instance_named(&range, "결제-웹-01"),
        instance_named(&range, "결제-웹-02"),
    );
    let protect = |id: &str| {
        Mutation::Ec2(Ec2Call::SetTerminationProtection {
            instance: id.parse().unwrap(),
            on: true,
        })
    };
    let session = cloud.responder(&calls(vec![protect(&one)])).await.unwrap();
    let outcomes = apply(&session, &calls(vec![protect(&other)])).await;
    assert!(
        matches!(&outcomes[..], [Outcome::Failed { code: Some(code), .. }] if code == "UnauthorizedOperation"),
        "{outcomes:?}"
    );
    let disable = Mutation::Iam(IamCall::UpdateAccessKey {
        user: "deploy-bot".parse().unwrap(),
        key: "AKIAIOSFODNN7EXAMPLE".parse().unwrap(),
        status: KeyStatus::Inactive,
    });
    let outcomes = apply(&session, &calls(vec![disable])).await;
    assert!(
        matches!(&outcomes[..], [Outcome::Failed { code: Some(code), .. }] if code == "AccessDenied"),
        "{outcomes:?}"
    );
    let outcomes = apply(&session, &calls(vec![protect(&one)])).await;
    assert!(matches!(&outcomes[..], [Outcome::Applied { .. }]), "{outcomes:?}");
}

#[tokio::test]
async fn a_reading_session_cannot_write_even_if_code_tried() {
    let (range, cloud) = connected().await;
    let id = instance_named(&range, "결제-웹-01");
    let reader = cloud.session(&account(PROD)).await.unwrap();
    assert!(!reader.is_own_credentials());
    let tag = aws_sdk_ec2::types::Tag::builder().key("k").value("v").build();
    let error = reader
        .ec2(&region(SEOUL))
        .create_tags()
        .resources(id)
        .tags(tag)
        .send()
        .await
        .unwrap_err();
    let code = aws_sdk_ec2::error::ProvideErrorMetadata::code(&error);
    assert_eq!(code, Some("UnauthorizedOperation"));
    let denied = Some("UnauthorizedOperation".to_owned());
    assert_eq!(changes(&range), [("CreateTags".to_owned(), denied)]);
}

#[tokio::test]
async fn a_lost_reply_is_unknown_and_the_call_is_not_sent_again() {
    for (kind, word) in [
        (Kind::DropReply, "unknown"),
        (Kind::CutBody(30), "unknown"),
        (Kind::Error(ApiError::new(500, "InternalError", "oops")), "unknown"),
        (Kind::Error(ApiError::new(503, "Unavailable", "later")), "unknown"),
        (Kind::Error(ApiError::new(400, "InvalidParameterValue", "no")), "failed"),
    ] {
        let (range, cloud) = connected().await;
        let id = instance_named(&range, "결제-웹-01");
        let resource = Ref::Id(id);
        let tags = [("quell:test".to_owned(), "1".to_owned())].into();
        let plan = calls(vec![
            Mutation::Ec2(Ec2Call::CreateTags {
                resource: resource.clone(),
                tags,
            }),
            Mutation::Ec2(Ec2Call::DeleteTags {
                resource,
                keys: vec!["quell:test".to_owned()],
            }),
        ]);
        let session = cloud.responder(&plan).await.unwrap();
        range.fail(Fault {
            operation: Some("CreateTags".to_owned()),
            kind: kind.clone(),
            ..Fault::default()
        });
        let outcomes = apply(&session, &plan).await;
        let words: Vec<&str> = outcomes.iter().map(Outcome::word).collect();
        assert_eq!(words, [word], "{kind:?} {outcomes:?}");
        assert_eq!(changes(&range).len(), 1, "{kind:?}");
    }
}

/// The isolation of an instance with two interfaces, on a range that throttles: from the first of the two steps on, so many calls.
async fn isolated_under(times: u32) -> (Range, Plan, Vec<Outcome>) {
    let (range, cloud) = connected().await;
    let target = Resource::new(ResourceKind::Instance, instance_named(&range, "결제-웹-01"));
    let plan = plan(&cloud, &request(ActionName::IsolateInstance, target)).await;
    let session = cloud.responder(&plan).await.unwrap();
    range.fail(Fault {
        operation: Some("ModifyNetworkInterfaceAttribute".to_owned()),
        skip: 1,
        times,
        kind: Kind::Throttle,
        ..Fault::default()
    });
    let outcomes = apply(&session, &plan).await;
    (range, plan, outcomes)
}

#[tokio::test]
async fn a_throttled_call_is_tried_again_and_takes_effect_once() {
    let (range, plan, outcomes) = isolated_under(3).await;
    assert!(outcomes.iter().all(|o| o.word() == "applied"), "{outcomes:?}");
    let (done, refused): (Vec<_>, Vec<_>) = changes(&range).into_iter().partition(|(_, error)| error.is_none());
    let done: Vec<&str> = done.iter().map(|(operation, _)| operation.as_str()).collect();
    let permissions = plan.draft.calls.iter().map(|call| call.mutation.permission());
    let planned: Vec<&str> = permissions.filter_map(|p| p.split(':').nth(1)).collect();
    assert_eq!(done, planned);
    assert_eq!(refused.len(), 3, "{refused:?}");
}

#[tokio::test]
async fn what_stays_throttled_has_failed_after_the_last_pause() {
    let (range, _, outcomes) = isolated_under(0).await;
    let Some(Outcome::Failed { code: Some(code), .. }) = outcomes.last() else {
        panic!("{outcomes:?}");
    };
    assert_eq!(code, "RequestLimitExceeded");
    let throttled = |(_, error): &&(String, Option<String>)| error.as_deref() == Some("RequestLimitExceeded");
    assert_eq!(changes(&range).iter().filter(throttled).count(), 5);
}

#[test]
fn the_pauses_grow_and_end() {
    let pauses = crate::cloud::ConnectOptions::default().pauses;
    assert!(pauses.is_sorted() && !pauses.is_empty());
    assert!(pauses.iter().sum::<Duration>() <= Duration::from_secs(15), "{pauses:?}");
}
