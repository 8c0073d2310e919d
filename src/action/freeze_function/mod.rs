//! `freeze-function`: sets a function's reserved concurrency to 0, so that it cannot be invoked.
//!
//! What its role was used for elsewhere goes on: the credentials of an execution live on outside of it until they expire. The plan
//! names the role. Executions that run now run to their end, 15 minutes at most (Lambda Developer Guide, "Lambda quotas").

mod callers;

use super::answer::Function;
use super::expectation::{Expectation, LambdaState};
use super::facts::Facts;
use super::mutation::{LambdaCall, Mutation};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LambdaQuery, LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, radius, target};
use crate::domain::{Arn, FunctionName, Resource, ResourceKind, Untrusted};

#[derive(Debug)]
pub struct FreezeFunction;

impl Action for FreezeFunction {
    fn name(&self) -> ActionName {
        ActionName::FreezeFunction
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Function]
    }

    fn summary(&self) -> &'static str {
        "Set a Lambda function's reserved concurrency to 0: no version or alias of it can be invoked. Its role's sessions live on."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let (name, qualifier) = function(request)?;
        let asked = Asked::of(&name);
        facts.want(asked.all(&name))?;
        let found = facts.function(&asked.function)?;
        if let Some(main) = &found.main {
            return Err(replica(&name, main));
        }
        // Lambda itself refuses less than what is provisioned, so where that cannot be read the plan says so and goes on.
        let mut doubts = Vec::new();
        let provisioned = facts.advisory(facts.provisioned(&asked.provisioned), &mut doubts)?;
        if let Some(provisioned) = provisioned.filter(|list| !list.is_empty()) {
            let kept: Vec<String> = provisioned
                .iter()
                .map(|p| format!("{} ({})", p.arn, p.requested))
                .collect();
            return Err(Refusal::new(
                RefusalKind::Unsafe,
                format!(
                    "{name} has provisioned concurrency on {}; Lambda reserves no less than that, so it would refuse 0.",
                    kept.join(", ")
                ),
                "Take the provisioned concurrency away first (DeleteProvisionedConcurrencyConfig), and write down what it was.",
            )
            .into());
        }
        let before = *facts.reserved_concurrency(&asked.reserved)?;
        if before == Some(0) {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("{name} is frozen already: its reserved concurrency is 0."),
                "Verify it from the journal; then look at its role.",
            )
            .into());
        }
        let mut draft = set(&name, Some(0), before);
        draft.warnings = doubts;
        if let Some(qualifier) = qualifier {
            draft.warnings.push(format!(
                "Concurrency is reserved for the function as a whole: every version and alias is frozen, not only {qualifier}."
            ));
        }
        warn(found, &mut draft);
        callers::say(&name, &asked, facts, &mut draft)?;
        radius::lately(
            LookupKey::ResourceName,
            name.as_str(),
            &format!("Function {name}"),
            facts,
            &mut draft,
        )?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let (name, _) = function(request)?;
        let query = Asked::of(&name).reserved;
        let froze = done
            .changes()
            .any(|call| matches!(call, Mutation::Lambda(LambdaCall::PutFunctionConcurrency { .. })));
        if !froze {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Record {} did not freeze a function.", done.seq),
                "Give the sequence number of the plan that did.",
            )
            .into());
        }
        let before = *done.plan.before.reserved_concurrency(&query)?;
        let now = *facts.reserved_concurrency(&query)?;
        if now == before {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!(
                    "The reserved concurrency of {name} is as it was before: {}.",
                    shown(before)
                ),
                "Somebody put it back since, or it was never changed; ask who and why.",
            )
            .into());
        }
        if now != Some(0) {
            return Err(Refusal::new(
                RefusalKind::Drifted,
                format!(
                    "The reserved concurrency of {name} was changed since: it is {}.",
                    shown(now)
                ),
                "Look in CloudTrail for PutFunctionConcurrency, and decide by hand.",
            )
            .into());
        }
        let mut draft = set(&name, before, now);
        draft.warnings.push(format!(
            "{name} runs again with the code and the role that it has; check both first."
        ));
        Ok(draft)
    }
}

/// What is asked of the function.
struct Asked {
    function: Query,
    reserved: Query,
    provisioned: Query,
    sources: Query,
    urls: Query,
    policy: Query,
    qualified: Query,
}

