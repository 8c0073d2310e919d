//! Roles and the sessions made from them.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use aws_sdk_sts::types::Credentials;

use crate::range::Range;
use crate::range::policy::Policy;
use crate::range::testing::{self, PROD, SECURITY, id};

const ROLE: &str = "arn:aws:iam::333333333333:role/quell-responder";
const TRUST: &str = r#"{"Statement":[
    {"Effect":"Allow","Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Principal":{"AWS":"222222222222"}},
    {"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"wrong"}}}
]}"#;

/// A range whose prod account has the role, with this trust, and leave to do everything in SNS and IAM.
fn range_with(trust: &str) -> Range {
    let mut world = testing::world();
    let (role_id, now) = (world.new_unique_id("AROA"), world.now());
    let account = world.accounts.get_mut(&id(PROD)).unwrap();
    let role = account
        .iam
        .add_role("quell-responder", role_id, now, Policy::trust(trust).unwrap());
    let all = r#"{"Statement":{"Effect":"Allow","Action":["ec2:*","sns:*","iam:*","sts:*"],"Resource":"*"}}"#;
    role.grants
        .inline
        .insert("all".to_owned(), Policy::identity(all).unwrap());
    Range::new(world)
}

fn assume(config: &SdkConfig) -> AssumeRoleFluentBuilder {
    aws_sdk_sts::Client::new(config)
        .assume_role()
        .role_arn(ROLE)
        .role_session_name("oncall-1")
}

fn as_session(range: &Range, credentials: &Credentials) -> SdkConfig {
    testing::config(
        range,
        credentials.access_key_id(),
        credentials.secret_access_key(),
        Some(credentials.session_token()),
        "us-east-1",
    )
}

async fn refusal(request: AssumeRoleFluentBuilder) -> String {
    let error = request.send().await.unwrap_err();
    error.code().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn a_trusted_account_gets_a_session_that_says_who_it_is() {
    let range = range_with(TRUST);
    let answer = assume(&testing::admin(&range, SECURITY, "ap-northeast-2"))
        .source_identity("ann")
        .send()
        .await
        .unwrap();
    let arn = "arn:aws:sts::333333333333:assumed-role/quell-responder/oncall-1";
    assert_eq!(answer.assumed_role_user().unwrap().arn(), arn);
    assert_eq!(answer.source_identity(), Some("ann"));
    let credentials = answer.credentials().unwrap();
    assert_eq!(credentials.expiration().to_string(), "2026-03-01T01:00:00Z");
    let who = aws_sdk_sts::Client::new(&as_session(&range, credentials))
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!((who.arn(), who.account()), (Some(arn), Some(PROD)));
    assert!(who.user_id().unwrap().ends_with(":oncall-1"));
    range.with_world(|world| {
        let calls: Vec<_> = world
            .log
            .iter()
            .map(|c| (c.operation.as_str(), c.mutating, c.account.as_str()))
            .collect();
        assert_eq!(
            calls,
            [("AssumeRole", false, SECURITY), ("GetCallerIdentity", false, PROD)]
        );
    });
}

#[tokio::test]
async fn both_sides_must_agree() {
    let range = range_with(TRUST);
    let security = testing::admin(&range, SECURITY, "us-east-1");
    assert_eq!(
        refusal(assume(&testing::admin(&range, testing::MANAGEMENT, "us-east-1"))).await,
        "AccessDenied"
    );
    assert_eq!(refusal(assume(&security).external_id("wrong")).await, "AccessDenied");
    assert_eq!(
        refusal(assume(&security).role_arn(ROLE.replace("quell", "other"))).await,
        "AccessDenied"
    );
    range.with_world(|world| {
        let user = world
            .accounts
            .get_mut(&id(SECURITY))
            .unwrap()
            .iam
            .users
            .get_mut("admin")
            .unwrap();
        user.grants.inline.clear();
    });
    assert_eq!(refusal(assume(&security)).await, "AccessDenied");
}

#[tokio::test]
async fn within_an_account_a_trust_that_names_the_user_is_enough() {
    let named = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"arn:aws:iam::333333333333:user/admin"}}}"#;
    let whole = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"333333333333"}}}"#;
    for (trust, expected) in [(named, true), (whole, false)] {
        let range = range_with(trust);
        range.with_world(|world| {
            let user = world
                .accounts
                .get_mut(&id(PROD))
                .unwrap()
                .iam
                .users
                .get_mut("admin")
                .unwrap();
            user.grants.inline.clear();
        });
        let got = assume(&testing::admin(&range, PROD, "us-east-1")).send().await;
        assert_eq!(got.is_ok(), expected, "{trust}");
    }
}

