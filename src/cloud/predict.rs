//! Asking beforehand whether a plan's calls would be allowed.
//!
//! Owns: the two ways to ask and how their answers are put together. Must never: change anything. IAM's simulation is a read, and
//! EC2's dry runs go through a client that marks every request as one.
//!
//! | what a call is about | how it is asked | what the answer is worth |
//! |---|---|---|
//! | EC2, an id | the call itself with `DryRun` | as the call's own |
//! | an ARN | simulated on that ARN | what the role's policies and the organisation say |
//! | no thing at all (`*`: `CreatePolicy`) | simulated on everything | the same |
//! | a thing that does not exist yet, or that the plan knows without its account or organisation (`…::*:policy/o-*/…`) | simulated on everything | an answer that is for everything holds for it; that not everything is allowed says nothing |
//! | a key that a service uses on the caller's behalf | not at all | whether it is used is not known here |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_iam::Client;
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
    if !can_simulate(grant) {
        return unknown("IAM simulates no pattern of actions");
    }
    let said = match simulated {
        Err(why) => return Foresight::Unknown { why: why.clone() },
        Ok(said) => said.get(&(grant.action.to_owned(), asked(grant))),
    };
    match said {
        None => unknown("the simulation did not speak of it"),
        // Who may not do it with everything may still do it with this.
        Some(Foresight::Denied { why, .. }) if is_pattern(grant) && why.raw() == IMPLICIT => {
            unknown("the role may not do it with everything; this does not exist yet, or is known only by a pattern")
        }
        Some(said) => said.clone(),
    }
}

/// What IAM says where no policy allows something and none denies it.
const IMPLICIT: &str = "implicitDeny";
/// The resource that stands for all of them (IAM API reference, `SimulatePrincipalPolicy`: what `ResourceArns` is without a value).
const EVERYTHING: &str = "*";

/// IAM takes no patterns of actions.
fn can_simulate(grant: &Grant) -> bool {
    grant.via.is_none() && !grant.action.contains('*')
}

/// Whether the call is about some things and not about others, which the plan cannot tell exactly.
fn is_pattern(grant: &Grant) -> bool {
    grant.exact().is_none() && grant.resource != EVERYTHING
}

/// The resource that IAM is asked about: it takes no patterns of them either.
fn asked(grant: &Grant) -> String {
    grant.exact().unwrap_or_else(|| EVERYTHING.to_owned())
}

/// IAM's simulation for the responder role: every action on every resource, of which the plan's pairs are kept. What is asked for
/// everything is asked apart, without a resource.
async fn simulate(cloud: &Arc<Cloud>, plan: &Plan) -> Result<Said, Untrusted> {
    let place = plan.request.place();
    let needs: Vec<Grant> = plan
        .draft
        .calls
        .iter()
        .flat_map(|call| call.mutation.needs(&place))
        .collect();
    let pairs: BTreeSet<(String, String)> = needs
        .iter()
        .filter(|grant| can_simulate(grant))
        .map(|grant| (grant.action.to_owned(), asked(grant)))
        .collect();
    if pairs.is_empty() {
        return Ok(Said::new());
    }
    let account = &plan.request.account;
    let session = cloud
        .session(account)
        .await
        .map_err(|e| Untrusted::new(e.to_string()))?;
    let (whole, exact): (BTreeSet<_>, BTreeSet<_>) =
        pairs.into_iter().partition(|(_, resource)| resource == EVERYTHING);
    let role = cloud.responder_role(account);
    let (client, role) = (session.iam(), role.as_str());
    let (whole, exact) = tokio::join!(ask_iam(&client, role, &whole), ask_iam(&client, role, &exact));
    let mut said = whole?;
    said.extend(exact?);
    Ok(said)
}

/// One question, every page of its answer.
async fn ask_iam(client: &Client, role: &str, pairs: &BTreeSet<(String, String)>) -> Result<Said, Untrusted> {
    let mut said = Said::new();
    if pairs.is_empty() {
        return Ok(said);
    }
    let distinct = |all: BTreeSet<&String>| -> Vec<String> { all.into_iter().cloned().collect() };
    let actions = distinct(pairs.iter().map(|(action, _)| action).collect());
    let resources = distinct(pairs.iter().map(|(_, resource)| resource).collect());
    let resources = (resources != [EVERYTHING]).then_some(resources);
    let (mut pages, mut marker) = (Pages::default(), None);
    loop {
        let page = client
            .simulate_principal_policy()
            .policy_source_arn(role)
            .set_action_names(Some(actions.clone()))
            .set_resource_arns(resources.clone())
            .set_marker(marker)
            .send()
            .await
            .map_err(|e| Untrusted::new(CallError::from_sdk(SIMULATE, &e).to_string()))?;
        for result in page.evaluation_results() {
            keep(result, pairs, &mut said);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_for_everything_holds_for_what_is_known_by_a_pattern_and_not_the_other_way_round() {
        let grant = |resource: &str| Grant {
            action: "organizations:AttachPolicy",
            resource: resource.to_owned(),
            via: None,
        };
        let pattern = grant("arn:aws:organizations::*:account/o-*/111122223333");
        let (whole, exact) = (grant("*"), grant("arn:aws:organizations::1:account/o-1/111122223333"));
        let said = |decision: &str, resource: &str| {
            let pair = ("organizations:AttachPolicy".to_owned(), resource.to_owned());
            Ok(Said::from([(pair, verdict(&decision.into(), false))]))
        };
        let word = |foresight: Foresight| match foresight {
            Foresight::Allowed { .. } => "allowed",
            Foresight::Denied { .. } => "denied",
            Foresight::Unknown { .. } => "unknown",
        };
        for (grant, decision, on, expected) in [
            (&pattern, "allowed", "*", "allowed"),
            (&pattern, "explicitDeny", "*", "denied"),
            (&pattern, "implicitDeny", "*", "unknown"),
            (&whole, "implicitDeny", "*", "denied"),
            (&whole, "allowed", "*", "allowed"),
            (&exact, "implicitDeny", exact.resource.as_str(), "denied"),
            (&exact, "allowed", "*", "unknown"),
        ] {
            let foreseen = told(grant, &said(decision, on));
            assert_eq!(word(foreseen), expected, "{} {decision}", grant.resource);
        }
        let behalf = Grant {
            via: Some("s3".to_owned()),
            ..exact
        };
        assert_eq!(word(told(&behalf, &said("allowed", "*"))), "unknown");
    }
}
