//! What an instance profile lets an instance do, as IAM's own evaluation says.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::RequestId as _;

use super::super::convert::missing;
use super::super::{Found, circle};
use crate::action::{Answer, Simulated};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::{ProfileName, Untrusted};

const PROFILE: &str = "iam:GetInstanceProfile";
const SIMULATE: &str = "iam:SimulatePrincipalPolicy";

/// `GetInstanceProfile`, and `SimulatePrincipalPolicy` of its role for one action on one resource. Nothing where it has no role.
pub(super) async fn may(client: &Client, profile: &ProfileName, action: &str, resource: &str) -> Found {
    let answer = client
        .get_instance_profile()
        .instance_profile_name(profile.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(PROFILE, &e))?;
    let found = answer
        .instance_profile()
        .ok_or_else(|| missing(PROFILE, "InstanceProfile"))?;
    let mut all = Vec::new();
    let mut request_id = answer.request_id().map(str::to_owned);
    for role in found.roles() {
        let asked = client
            .simulate_principal_policy()
            .policy_source_arn(role.arn())
            .action_names(action)
            .resource_arns(resource);
        let before = all.len();
        request_id = every_page!(SIMULATE, asked.clone(), |page| {
            all.extend(page.evaluation_results().iter().map(|result| Simulated {
                action: Untrusted::new(result.eval_action_name()),
                decision: Untrusted::new(result.eval_decision().as_str()),
            }));
        });
        if all.len() == before {
            return Err(missing(SIMULATE, "EvaluationResults"));
        }
    }
    Ok((Answer::Simulated(all), request_id))
}
