//! Organizations, IAM and SNS.

use std::collections::BTreeSet;

use aws_sdk_iam::error::ProvideErrorMetadata;

use crate::range::Range;
use crate::range::policy::Policy;
use crate::range::services::iam::{Group, InstanceProfile, ManagedPolicy};
use crate::range::testing::{self, MANAGEMENT, PROD, SECURITY, id};

#[tokio::test]
async fn accounts_come_in_pages_of_twenty_each_once() {
    let mut world = testing::world();
    for n in 0..42 {
        world.add_account(
            id(&format!("4000000000{n:02}")),
            "member",
            "m@acme.example",
            "workloads",
        );
    }
    let range = Range::new(world);
    let orgs = aws_sdk_organizations::Client::new(&testing::admin(&range, SECURITY, "ap-northeast-2"));
    let (mut seen, mut sizes, mut token) = (BTreeSet::new(), Vec::new(), None);
    loop {
        let page = orgs.list_accounts().set_next_token(token).send().await.unwrap();
        sizes.push(page.accounts().len());
        seen.extend(page.accounts().iter().filter_map(|a| a.id().map(str::to_owned)));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!((sizes, seen.len()), (vec![20, 20, 5], 45));
    let organisation = orgs.describe_organization().send().await.unwrap();
    assert_eq!(
        organisation.organization().unwrap().master_account_id(),
        Some(MANAGEMENT)
    );
    let admins = orgs.list_delegated_administrators().send().await.unwrap();
    assert_eq!(admins.delegated_administrators()[0].id(), Some(SECURITY));
    let bad = orgs
        .list_accounts()
        .next_token("333333333333")
        .send()
        .await
        .unwrap_err();
    assert!(bad.into_service_error().is_invalid_input_exception());
}

#[tokio::test]
async fn an_ordinary_member_may_not_list_accounts() {
    let range = Range::new(testing::world());
    let orgs = aws_sdk_organizations::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    let error = orgs.list_accounts().send().await.unwrap_err().into_service_error();
    assert!(error.is_access_denied_exception(), "{error:?}");
    let mut world = testing::world();
    world.accounts.retain(|a, _| a.as_str() == PROD);
    let range = Range::new(world);
    let orgs = aws_sdk_organizations::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    let error = orgs
        .describe_organization()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_aws_organizations_not_in_use_exception(), "{error:?}");
}

#[tokio::test]
async fn a_user_is_described_as_iam_describes_it() {
    let mut world = testing::world();
    let now = world.now();
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let iam = &mut world.accounts.get_mut(&id(PROD)).unwrap().iam;
    let arn = "arn:aws:iam::333333333333:policy/deploy";
    iam.policies.insert(
        arn.to_owned(),
        ManagedPolicy {
            name: "deploy".to_owned(),
            path: "/".to_owned(),
            arn: arn.to_owned(),
            id: "ANPADEPLOY".to_owned(),
            created: now,
            default_version: "v2".to_owned(),
            versions: [("v2".to_owned(), Policy::identity(text).unwrap())].into(),
        },
    );
    iam.groups.insert(
        "devs".to_owned(),
        Group {
            name: "devs".to_owned(),
            id: "AGPADEVS".to_owned(),
            created: now,
            grants: crate::range::services::iam::Grants::default(),
        },
    );
    let user = iam.add_user("deploy-bot", "AIDADEPLOY".to_owned(), now);
    user.path = "/bots/".to_owned();
    user.tags.insert("Owner".to_owned(), "플랫폼 <팀>\u{1b}".to_owned());
    user.grants.attached.insert(arn.to_owned());
    user.groups.insert("devs".to_owned());

    let range = Range::new(world);
    let iam = aws_sdk_iam::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    let got = iam.get_user().user_name("deploy-bot").send().await.unwrap();
    let user = got.user().unwrap();
    assert_eq!(user.arn(), "arn:aws:iam::333333333333:user/bots/deploy-bot");
    assert_eq!(user.tags()[0].value(), "플랫폼 <팀>\u{fffd}");
    assert_eq!(user.create_date().to_string(), "2026-03-01T00:00:00Z");
    let attached = iam
        .list_attached_user_policies()
        .user_name("deploy-bot")
        .send()
        .await
        .unwrap();
    assert_eq!(attached.attached_policies()[0].policy_arn(), Some(arn));
    let version = iam
        .get_policy_version()
        .policy_arn(arn)
        .version_id("v2")
        .send()
        .await
        .unwrap();
    assert!(
        version
            .policy_version()
            .unwrap()
            .document()
            .unwrap()
            .starts_with("%7B%22Version%22%3A")
    );
    assert_eq!(
        iam.get_policy()
            .policy_arn(arn)
            .send()
            .await
            .unwrap()
            .policy()
            .unwrap()
            .attachment_count(),
        Some(1)
    );
    let groups = iam.list_groups_for_user().user_name("deploy-bot").send().await.unwrap();
    assert_eq!(groups.groups()[0].group_name(), "devs");
    let first = iam.list_users().max_items(1).send().await.unwrap();
    assert!(first.is_truncated() && first.users()[0].user_name() == "admin");
    let second = iam
        .list_users()
        .set_marker(first.marker().map(str::to_owned))
        .send()
        .await
        .unwrap();
    assert!(!second.is_truncated() && second.users()[0].user_name() == "deploy-bot");
}