impl Asked {
    fn of(name: &FunctionName) -> Self {
        let name = || name.clone();
        Self {
            function: Query::Lambda(LambdaQuery::Function { name: name() }),
            reserved: Query::Lambda(LambdaQuery::ReservedConcurrency { name: name() }),
            provisioned: Query::Lambda(LambdaQuery::ProvisionedConcurrency { name: name() }),
            sources: Query::Lambda(LambdaQuery::EventSources { name: name() }),
            urls: Query::Lambda(LambdaQuery::FunctionUrls { name: name() }),
            policy: Query::Lambda(LambdaQuery::FunctionPolicy { name: name() }),
            qualified: Query::Lambda(LambdaQuery::QualifiedPolicies { name: name() }),
        }
    }

    fn all(&self, name: &FunctionName) -> [Query; 8] {
        [
            self.function.clone(),
            self.reserved.clone(),
            self.provisioned.clone(),
            self.sources.clone(),
            self.urls.clone(),
            self.policy.clone(),
            self.qualified.clone(),
            radius::question(LookupKey::ResourceName, name.as_str()),
        ]
    }
}

/// The function that the request is about, by its name or ARN, and the version or alias that an ARN names.
fn function(request: &Request) -> Result<(FunctionName, Option<String>), Stop> {
    let Ok(arn) = request.target.id.raw().parse::<Arn>() else {
        return Ok((target::of_kind(request, ResourceKind::Function)?, None));
    };
    for (what, there, here) in [
        ("account", arn.account(), request.account.as_str()),
        ("region", arn.region(), request.region.as_str()),
    ] {
        if there != here {
            let there = Untrusted::new(there).shown();
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!("{} is in {what} {there}, not in {here}.", request.target),
                format!("Plan it with --{what} {there}."),
            )
            .into());
        }
    }
    let mut parts = arn.resource().split(':').skip(1);
    let named = Request {
        target: Resource::new(request.target.kind, parts.next().unwrap_or_default()),
        ..request.clone()
    };
    let qualifier = parts.next().map(|q| Untrusted::new(q).shown());
    Ok((target::of_kind(&named, ResourceKind::Function)?, qualifier))
}

/// A replica belongs to the distribution: it takes no setting, and there are others of it in other regions.
fn replica(name: &FunctionName, main: &str) -> Stop {
    let main = Untrusted::new(main).shown();
    Refusal::new(
        RefusalKind::WrongTarget,
        format!("{name} is a replica of {main} that Lambda@Edge keeps; a replica cannot be frozen, nor can edge functions at all."),
        "Take the function off the CloudFront distribution's cache behaviours, then revoke its role's sessions.",
    )
    .into()
}

fn warn(found: &Function, draft: &mut Draft) {
    let role = match found.role.parse::<Arn>() {
        Ok(arn) => Untrusted::new(arn.name()).shown(),
        Err(_) => Untrusted::new(found.role.as_str()).shown(),
    };
    draft.warnings.push(format!(
        "Credentials of its role that were taken out of it live on: then revoke-role-sessions on {role}."
    ));
    draft
        .warnings
        .push("Executions that run now run to their end: up to 15 minutes.".to_owned());
    draft.lost.push(
        "Direct calls while it is frozen are turned away; asynchronous events are tried for up to 6 hours and then dropped, or sent \
         to the dead-letter queue or destination for failures."
            .to_owned(),
    );
}

/// Sets so many, or takes the setting away.
fn set(name: &FunctionName, reserved: Option<i32>, was: Option<i32>) -> Draft {
    let function = || name.clone();
    let call = match reserved {
        Some(reserved) => LambdaCall::PutFunctionConcurrency {
            function: function(),
            reserved,
        },
        None => LambdaCall::DeleteFunctionConcurrency { function: function() },
    };
    Draft {
        calls: vec![PlannedCall {
            mutation: Mutation::Lambda(call),
            undo: Undo::Reversible,
            was: Some(shown(was)),
        }],
        expectations: vec![Expectation::Lambda(LambdaState::ReservedConcurrency {
            function: function(),
            reserved,
        })],
        ..Draft::default()
    }
}

fn shown(reserved: Option<i32>) -> String {
    reserved.map_or_else(|| "not set".to_owned(), |number| number.to_string())
}
