//! Lambda: functions, what wakes them, and how many of each may run at once.
//!
//! Owns: the settings that a responder looks at and the one that it changes. Must never: run anything.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Operation, Protocol, Route, Service, reads, route, writes};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Functions of one account in one region, by name.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub functions: BTreeMap<String, Function>,
}

/// One function.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub runtime: String,
    /// The ARN of its execution role.
    pub role: String,
    pub modified: Time,
    /// How many may run at once, where that is set.
    pub reserved: Option<u32>,
    /// The main function's ARN, where this is a replica of Lambda@Edge.
    pub main: Option<String>,
    /// Its resource policy's text.
    pub policy: Option<String>,
    /// How many versions of it were published.
    pub versions: u32,
    /// The version that each alias stands for.
    pub aliases: BTreeMap<String, u32>,
    /// The resource policies of aliases and versions.
    pub qualified: BTreeMap<String, String>,
    pub sources: Vec<Source>,
    /// The kinds of sign-in of its URLs (`NONE`, `AWS_IAM`), by alias; the empty alias is the function itself.
    pub urls: BTreeMap<String, String>,
    /// Provisioned concurrency, by alias or version.
    pub provisioned: BTreeMap<String, u32>,
}

/// One event source mapping.
#[derive(Clone, Debug)]
pub struct Source {
    pub id: String,
    pub arn: String,
    /// `Enabled`, `Disabled`, …
    pub state: String,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "lambda",
    protocol: Protocol::RestJson {
        routes: ROUTES,
        message: "Message",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const ROUTES: &[Route] = &[
    route("GET", "/2015-03-31/functions", "ListFunctions"),
    route("GET", "/2015-03-31/functions/{FunctionName}", "GetFunction"),
    route(
        "GET",
        "/2015-03-31/functions/{FunctionName}/configuration",
        "GetFunctionConfiguration",
    ),
    route("GET", "/2015-03-31/functions/{FunctionName}/policy", "GetPolicy"),
    route("GET", "/2015-03-31/functions/{FunctionName}/aliases", "ListAliases"),
    route(
        "GET",
        "/2015-03-31/functions/{FunctionName}/versions",
        "ListVersionsByFunction",
    ),
    route(
        "GET",
        "/2019-09-30/functions/{FunctionName}/concurrency",
        "GetFunctionConcurrency",
    ),
    route(
        "PUT",
        "/2017-10-31/functions/{FunctionName}/concurrency",
        "PutFunctionConcurrency",
    ),
    route(
        "DELETE",
        "/2017-10-31/functions/{FunctionName}/concurrency",
        "DeleteFunctionConcurrency",
    ),
    route("GET", "/2015-03-31/event-source-mappings", "ListEventSourceMappings"),
    route(
        "GET",
        "/2021-10-31/functions/{FunctionName}/urls",
        "ListFunctionUrlConfigs",
    ),
    route(
        "GET",
        "/2019-09-30/functions/{FunctionName}/provisioned-concurrency",
        "ListProvisionedConcurrencyConfigs",
    ),
];

const OPERATIONS: &[Operation] = &[
    writes("DeleteFunctionConcurrency"),
    reads("GetFunction"),
    reads("GetFunctionConcurrency"),
    reads("GetFunctionConfiguration"),
    reads("GetPolicy"),
    reads("ListAliases"),
    reads("ListEventSourceMappings"),
    reads("ListFunctionUrlConfigs"),
    reads("ListFunctions"),
    reads("ListProvisionedConcurrencyConfigs"),
    reads("ListVersionsByFunction"),
    writes("PutFunctionConcurrency"),
];

/// Executions at once that an account has in a region, and how many of them stay free for functions without a setting
/// (Lambda Developer Guide, "Lambda quotas").
const ACCOUNT_LIMIT: u32 = 1000;
const UNRESERVED: u32 = 100;

fn handle(world: &mut World, call: &Call) -> Answer {
    let functions = &mut world.here(call)?.lambda.functions;
    match call.operation {
        "ListFunctions" => {
            let all = functions.values().map(|f| (f.name.clone(), configuration(f, call)));
            return Ok(page(call, all, "Functions"));
        }
        "ListEventSourceMappings" => {
            let wanted = call.text("FunctionName").map(|name| name_of(name).to_owned());
            let of = |f: &&Function| wanted.as_deref().is_none_or(|name| name == f.name);
            let all = functions.values().filter(of).flat_map(|f| {
                f.sources.iter().map(|source| {
                    let shown = json!({
                        "UUID": source.id, "EventSourceArn": source.arn, "State": source.state,
                        "FunctionArn": arn(call, &f.name), "BatchSize": 10,
                    });
                    (source.id.clone(), shown)
                })
            });
            let mut all: Vec<(String, Value)> = all.collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            return Ok(page(call, all.into_iter(), "EventSourceMappings"));
        }
        _ => {}
    }
    let name = name_of(call.text("FunctionName").unwrap_or_default()).to_owned();
    let others: u32 = functions
        .values()
        .filter(|f| f.name != name)
        .filter_map(|f| f.reserved)
        .sum();
    let function = functions
        .get_mut(&name)
        .ok_or_else(|| missing(format!("Function not found: {}", arn(call, &name))))?;
    match call.operation {
        "GetFunction" => {
            let mut answer = json!({"Configuration": configuration(function, call)});
            if let Some(reserved) = function.reserved {
                answer["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
            }
            Ok(answer)
        }
        "GetFunctionConfiguration" => Ok(configuration(function, call)),
        "GetPolicy" => match policy(function, call) {
            Some(text) => Ok(json!({"Policy": text, "RevisionId": "00000000-0000-4000-8000-000000000000"})),
            None => Err(missing("The resource you requested does not exist.")),
        },
        "ListAliases" => Ok(aliases(function, call)),
        "ListVersionsByFunction" => Ok(versions(function, call)),
        "GetFunctionConcurrency" => Ok(concurrency(function)),
        "PutFunctionConcurrency" => put(function, others, call),
        "DeleteFunctionConcurrency" => {
            function.reserved = None;
            Ok(json!({}))
        }
        "ListFunctionUrlConfigs" => {
            let urls = function.urls.iter().map(|(alias, auth)| {
                let whole = arn(call, &function.name);
                let on = if alias.is_empty() {
                    whole
                } else {
                    format!("{whole}:{alias}")
                };
                let shown = json!({
                    "FunctionUrl": format!("https://{}{alias}.lambda-url.{}.on.aws/", function.name, call.region),
                    "FunctionArn": on, "AuthType": auth,
                    "CreationTime": function.modified.to_string(), "LastModifiedTime": function.modified.to_string(),
                });
                (alias.clone(), shown)
            });
            Ok(page(call, urls, "FunctionUrlConfigs"))
        }
        _ => {
            let provisioned = function.provisioned.iter().map(|(alias, count)| {
                let shown = json!({
                    "FunctionArn": format!("{}:{alias}", arn(call, &function.name)), "Status": "READY",
                    "RequestedProvisionedConcurrentExecutions": count, "LastModified": function.modified.to_string(),
                });
                (alias.clone(), shown)
            });
            Ok(page(call, provisioned, "ProvisionedConcurrencyConfigs"))
        }
    }
}

fn aliases(function: &Function, call: &Call) -> Value {
    let aliases = function.aliases.iter().map(|(alias, version)| {
        let shown = json!({
            "AliasArn": format!("{}:{alias}", arn(call, &function.name)), "Name": alias,
            "FunctionVersion": version.to_string(), "Description": "",
        });
        (alias.clone(), shown)
    });
    page(call, aliases, "Aliases")
}

/// `$LATEST` first, then the versions from the oldest.
fn versions(function: &Function, call: &Call) -> Value {
    let versions = (0..=function.versions).map(|number| {
        let mut shown = configuration(function, call);
        if number > 0 {
            shown["Version"] = json!(number.to_string());
            shown["FunctionArn"] = json!(format!("{}:{number}", arn(call, &function.name)));
        }
        (format!("{number:010}"), shown)
    });
    page(call, versions, "Versions")
}

/// The policy of the function itself, or of the alias or version that is asked for.
fn policy<'f>(function: &'f Function, call: &Call) -> Option<&'f String> {
    match call.text("Qualifier") {
        None | Some("$LATEST") => function.policy.as_ref(),
        Some(qualifier) => function.qualified.get(qualifier),
    }
}

fn put(function: &mut Function, others: u32, call: &Call) -> Answer {
    let invalid = |message: String| ApiError::new(400, "InvalidParameterValueException", message);
    let wanted = call
        .number("ReservedConcurrentExecutions")
        .and_then(|n| u32::try_from(n).ok());
    let wanted = wanted.ok_or_else(|| invalid("ReservedConcurrentExecutions must be at least 0.".to_owned()))?;
    let provisioned: u32 = function.provisioned.values().sum();
    if wanted < provisioned {
        return Err(invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases below the {provisioned} provisioned concurrent executions."
        )));
    }
    if others.saturating_add(wanted) > ACCOUNT_LIMIT - UNRESERVED {
        return Err(invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{UNRESERVED}]."
        )));
    }
    function.reserved = Some(wanted);
    Ok(concurrency(function))
}

