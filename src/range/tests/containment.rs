//! Policies that change: when they are in force, for whom, and who may not be touched.

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum};

use crate::range::Range;
use crate::range::policy::Policy;
use crate::range::testing::{self, PROD, id};

const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"333333333333"}}}"#;
const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
const OLD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*",
    "Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-03-01T00:00:30Z"}}}]}"#;

/// The prod account with a role that may do everything, and one that is linked to a service.
fn range() -> Range {
    let mut world = testing::world();
    let now = world.now();
    for (name, path) in [("work", "/"), ("linked", "/aws-service-role/x.amazonaws.com/")] {
        let role_id = world.new_unique_id("AROA");
        let iam = &mut world.accounts.get_mut(&id(PROD)).unwrap().iam;
        let role = iam.add_role(name, role_id, now, Policy::trust(TRUST).unwrap());
        path.clone_into(&mut role.path);
        role.grants
            .inline
            .insert("all".to_owned(), Policy::identity(ALL).unwrap());
    }
    Range::new(world)
}

fn iam(range: &Range) -> Client {
    Client::new(&testing::admin(range, PROD, "us-east-1"))
}

/// A session of the role `work`, as IAM's client.
async fn session(range: &Range) -> Client {
    let sts = aws_sdk_sts::Client::new(&testing::admin(range, PROD, "us-east-1"));
    let answer = sts
        .assume_role()
        .role_arn("arn:aws:iam::333333333333:role/work")
        .role_session_name("somebody");
    let answer = answer.send().await.unwrap();
    let given = answer.credentials().unwrap();
    let (key, secret) = (given.access_key_id(), given.secret_access_key());
    let token = Some(given.session_token());
    Client::new(&testing::config(range, key, secret, token, "us-east-1"))
}

async fn simulated(iam: &Client, issued: &str) -> String {
    let entry = ContextEntry::builder()
        .context_key_name("aws:TokenIssueTime")
        .context_key_values(issued)
        .context_key_type(ContextKeyTypeEnum::Date);
    let answer = iam
        .simulate_principal_policy()
        .policy_source_arn("arn:aws:iam::333333333333:role/work")
        .action_names("iam:ListUsers")
        .context_entries(entry.build());
    let answer = answer.send().await.unwrap();
    answer.evaluation_results()[0].eval_decision().as_str().to_owned()
}

#[tokio::test]
async fn a_revoke_ends_older_sessions_once_it_has_spread() {
    let range = range();
    range.with_world(|world| world.iam_delay = Duration::from_mins(1));
    let (admin, old) = (iam(&range), session(&range).await);
    let put = admin.put_role_policy().role_name("work").policy_name("revoke");
    put.policy_document(OLD).send().await.unwrap();

    let read = admin.get_role_policy().role_name("work").policy_name("revoke");
    assert!(read.send().await.is_ok(), "it stands at once");
    assert_eq!(simulated(&admin, "2026-03-01T00:00:00Z").await, "allowed");
    assert!(old.list_users().send().await.is_ok(), "and is not in force");

    range.with_world(|world| world.clock.advance(Duration::from_mins(1)));
    assert_eq!(simulated(&admin, "2026-03-01T00:00:00Z").await, "explicitDeny");
    assert_eq!(simulated(&admin, "2026-03-01T00:01:00Z").await, "allowed");
    let refused = old.list_users().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDenied"));
    assert!(
        session(&range).await.list_users().send().await.is_ok(),
        "a new session is not ended"
    );
}

#[tokio::test]
async fn changes_that_follow_each_other_come_into_force_one_by_one() {
    let range = range();
    range.with_world(|world| world.iam_delay = Duration::from_mins(2));
    let (admin, held) = (iam(&range), session(&range).await);
    let wait = || range.with_world(|world| world.clock.advance(Duration::from_mins(1)));
    let put = admin.put_role_policy().role_name("work").policy_name("deny");
    put.policy_document(DENY).send().await.unwrap();
    wait();
    let delete = admin.delete_role_policy().role_name("work").policy_name("deny");
    delete.send().await.unwrap();
    assert!(held.list_users().send().await.is_ok(), "neither is in force");
    wait();
    assert!(
        held.list_users().send().await.is_err(),
        "the deny is, though it was deleted since"
    );
    wait();
    assert!(held.list_users().send().await.is_ok());
}

#[tokio::test]
async fn a_service_linked_role_is_only_modifiable_by_aws() {
    let range = range();
    let admin = iam(&range);
    let put = admin.put_role_policy().role_name("linked").policy_name("deny");
    let refused = put.policy_document(DENY).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("UnmodifiableEntity"));
    let close = admin.update_assume_role_policy().role_name("linked");
    let refused = close.policy_document(TRUST).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("UnmodifiableEntity"));
}

#[tokio::test]
async fn the_use_of_a_role_is_noted() {
    let range = range();
    let admin = iam(&range);
    let used = async || {
        let answer = admin.get_role().role_name("work").send().await.unwrap();
        answer
            .role()
            .unwrap()
            .role_last_used()
            .and_then(|l| l.region().map(str::to_owned))
    };
    assert_eq!(used().await, None);
    session(&range).await.list_users().send().await.unwrap();
    assert_eq!(used().await.as_deref(), Some("us-east-1"));
}

/// What the range cannot put into a simulation it refuses, for to leave it out would give another answer.
#[tokio::test]
async fn a_simulation_leaves_nothing_out() {
    let range = range();
    let asked = iam(&range)
        .simulate_principal_policy()
        .policy_source_arn("arn:aws:iam::333333333333:role/work")
        .action_names("s3:GetObject");
    let more = asked.clone().policy_input_list(DENY).send().await.unwrap();
    assert_eq!(more.evaluation_results()[0].eval_decision().as_str(), "explicitDeny");
    let refused = asked.resource_policy(ALL).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidInput"));
}
