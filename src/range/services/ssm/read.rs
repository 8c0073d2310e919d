//! What Systems Manager tells: the instances whose agents registered, and what became of commands.

use serde_json::{Value, json};

use super::{Agent, Command, Invocation, Store, page};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::Regional;

/// Characters of an output in a list, where `Details` asks for it (API reference, `CommandPlugin`).
const SHORT: usize = 2500;

pub fn agents(place: &Regional, call: &Call) -> Answer {
    let mut filters: Vec<(&str, Vec<&str>)> = Vec::new();
    for (list, key, values) in [
        ("Filters", "Key", "Values"),
        ("InstanceInformationFilterList", "key", "valueSet"),
    ] {
        for filter in call.params.get(list).and_then(Value::as_array).into_iter().flatten() {
            let name = filter[key].as_str().unwrap_or_default();
            if !["InstanceIds", "PingStatus", "PlatformTypes", "ResourceType"].contains(&name) {
                return Err(ApiError::new(
                    400,
                    "InvalidFilterKey",
                    "The specified key is not valid.",
                ));
            }
            let values: Vec<&str> = filter[values]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if values.is_empty() {
                return Err(ApiError::new(
                    400,
                    "InvalidInstanceInformationFilterValue",
                    "The specified filter value is not valid.",
                ));
            }
            filters.push((name, values));
        }
    }
    let fits = |id: &str, agent: &Agent| {
        filters.iter().all(|(name, values)| {
            let own = match *name {
                "InstanceIds" => id,
                "PingStatus" => ping(agent),
                "PlatformTypes" => agent.platform.as_str(),
                _ => "EC2Instance",
            };
            values.contains(&own)
        })
    };
    let all: Vec<(&String, &Agent)> = place.ssm.agents.iter().filter(|(id, agent)| fits(id, agent)).collect();
    let (shown, next) = page(call, all, 5..=50)?;
    let shown: Vec<Value> = shown
        .into_iter()
        .map(|(id, agent)| {
            let interfaces = place.ec2.interfaces.values();
            let address = interfaces
                .filter(|eni| {
                    eni.attachment
                        .as_ref()
                        .is_some_and(|a| a.instance == *id && a.device_index == 0)
                })
                .map(|eni| eni.private_ip.as_str())
                .next();
            json!({
                "InstanceId": id, "PingStatus": ping(agent), "LastPingDateTime": call.now.as_second(),
                "AgentVersion": "3.3.2299.0", "IsLatestVersion": true, "PlatformType": agent.platform,
                "PlatformName": agent.name, "PlatformVersion": agent.version, "ResourceType": "EC2Instance",
                "RegistrationDate": agent.registered.as_second(), "IPAddress": address, "ComputerName": address,
                "SourceId": id, "SourceType": "AWS::EC2::Instance",
            })
        })
        .collect();
    Ok(with_next(json!({ "InstanceInformationList": shown }), next))
}

fn ping(agent: &Agent) -> &'static str {
    if agent.online { "Online" } else { "ConnectionLost" }
}

pub fn invocation(store: &Store, call: &Call) -> Answer {
    let unknown = || {
        let text = "The command ID and managed node ID you specified did not match any invocations.";
        ApiError::new(400, "InvocationDoesNotExist", text)
    };
    let id = call.text("CommandId").unwrap_or_default();
    if id.len() != 36 {
        return Err(ApiError::new(
            400,
            "InvalidCommandId",
            "The specified command ID is not valid.",
        ));
    }
    let instance = call.text("InstanceId").unwrap_or_default();
    let command = store.commands.get(id).ok_or_else(unknown)?;
    let found = command.invocations.get(instance).filter(|_| listed(command, call));
    let found = found.ok_or_else(unknown)?;
    if call.text("PluginName").is_some_and(|name| name != plugin(command)) {
        return Err(ApiError::new(400, "InvalidPluginName", "The plugin name is not valid."));
    }
    let moment = |time: Option<Time>| time.map_or_else(String::new, |t| t.to_string());
    let (output, error) = if found.is_over() {
        (found.output.as_str(), found.error.as_str())
    } else {
        ("", "")
    };
    Ok(json!({
        "CommandId": command.id, "InstanceId": instance, "Comment": command.comment, "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT", "PluginName": plugin(command), "ResponseCode": found.code,
        "ExecutionStartDateTime": moment(found.began), "ExecutionEndDateTime": moment(found.ended),
        "Status": found.status, "StatusDetails": found.details,
        "StandardOutputContent": output, "StandardErrorContent": error,
        "StandardOutputUrl": "", "StandardErrorUrl": "",
    }))
}