fn concurrency(function: &Function) -> Value {
    match function.reserved {
        Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
        None => json!({}),
    }
}

fn configuration(function: &Function, call: &Call) -> Value {
    let mut shown = json!({
        "FunctionName": function.name,
        "FunctionArn": arn(call, &function.name),
        "Runtime": function.runtime,
        "Role": function.role,
        "Handler": "index.handler",
        "Version": "$LATEST",
        "State": "Active",
        "LastModified": function.modified.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string(),
    });
    if let Some(main) = &function.main {
        shown["MasterArn"] = json!(main);
    }
    shown
}

/// One page of a list that is ordered by its keys, after the marker.
fn page(call: &Call, all: impl Iterator<Item = (String, Value)>, list: &str) -> Value {
    let size = call
        .number("MaxItems")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(50)
        .clamp(1, 50);
    let after = call.text("Marker").map(str::to_owned);
    let mut rest = all.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let (keys, items): (Vec<String>, Vec<Value>) = rest.by_ref().take(size).unzip();
    let mut answer = json!({ list: items });
    if rest.next().is_some() {
        answer["NextMarker"] = json!(keys.last());
    }
    answer
}

/// The name in a name, a partial ARN or an ARN, with or without a qualifier (Lambda API reference, `FunctionName`).
fn name_of(text: &str) -> &str {
    let mut parts = text.split(':');
    match parts.clone().position(|part| part == "function") {
        Some(at) => parts.nth(at + 1).unwrap_or_default(),
        None => parts.next().unwrap_or_default(),
    }
}

fn arn(call: &Call, name: &str) -> String {
    format!("arn:aws:lambda:{}:{}:function:{name}", call.region, call.caller.account)
}

fn missing(message: impl Into<String>) -> ApiError {
    ApiError::new(404, "ResourceNotFoundException", message)
}

/// The ARN that the call is about, as permission is checked on it; lists have none.
pub(in crate::range) fn resource(call: &Call) -> String {
    match (call.operation, call.text("FunctionName")) {
        ("ListFunctions" | "ListEventSourceMappings", _) | (_, None) => "*".to_owned(),
        (_, Some(name)) => arn(call, name_of(name)),
    }
}