#[tokio::test]
async fn an_inline_policy_is_put_read_and_deleted() {
    let range = Range::new(testing::world());
    let iam = aws_sdk_iam::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*",
        "Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-03-01T00:00:00Z"}}}]}"#;
    let put = |text: &str| {
        iam.put_user_policy()
            .user_name("admin")
            .policy_name("quell")
            .policy_document(text)
    };
    put(text).send().await.unwrap();
    let get = || iam.get_user_policy().user_name("admin").policy_name("quell");
    let got = get().send().await.unwrap();
    assert_eq!(
        form_urlencoded::parse(format!("d={}", got.policy_document()).as_bytes())
            .next()
            .unwrap()
            .1,
        text
    );
    let names = iam.list_user_policies().user_name("admin").send().await.unwrap();
    assert_eq!(names.policy_names(), ["all", "quell"]);
    assert!(
        put("{}")
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_malformed_policy_document_exception()
    );
    iam.delete_user_policy()
        .user_name("admin")
        .policy_name("quell")
        .send()
        .await
        .unwrap();
    assert!(
        get()
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_no_such_entity_exception()
    );
}

#[tokio::test]
async fn what_is_not_there_is_no_such_entity() {
    let mut world = testing::world();
    let now = world.now();
    let iam = &mut world.accounts.get_mut(&id(PROD)).unwrap().iam;
    iam.instance_profiles.insert(
        "web".to_owned(),
        InstanceProfile {
            name: "web".to_owned(),
            path: "/".to_owned(),
            id: "AIPAWEB".to_owned(),
            created: now,
            role: Some("web".to_owned()),
        },
    );
    let trust = Policy::trust(
        r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#,
    );
    iam.add_role("web", "AROAWEB".to_owned(), now, trust.unwrap());
    let range = Range::new(world);
    let iam = aws_sdk_iam::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    let profile = iam
        .get_instance_profile()
        .instance_profile_name("web")
        .send()
        .await
        .unwrap();
    assert_eq!(profile.instance_profile().unwrap().roles()[0].role_name(), "web");
    assert_eq!(
        iam.get_role()
            .role_name("web")
            .send()
            .await
            .unwrap()
            .role()
            .unwrap()
            .max_session_duration(),
        Some(3600)
    );
    let codes = [
        iam.get_user()
            .user_name("no")
            .send()
            .await
            .unwrap_err()
            .code()
            .map(str::to_owned),
        iam.get_role()
            .role_name("no")
            .send()
            .await
            .unwrap_err()
            .code()
            .map(str::to_owned),
        iam.get_instance_profile()
            .instance_profile_name("no")
            .send()
            .await
            .unwrap_err()
            .code()
            .map(str::to_owned),
        iam.get_access_key_last_used()
            .access_key_id("AKIANOBODY1111111111")
            .send()
            .await
            .unwrap_err()
            .code()
            .map(str::to_owned),
        iam.update_access_key()
            .access_key_id("AKIANOBODY1111111111")
            .status("Inactive".into())
            .send()
            .await
            .unwrap_err()
            .code()
            .map(str::to_owned),
    ];
    assert!(codes.iter().all(|c| c.as_deref() == Some("NoSuchEntity")), "{codes:?}");
}

#[tokio::test]
async fn a_published_message_is_kept() {
    let range = Range::new(testing::world());
    let sns = aws_sdk_sns::Client::new(&testing::admin(&range, SECURITY, "ap-northeast-2"));
    let topic = sns.create_topic().name("incidents").send().await.unwrap();
    let arn = topic.topic_arn().unwrap();
    let sent = sns
        .publish()
        .topic_arn(arn)
        .subject("q-1")
        .message("격리 완료")
        .send()
        .await
        .unwrap();
    range.with_world(|world| {
        let regional = &world.accounts[&id(SECURITY)].regions[&"ap-northeast-2".parse().unwrap()];
        let message = &regional.sns.topics[arn].messages[0];
        assert_eq!(Some(message.id.as_str()), sent.message_id());
        assert_eq!(
            (message.subject.as_deref(), message.body.as_str()),
            (Some("q-1"), "격리 완료")
        );
    });
    for subject in ["x".repeat(101), "line\nbreak".to_owned(), "격리".to_owned()] {
        let error = sns
            .publish()
            .topic_arn(arn)
            .subject(subject)
            .message("m")
            .send()
            .await
            .unwrap_err();
        assert!(error.into_service_error().is_invalid_parameter_exception());
    }
    let other = arn.replace("incidents", "other");
    let error = sns.publish().topic_arn(other).message("m").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found_exception());
    assert_eq!(
        sns.list_topics().send().await.unwrap().topics()[0].topic_arn(),
        Some(arn)
    );
    let attributes = sns.get_topic_attributes().topic_arn(arn).send().await.unwrap();
    assert_eq!(attributes.attributes().unwrap()["Owner"], SECURITY);
}
