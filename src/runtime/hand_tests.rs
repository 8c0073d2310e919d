//! What may be written while a plan is being applied, and what may not.

use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::*;
use crate::action::{ActionName, Plan, Refusal, RefusalKind, Request};
use crate::cloud::ConnectOptions;
use crate::cloud::testing::{self, Between, PROD, VIRGINIA, account, region, start};
use crate::domain::{Resource, ResourceKind, Untrusted};
use crate::range::Range;
use crate::runtime::gather;

/// Whether it is done at once, without waiting for anything.
fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// The plan to switch off the drill's leaked key.
async fn plan(cloud: &Arc<Cloud>, range: &Range) -> Plan {
    let key = range.with_world(|world| {
        let users = world.accounts[&account(PROD)].iam.users.values();
        let mut keys = users.flat_map(|user| &user.keys).filter(|key| key.active);
        keys.next().unwrap().id.clone()
    });
    let request = Request {
        action: ActionName::DisableAccessKey,
        account: account(PROD),
        region: region(VIRGINIA),
        target: Resource::new(ResourceKind::AccessKey, key),
        incident: "q-0123abcd".to_owned(),
        by: cloud.identity().arn.to_string(),
        at: start(),
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: crate::action::Choices::new(),
    };
    gather(cloud, &request, None).await.unwrap()
}

#[tokio::test]
async fn a_note_does_not_wait_for_aws_and_a_second_plan_does() {
    let (range, login) = testing::range();
    let place = tempfile::tempdir().unwrap();
    let ours: Arc<OnceLock<(Arc<Responder>, Plan)>> = Arc::default();
    let answers = Arc::new(AtomicUsize::new(0));
    let (responder, answered) = (Arc::clone(&ours), Arc::clone(&answers));
    // Between AWS's answer and whoever waits for it.
    let change = move |_: &str, body: Vec<u8>| {
        if let Some((responder, plan)) = responder.get() {
            let what = What::Noted {
                text: Untrusted::new("seen on the screen"),
            };
            let noted = at_once(responder.note(None, what));
            assert!(matches!(noted, Some(Ok(_))), "a note waits for AWS: {noted:?}");
            let again = Confirmed::by_digest(plan.clone(), &plan.digest().to_string(), start()).unwrap();
            assert!(
                at_once(responder.run(again, &mut |_| {})).is_none(),
                "two plans at a time"
            );
            answered.fetch_add(1, Ordering::Relaxed);
        }
        body
    };
    let between = Between {
        range: range.clone(),
        change: Arc::new(change),
    };
    let options = ConnectOptions {
        http: Some(SharedHttpClient::new(between)),
        ..testing::options(&range, &login)
    };
    let cloud = Cloud::connect(options).await.unwrap();
    let plan = plan(&cloud, &range).await;
    let directory = place.path().join("journal");
    let writer = Writer::open(&directory, "oncall-1", start()).unwrap();
    let responder = Arc::new(Responder::new(Arc::clone(&cloud), writer, directory.clone()));
    ours.set((Arc::clone(&responder), plan.clone())).unwrap();

    let confirmed = Confirmed::by_digest(plan.clone(), &plan.digest().to_string(), start()).unwrap();
    let run = responder.run(confirmed, &mut |_| {}).await.unwrap();
    assert_eq!(run.trouble, None);
    let answers = answers.load(Ordering::Relaxed);
    assert!(
        answers > 3,
        "the facts are read again, the role is assumed, the change is sent: {answers}"
    );
    let records = crate::journal::read(&directory.join(crate::journal::FILE_NAME)).unwrap();
    assert_eq!(
        records.len(),
        answers + 3,
        "each note, the plan, an intent and an outcome"
    );
}

#[test]
fn a_rule_that_is_refused_does_not_speak_of_a_plan() {
    let gone = || {
        let why = "AWS has no SNS topic wrong-name in 222222222222 ap-northeast-2.";
        let refusal = Refusal::new(RefusalKind::Gone, why, "Correct notify.topic.");
        NotApplied::NoPlan(refusal.into())
    };
    let whole = "AWS has no SNS topic wrong-name in 222222222222 ap-northeast-2. Correct notify.topic.";
    assert_eq!(refused(gone(), true), [whole]);
    assert_eq!(
        refused(gone(), false),
        [format!("The plan cannot be made any more: {whole}")]
    );
}
