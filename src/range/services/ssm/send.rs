//! `SendCommand`: what AWS refuses at once, and when the rest happens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Command, Invocation, run};
use crate::domain::{AccountId, Region};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::ec2::model::State;
use crate::range::world::{Regional, World};

/// The documents that are there, and the platforms that each is for.
const DOCUMENTS: [(&str, &[&str]); 2] = [
    ("AWS-RunShellScript", &["Linux", "MacOS"]),
    ("AWS-RunPowerShellScript", &["Windows", "Linux", "MacOS"]),
];
/// What both documents take.
const PARAMETERS: [&str; 3] = ["commands", "workingDirectory", "executionTimeout"];
/// How long an agent that can be reached takes to begin.
const TAKEN: SignedDuration = SignedDuration::from_secs(3);

pub fn send(world: &mut World, call: &Call) -> Answer {
    let id = world.new_uuid();
    let name = call.text("DocumentName").unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let Some((document, platforms)) = DOCUMENTS.iter().find(|(known, _)| *known == name) else {
        let text = format!("Document with name {name} does not exist.");
        return Err(ApiError::new(400, "InvalidDocument", text));
    };
    let parameters = parameters(call)?;
    let timeout = match call.number("TimeoutSeconds") {
        None => 3600,
        Some(given) if (30..=2_592_000).contains(&given) => given,
        Some(_) => return Err(invalid("TimeoutSeconds must be from 30 to 2592000.")),
    };
    let comment = call.text("Comment").unwrap_or_default();
    if comment.chars().count() > 100 {
        return Err(invalid("Comment must have length less than or equal to 100."));
    }
    let instances = instances(world.here(call)?, call, platforms)?;
    let waiting = Invocation {
        status: "Pending",
        details: "Pending",
        began: None,
        ended: None,
        code: -1,
        output: String::new(),
        error: String::new(),
    };
    let command = Command {
        id: id.clone(),
        document: (*document).to_owned(),
        comment: comment.to_owned(),
        parameters,
        requested: call.now,
        timeout,
        invocations: instances.iter().map(|i| (i.clone(), waiting.clone())).collect(),
    };
    let answer = json!({"Command": {
        "CommandId": id, "DocumentName": document, "DocumentVersion": "$DEFAULT", "Comment": comment,
        "ExpiresAfter": (call.now + SignedDuration::from_secs(timeout)).as_second(),
        "Parameters": command.parameters, "InstanceIds": instances, "Targets": [],
        "RequestedDateTime": call.now.as_second(), "Status": "Pending", "StatusDetails": "Pending",
        "OutputS3BucketName": "", "OutputS3KeyPrefix": "", "MaxConcurrency": "50", "MaxErrors": "0",
        "TargetCount": instances.len(), "CompletedCount": 0, "ErrorCount": 0, "DeliveryTimedOutCount": 0,
        "TimeoutSeconds": timeout,
    }});
    world.here(call)?.ssm.commands.insert(id.clone(), command);
    let (account, region) = (call.caller.account, call.region.clone());
    for instance in instances {
        let place = (account, region.clone());
        let (taken, given_up) = (call.now + TAKEN, call.now + SignedDuration::from_secs(timeout));
        later(world, taken, &place, &id, &instance, run::begin);
        later(world, given_up, &place, &id, &instance, run::give_up);
    }
    Ok(answer)
}

/// Where a command is, and what happens to it.
type Step = fn(&mut World, &(AccountId, Region), &str, &str);

/// Puts a step of a command's life in the world's queue.
pub fn later(
    world: &mut World,
    at: crate::domain::Time,
    place: &(AccountId, Region),
    id: &str,
    instance: &str,
    step: Step,
) {
    let (place, id, instance) = (place.clone(), id.to_owned(), instance.to_owned());
    world.inject_at(at, move |world| step(world, &place, &id, &instance));
}

/// What the document is given; all of it text, as the API has it.
fn parameters(call: &Call) -> Result<BTreeMap<String, Vec<String>>, ApiError> {
    let mut all = BTreeMap::new();
    for (name, values) in call.params["Parameters"].as_object().into_iter().flatten() {
        if !PARAMETERS.contains(&name.as_str()) {
            let text = format!("Parameter \"{name}\" is not defined in the document.");
            return Err(ApiError::new(400, "InvalidParameters", text));
        }
        let texts = values.as_array().into_iter().flatten().filter_map(Value::as_str);
        all.insert(name.clone(), texts.map(str::to_owned).collect::<Vec<_>>());
    }
    if all.get("commands").is_none_or(Vec::is_empty) {
        let text = "Parameter \"commands\" is required in the document.";
        return Err(ApiError::new(400, "InvalidParameters", text));
    }
    Ok(all)
}

/// The instances that it is for: each with an agent that answers, running, and of a platform that the document is for.
fn instances(place: &Regional, call: &Call, platforms: &[&str]) -> Result<Vec<String>, ApiError> {
    let given = call.texts("InstanceIds");
    if given.is_empty() {
        return Err(invalid(
            "The range sends commands to InstanceIds only; at least one must be given.",
        ));
    }
    if given.len() > 50 {
        return Err(invalid("InstanceIds must have length less than or equal to 50."));
    }
    if given.iter().collect::<BTreeSet<_>>().len() < given.len() {
        return Err(ApiError::new(
            400,
            "DuplicateInstanceId",
            "You cannot specify a managed node ID twice.",
        ));
    }
    let running = |id: &str| place.ec2.instances.get(id).is_some_and(|i| i.state == State::Running);
    let answers = |id: &str| running(id) && place.ssm.agents.get(id).is_some_and(|agent| agent.online);
    let silent: Vec<&str> = given.iter().copied().filter(|id| !answers(id)).collect();
    if !silent.is_empty() {
        let account = call.caller.account;
        let text = format!(
            "Instances [[{}]] not in a valid state for account {account}",
            silent.join(", ")
        );
        return Err(ApiError::new(400, "InvalidInstanceId", text));
    }
    let platform = |id: &&str| place.ssm.agents.get(*id).map_or("", |agent| agent.platform.as_str());
    if !given.iter().all(|id| platforms.contains(&platform(id))) {
        let text = "The document does not support the platform type of the given managed nodes.";
        return Err(ApiError::new(400, "UnsupportedPlatformType", text));
    }
    Ok(given.into_iter().map(str::to_owned).collect())
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(400, "ValidationException", text)
}
