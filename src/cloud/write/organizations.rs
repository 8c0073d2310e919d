//! Organizations' changes: service control policies, and where they are attached.

use std::collections::BTreeMap;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::operation::RequestId as _;
use aws_sdk_organizations::types::PolicyType;

use super::classify::{Done, Sent, done, error, not_made, unreadable};
use crate::action::{Made, OrganizationsCall};
use crate::cloud::session::{ResponderSession, global_region};

pub(super) async fn send(session: &ResponderSession, call: &OrganizationsCall, made: &Made) -> Sent {
    let client = Client::new(&session.at(&global_region(session.identity())));
    match call {
        OrganizationsCall::CreatePolicy {
            name,
            description,
            content,
        } => create(&client, name, description, content).await,
        OrganizationsCall::AttachPolicy { policy, target } => {
            let policy = policy.resolve(made).map_err(|e| not_made(&e))?;
            let answer = client.attach_policy().policy_id(policy).target_id(target.as_str());
            let answer = answer.send().await.map_err(error(
                "organizations:AttachPolicy",
                &["DuplicatePolicyAttachmentException"],
            ))?;
            Ok(done(answer.request_id()))
        }
        OrganizationsCall::DetachPolicy { policy, target } => {
            let policy = policy.resolve(made).map_err(|e| not_made(&e))?;
            let answer = client.detach_policy().policy_id(policy).target_id(target.as_str());
            let answer = answer
                .send()
                .await
                .map_err(error("organizations:DetachPolicy", &["PolicyNotAttachedException"]))?;
            Ok(done(answer.request_id()))
        }
        OrganizationsCall::DeletePolicy { policy } => {
            let policy = policy.resolve(made).map_err(|e| not_made(&e))?;
            let answer = client.delete_policy().policy_id(policy).send().await;
            let answer = answer.map_err(error("organizations:DeletePolicy", &["PolicyNotFoundException"]))?;
            Ok(done(answer.request_id()))
        }
    }
}

async fn create(client: &Client, name: &str, description: &str, content: &str) -> Sent {
    const CALL: &str = "organizations:CreatePolicy";
    let answer = client
        .create_policy()
        .name(name)
        .description(description)
        .content(content)
        .r#type(PolicyType::ServiceControlPolicy)
        .send()
        .await
        .map_err(error(CALL, &[]))?;
    let id = answer.policy().and_then(|p| p.policy_summary()).and_then(|s| s.id());
    let id = id.filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| unreadable(CALL, "policy id", answer.request_id()))?;
    Ok(Done {
        made: BTreeMap::from([("policy".to_owned(), id.to_owned())]),
        ..done(answer.request_id())
    })
}
