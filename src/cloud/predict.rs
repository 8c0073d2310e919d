//! Asking beforehand whether a plan's calls would be allowed.
//!
//! Owns: the two ways to ask and how their answers are put together. Must never: change anything. IAM's simulation is a read, and
//! EC2's dry runs go through a client that marks every request as one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType, ResourceSpecificResult};

use super::connect::Cloud;
use super::errors::CallError;
use super::pages::Pages;
use super::write;
use crate::action::{BY_SCP, Foresight, Grant, Oracle, Plan, Prediction};
use crate::domain::Untrusted;

const SIMULATE: &str = "iam:SimulatePrincipalPolicy";

/// What each pair of action and resource was said to be.
type Said = BTreeMap<(String, String), Foresight>;

/// Asks, side by side, in every way there is. What nobody can tell is said to be unknown, with the reason.
pub async fn predict(cloud: &Arc<Cloud>, plan: &Plan) -> Prediction {
    let (simulated, rehearsed) = tokio::join!(Box::pin(simulate(cloud, plan)), Box::pin(write::rehearse(cloud, plan)));
    let mut verdicts: BTreeMap<String, Foresight> = BTreeMap::new();
    for (number, call) in plan.draft.calls.iter().enumerate() {
        let tried = rehearsed.get(&number);
        for grant in call.mutation.needs(&plan.request.place()) {
            // A key's permissions are asked for only where something is encrypted with it, which is not known here.
            if grant.via.is_some() {
                continue;
            }
            // A user, role or group may have a path, and the session policy allows for it; the grant beside this one names it without.
            if grant.action.starts_with("iam:") && grant.resource.contains("/*/") {
                continue;
            }
            let verdict = match tried {
                // What the call itself was told holds for all that it needs.
                Some(verdict @ (Foresight::Allowed { .. } | Foresight::Denied { .. })) => verdict.clone(),
                Some(Foresight::Unknown { .. }) | None => told(&grant, &simulated),
            };
            let action = grant.action.to_owned();
            let verdict = match verdicts.remove(&action) {
                Some(before) => before.and(verdict),
                None => verdict,
            };
            verdicts.insert(action, verdict);
        }
    }
    Prediction {
        digest: plan.digest(),
        verdicts,
    }
}

/// What the simulation says about one permission.
fn told(grant: &Grant, simulated: &Result<Said, Untrusted>) -> Foresight {
    let unknown = |why: &str| Foresight::Unknown {
        why: Untrusted::new(why),
    };
    let Some(pair) = pair(grant) else {
        return unknown("what the call is about does not exist yet, or is known only by a pattern");
    };
    match simulated {
        Err(why) => Foresight::Unknown { why: why.clone() },
        Ok(said) => said
            .get(&pair)
            .cloned()
            .unwrap_or_else(|| unknown("the simulation did not speak of it")),
    }
}

/// What IAM is asked. It takes neither patterns of actions nor of resources.
fn pair(grant: &Grant) -> Option<(String, String)> {
    let is_plain = grant.via.is_none() && !grant.action.contains('*');
    let resource = grant.exact().filter(|_| is_plain)?;
    Some((grant.action.to_owned(), resource))
}

/// IAM's simulation for the responder role: every action on every resource, of which the plan's pairs are kept.
async fn simulate(cloud: &Arc<Cloud>, plan: &Plan) -> Result<Said, Untrusted> {
    let place = plan.request.place();
    let needs = plan.draft.calls.iter().flat_map(|call| call.mutation.needs(&place));
    let pairs: BTreeSet<(String, String)> = needs.filter_map(|grant| pair(&grant)).collect();
    if pairs.is_empty() {
        return Ok(Said::new());
    }
    let account = &plan.request.account;
    let session = cloud
        .session(account)
        .await
        .map_err(|e| Untrusted::new(e.to_string()))?;
    let client = session.iam();
    let distinct = |all: BTreeSet<&String>| -> Vec<String> { all.into_iter().cloned().collect() };
    let actions = distinct(pairs.iter().map(|(action, _)| action).collect());
    let resources = distinct(pairs.iter().map(|(_, resource)| resource).collect());
    let (mut said, mut pages, mut marker) = (Said::new(), Pages::default(), None);
    loop {
        let page = client
            .simulate_principal_policy()
            .policy_source_arn(cloud.responder_role(account))
            .set_action_names(Some(actions.clone()))
            .set_resource_arns(Some(resources.clone()))
            .set_marker(marker)
            .send()
            .await
            .map_err(|e| Untrusted::new(CallError::from_sdk(SIMULATE, &e).to_string()))?;
        for result in page.evaluation_results() {
            keep(result, &pairs, &mut said);
        }
        marker = pages
            .next(page.marker())
            .map_err(|circle| Untrusted::new(format!("{SIMULATE}: {circle}")))?;
        if marker.is_none() {
            return Ok(said);
        }
    }
}

/// Keeps what a result says about the plan's pairs: with several resources each has a result of its own.
fn keep(result: &EvaluationResult, pairs: &BTreeSet<(String, String)>, said: &mut Said) {
    let action = result.eval_action_name();
    // Where the organisation denies it the simulation ends there, for every resource of the result.
    let detail = result.organizations_decision_detail();
    let by_scp = detail.is_some_and(|detail| !detail.allowed_by_organizations());
    let mut put = |resource: &str, decision: &PolicyEvaluationDecisionType| {
        let pair = (action.to_owned(), resource.to_owned());
        if pairs.contains(&pair) {
            said.insert(pair, verdict(decision, by_scp));
        }
    };
    let each: &[ResourceSpecificResult] = result.resource_specific_results();
    for one in each {
        put(one.eval_resource_name(), one.eval_resource_decision());
    }
    if let (true, Some(resource)) = (each.is_empty(), result.eval_resource_name()) {
        put(resource, result.eval_decision());
    }
}

fn verdict(decision: &PolicyEvaluationDecisionType, by_scp: bool) -> Foresight {
    let by = Oracle::Simulation;
    let why = Untrusted::new(if by_scp { BY_SCP } else { decision.as_str() });
    match decision {
        PolicyEvaluationDecisionType::Allowed => Foresight::Allowed { by },
        PolicyEvaluationDecisionType::ExplicitDeny | PolicyEvaluationDecisionType::ImplicitDeny => {
            Foresight::Denied { by, why }
        }
        _ => Foresight::Unknown { why },
    }
}