/// AWS does not know an invocation in the first moment after the command was sent.
fn listed(command: &Command, call: &Call) -> bool {
    call.now > command.requested
}

fn plugin(command: &Command) -> &'static str {
    if command.document == "AWS-RunPowerShellScript" {
        "aws:runPowerShellScript"
    } else {
        "aws:runShellScript"
    }
}

pub fn invocations(store: &Store, call: &Call) -> Answer {
    let wanted = |name: &str, own: &str| call.text(name).is_none_or(|value| value == own);
    let mut all: Vec<(&Command, &str, &Invocation)> = Vec::new();
    for command in store
        .commands
        .values()
        .filter(|c| wanted("CommandId", &c.id) && listed(c, call))
    {
        for (instance, invocation) in &command.invocations {
            if wanted("InstanceId", instance) && accepted(call, command, invocation)? {
                all.push((command, instance, invocation));
            }
        }
    }
    // The newest first.
    all.sort_by_key(|(command, instance, _)| (std::cmp::Reverse(command.requested), command.id.clone(), *instance));
    let (shown, next) = page(call, all, 1..=50)?;
    let details = call.params["Details"] == true;
    let shown = shown
        .into_iter()
        .map(|(command, instance, found)| show(command, instance, found, details));
    let shown: Vec<Value> = shown.collect();
    Ok(with_next(json!({ "CommandInvocations": shown }), next))
}

fn accepted(call: &Call, command: &Command, found: &Invocation) -> Result<bool, ApiError> {
    for filter in call
        .params
        .get("Filters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let value = filter["value"].as_str().unwrap_or_default();
        let moment = || {
            let text = format!("{value} is not a date.");
            value
                .parse::<Time>()
                .map_err(|_| ApiError::new(400, "ValidationException", text))
        };
        let fits = match filter["key"].as_str().unwrap_or_default() {
            "InvokedAfter" => command.requested >= moment()?,
            "InvokedBefore" => command.requested <= moment()?,
            "Status" => found.status == value,
            "DocumentName" => command.document == value,
            _ => {
                return Err(ApiError::new(
                    400,
                    "InvalidFilterKey",
                    "The specified key is not valid.",
                ));
            }
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

fn show(command: &Command, instance: &str, found: &Invocation, details: bool) -> Value {
    let mut shown = json!({
        "CommandId": command.id, "InstanceId": instance, "InstanceName": "", "Comment": command.comment,
        "DocumentName": command.document, "DocumentVersion": "$DEFAULT",
        "RequestedDateTime": command.requested.as_second(), "Status": found.status, "StatusDetails": found.details,
        "StandardOutputUrl": "", "StandardErrorUrl": "", "CommandPlugins": [],
    });
    if details && found.began.is_some() {
        let error = if found.error.is_empty() {
            String::new()
        } else {
            format!("\n----------ERROR-------\n{}", found.error)
        };
        let said = if found.is_over() {
            format!("{}{error}", found.output)
        } else {
            String::new()
        };
        shown["CommandPlugins"] = json!([{
            "Name": plugin(command), "Status": found.status, "StatusDetails": found.details, "ResponseCode": found.code,
            "ResponseStartDateTime": found.began.map(Time::as_second),
            "ResponseFinishDateTime": found.ended.map(Time::as_second),
            "Output": said.chars().take(SHORT).collect::<String>(),
        }]);
    }
    shown
}

fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let Some(token) = next {
        answer["NextToken"] = token.into();
    }
    answer
}
