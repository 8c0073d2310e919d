//! Service control policies as a client of Organizations makes them, and as a member account feels them.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::error::ProvideErrorMetadata;
use aws_sdk_organizations::types::PolicyType;

use crate::range::Range;
use crate::range::testing::{self, MANAGEMENT, PROD, SECURITY};

const TYPE: PolicyType = PolicyType::ServiceControlPolicy;
/// Everybody is denied, but for the user of this name.
const BUT_BOB: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*",
    "Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:*:iam::*:user/bob"}}}]}"#;

fn organizations(range: &Range, account: &str) -> Client {
    Client::new(&testing::admin(range, account, "us-east-1"))
}

async fn create(client: &Client, name: &str, content: &str) -> Result<String, String> {
    let request = client.create_policy().name(name).description("").content(content);
    match request.r#type(TYPE).send().await {
        Ok(made) => {
            let summary = made.policy.unwrap().policy_summary.unwrap();
            Ok(summary.id.unwrap())
        }
        Err(error) => Err(error.code().unwrap_or_default().to_owned()),
    }
}

/// What an administrator of the account is told who asks for instances; nothing where it is answered.
async fn told(range: &Range, account: &str) -> Option<String> {
    let ec2 = aws_sdk_ec2::Client::new(&testing::admin(range, account, "us-east-1"));
    let error = ec2.describe_instances().send().await.err()?;
    error.message().map(str::to_owned)
}

#[tokio::test]
async fn a_denial_binds_the_account_that_it_is_attached_to_and_no_other() {
    let range = Range::new(testing::world());
    let client = organizations(&range, MANAGEMENT);
    let policy = create(&client, "but-bob", BUT_BOB).await.unwrap();
    assert_eq!(told(&range, PROD).await, None);
    let attach = || client.attach_policy().policy_id(&policy).target_id(PROD).send();
    attach().await.unwrap();
    let said = told(&range, PROD).await.unwrap();
    assert!(
        said.contains("with an explicit deny in a service control policy"),
        "{said}"
    );
    assert_eq!(told(&range, SECURITY).await, None);
    // Who one is may be asked whatever is denied.
    let sts = aws_sdk_sts::Client::new(&testing::admin(&range, PROD, "us-east-1"));
    sts.get_caller_identity().send().await.unwrap();

    let again = attach().await.unwrap_err();
    assert_eq!(again.code(), Some("DuplicatePolicyAttachmentException"));
    let in_use = client.delete_policy().policy_id(&policy).send().await.unwrap_err();
    assert_eq!(in_use.code(), Some("PolicyInUseException"));
    let targets = client
        .list_targets_for_policy()
        .policy_id(&policy)
        .send()
        .await
        .unwrap();
    let targets: Vec<_> = targets.targets().iter().filter_map(|t| t.target_id()).collect();
    assert_eq!(targets, [PROD]);

    client
        .detach_policy()
        .policy_id(&policy)
        .target_id(PROD)
        .send()
        .await
        .unwrap();
    assert_eq!(told(&range, PROD).await, None);
    client.delete_policy().policy_id(&policy).send().await.unwrap();
    let gone = client.describe_policy().policy_id(&policy).send().await.unwrap_err();
    assert_eq!(gone.code(), Some("PolicyNotFoundException"));
}

#[tokio::test]
async fn on_the_root_it_binds_every_member_and_never_the_management_account() {
    let range = Range::new(testing::world());
    let client = organizations(&range, MANAGEMENT);
    let roots = client.list_roots().send().await.unwrap();
    let root = roots.roots()[0].id().unwrap().to_owned();
    let policy = create(&client, "but-bob", BUT_BOB).await.unwrap();
    client
        .attach_policy()
        .policy_id(&policy)
        .target_id(&root)
        .send()
        .await
        .unwrap();
    assert!(told(&range, PROD).await.is_some());
    assert!(told(&range, SECURITY).await.is_some());
    assert_eq!(told(&range, MANAGEMENT).await, None);
}

#[tokio::test]
async fn only_the_management_account_changes_policies() {
    let range = Range::new(testing::world());
    let refused = create(&organizations(&range, SECURITY), "x", BUT_BOB).await;
    assert_eq!(refused, Err("AccessDeniedException".to_owned()));
    // A delegated administrator of any service may look, all the same.
    let listed = organizations(&range, SECURITY)
        .list_policies()
        .filter(TYPE)
        .send()
        .await;
    assert_eq!(listed.unwrap().policies().len(), 1);
}

#[tokio::test]
async fn bad_policies_and_too_many_of_them_are_refused() {
    let range = Range::new(testing::world());
    let client = organizations(&range, MANAGEMENT);
    let malformed = create(&client, "x", "{").await;
    assert_eq!(malformed, Err("MalformedPolicyDocumentException".to_owned()));
    for number in 0..5 {
        let id = create(&client, &format!("deny-{number}"), BUT_BOB).await.unwrap();
        let attached = client.attach_policy().policy_id(id).target_id(PROD).send().await;
        // What allows everything is attached, too.
        match attached {
            Ok(_) => assert!(number < 4),
            Err(error) => {
                assert_eq!(number, 4);
                assert_eq!(error.code(), Some("ConstraintViolationException"));
            }
        }
    }
    let twice = create(&client, "deny-0", BUT_BOB).await;
    assert_eq!(twice, Err("DuplicatePolicyException".to_owned()));
    let last = client.detach_policy().policy_id("p-FullAWSAccess").target_id(SECURITY);
    assert_eq!(
        last.send().await.unwrap_err().code(),
        Some("ConstraintViolationException")
    );
}