#[tokio::test]
async fn a_session_policy_limits_to_one_topic() {
    let range = range_with(TRUST);
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:CreateTopic",
        "Resource":"arn:aws:sns:us-east-1:333333333333:incidents"}]}"#;
    let answer = assume(&testing::admin(&range, SECURITY, "us-east-1"))
        .policy(policy)
        .send()
        .await
        .unwrap();
    assert!(answer.packed_policy_size().unwrap() > 0);
    let sns = aws_sdk_sns::Client::new(&as_session(&range, answer.credentials().unwrap()));
    sns.create_topic().name("incidents").send().await.unwrap();
    let error = sns.create_topic().name("other").send().await.unwrap_err();
    assert_eq!(error.code(), Some("AuthorizationError"));
    assert!(
        error
            .message()
            .unwrap()
            .contains("no session policy allows the sns:CreateTopic action")
    );
    assert_eq!(
        sns.list_topics().send().await.unwrap_err().code(),
        Some("AuthorizationError")
    );
}

/// The interface does not exist; what counts is whether EC2 gets to say so.
#[tokio::test]
async fn a_session_policy_limits_to_one_interface_and_its_groups() {
    let range = range_with(TRUST);
    let policy = r#"{"Statement":[{"Effect":"Allow","Action":"ec2:ModifyNetworkInterfaceAttribute","Resource":[
        "arn:aws:ec2:us-east-1:333333333333:network-interface/eni-00000000000000001","arn:aws:ec2:us-east-1:333333333333:security-group/sg-00000000000000001"]}]}"#;
    let answer = assume(&testing::admin(&range, SECURITY, "us-east-1"))
        .policy(policy)
        .send()
        .await
        .unwrap();
    let ec2 = aws_sdk_ec2::Client::new(&as_session(&range, answer.credentials().unwrap()));
    for (interface, group, code) in [
        (
            "eni-00000000000000001",
            "sg-00000000000000001",
            "InvalidNetworkInterfaceID.NotFound",
        ),
        ("eni-00000000000000002", "sg-00000000000000001", "UnauthorizedOperation"),
        ("eni-00000000000000001", "sg-00000000000000002", "UnauthorizedOperation"),
    ] {
        let modify = ec2.modify_network_interface_attribute().network_interface_id(interface);
        let error = modify.groups(group).send().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{interface} {group}");
    }
}

#[tokio::test]
async fn bad_requests_are_refused_with_their_codes() {
    let range = range_with(TRUST);
    let security = testing::admin(&range, SECURITY, "us-east-1");
    let long = format!(
        r#"{{"Statement":{{"Effect":"Allow","Action":"a:b","Resource":"{}"}}}}"#,
        "x".repeat(2048)
    );
    for (request, code) in [
        (assume(&security).policy(long), "PackedPolicyTooLarge"),
        (assume(&security).policy("{"), "MalformedPolicyDocument"),
        (assume(&security).role_session_name("with space"), "ValidationError"),
        (assume(&security).role_session_name("x"), "ValidationError"),
        (assume(&security).duration_seconds(899), "ValidationError"),
        (assume(&security).duration_seconds(7200), "ValidationError"),
        (
            assume(&security).role_arn("quell-responder-role-name"),
            "ValidationError",
        ),
    ] {
        assert_eq!(refusal(request).await, code);
    }
}

#[tokio::test]
async fn a_chained_session_lasts_an_hour_at_most_and_keeps_its_source_identity() {
    let trust = TRUST.replace(
        r#""Principal":{"AWS":"222222222222"}"#,
        r#""Principal":{"AWS":["222222222222","333333333333"]}"#,
    );
    let range = range_with(&trust);
    range.with_world(|world| {
        let role = world
            .accounts
            .get_mut(&id(PROD))
            .unwrap()
            .iam
            .roles
            .get_mut("quell-responder")
            .unwrap();
        role.max_session = 43_200;
    });
    let security = testing::admin(&range, SECURITY, "us-east-1");
    let first = assume(&security)
        .duration_seconds(7200)
        .source_identity("ann")
        .send()
        .await
        .unwrap();
    let chained = as_session(&range, first.credentials().unwrap());
    assert_eq!(
        refusal(assume(&chained).duration_seconds(3601)).await,
        "ValidationError"
    );
    assert_eq!(refusal(assume(&chained).source_identity("bob")).await, "AccessDenied");
    let second = assume(&chained).send().await.unwrap();
    assert_eq!(second.source_identity(), Some("ann"));
}

#[tokio::test]
async fn a_session_ends() {
    let range = range_with(TRUST);
    let security = testing::admin(&range, SECURITY, "us-east-1");
    let answer = assume(&security).duration_seconds(900).send().await.unwrap();
    let session = as_session(&range, answer.credentials().unwrap());
    let sts = aws_sdk_sts::Client::new(&session);
    sts.get_caller_identity().send().await.unwrap();
    range.with_world(|world| world.clock.advance(Duration::from_mins(15)));
    let error = sts.get_caller_identity().send().await.unwrap_err();
    assert_eq!(error.code(), Some("ExpiredToken"));
    let orgs = aws_sdk_organizations::Client::new(&session);
    let error = orgs.list_accounts().send().await.unwrap_err();
    assert_eq!(error.code(), Some("ExpiredTokenException"));
}
