//! One event as CloudTrail has it, from a call that the range saw or from a scenario.
//!
//! Owns: which calls are management events, whose history they stand in, and the event's own JSON. Must never: show a password
//! or a secret's value, which CloudTrail hides, too.

use serde_json::{Map, Value, json};

use crate::domain::{AccountId, Time};
use crate::range::call::Call;
use crate::range::world::{LoggedCall, World};

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// A UUID.
    pub id: String,
    pub time: Time,
    /// `DescribeInstances`
    pub name: String,
    /// `ec2.amazonaws.com`
    pub source: String,
    pub who: Who,
    pub read_only: bool,
    pub source_ip: String,
    pub user_agent: String,
    pub error: Option<String>,
    pub request_id: String,
    pub params: Value,
    /// Type and name: `AWS::IAM::User`, `deploy-bot`.
    pub resources: Vec<(String, String)>,
    /// What a service did by itself, which is no call: the fields that its event has besides or otherwise.
    pub by_service: Option<Value>,
}

/// Who made a call.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// As the history's column has it: a user's name, a session's name, `root`. Empty where another account's principal called.
    pub name: String,
    /// As `GetCallerIdentity` would say; empty for another account's.
    pub arn: String,
    /// As `GetCallerIdentity` would say.
    pub principal_id: String,
    pub access_key: Option<String>,
    /// Who the person behind a session is, where the session says.
    pub source_identity: Option<String>,
}

impl Event {
    /// As `LookupEvents` answers.
    pub fn show(&self, call: &Call) -> Value {
        let resources: Vec<Value> = self
            .resources
            .iter()
            .map(|(kind, name)| json!({"ResourceType": kind, "ResourceName": name}))
            .collect();
        let mut shown = json!({
            "EventId": self.id,
            "EventName": self.name,
            "ReadOnly": self.read_only.to_string(),
            "EventTime": self.time.as_second(),
            "EventSource": self.source,
            "Resources": resources,
            "CloudTrailEvent": self.document(call).to_string(),
        });
        if !self.who.name.is_empty() {
            shown["Username"] = self.who.name.as_str().into();
        }
        if let Some(key) = &self.who.access_key {
            shown["AccessKeyId"] = key.as_str().into();
        }
        shown
    }

    /// The record itself (CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events").
    fn document(&self, call: &Call) -> Value {
        let mut document = json!({
            "eventVersion": "1.11",
            "userIdentity": self.who.document(call.caller.account),
            "eventTime": Time::from_second(self.time.as_second()).unwrap_or(self.time).to_string(),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": call.region,
            "sourceIPAddress": self.source_ip,
            "userAgent": self.user_agent,
            "requestParameters": request_parameters(&self.params),
            "responseElements": null,
            "requestID": self.request_id,
            "eventID": self.id,
            "readOnly": self.read_only,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": call.caller.account,
            "eventCategory": "Management",
        });
        if let Some(code) = &self.error {
            document["errorCode"] = code.as_str().into();
        }
        if let Some(Value::Object(fields)) = &self.by_service {
            document["userIdentity"] = json!({"accountId": call.caller.account, "invokedBy": self.source});
            document["eventType"] = "AwsServiceEvent".into();
            document["requestParameters"] = Value::Null;
            for (field, value) in fields {
                document[field.as_str()] = value.clone();
            }
        }
        document
    }
}

impl Who {
    /// `userIdentity`.
    fn document(&self, account: AccountId) -> Value {
        let mut identity = json!({"principalId": self.principal_id, "accountId": account});
        if self.arn.is_empty() {
            identity["type"] = "AWSAccount".into();
            identity["accountId"] = self.principal_id.as_str().into();
            return identity;
        }
        identity["arn"] = self.arn.as_str().into();
        if let Some(key) = &self.access_key {
            identity["accessKeyId"] = key.as_str().into();
        }
        if self.name == "root" {
            identity["type"] = "Root".into();
        } else if let Some((_, session)) = self.arn.split_once(":assumed-role/") {
            let role = session.split('/').next().unwrap_or_default();
            identity["type"] = "AssumedRole".into();
            let mut context = json!({"sessionIssuer": {
                "type": "Role",
                "principalId": self.principal_id.split(':').next(),
                "arn": format!("arn:aws:iam::{account}:role/{role}"),
                "accountId": account,
                "userName": role,
            }});
            if let Some(person) = &self.source_identity {
                context["sourceIdentity"] = person.as_str().into();
            }
            identity["sessionContext"] = context;
        } else {
            identity["type"] = "IAMUser".into();
            identity["userName"] = self.name.as_str().into();
        }
        identity
    }
}

/// Whether CloudTrail's history has calls of this operation. What moves data is a data event, which it has not ("Logging data
/// events": objects, messages, invocations).
pub fn is_management(service: &str, operation: &str) -> bool {
    match service {
        "sns" => !operation.starts_with("Publish"),
        "sqs" => !operation.contains("Message"),
        "events" => operation != "PutEvents",
        "s3" => !operation.ends_with("Object") && !operation.starts_with("ListObject"),
        "lambda" => operation != "Invoke",
        _ => true,
    }
}

/// The event that a call is in the history of this account, where it is in it: the caller's own, and for a role that was assumed
/// the role's, too.
pub fn seen_by(world: &World, account: AccountId, logged: &LoggedCall) -> Option<Event> {
    if !is_management(logged.service, &logged.operation) {
        return None;
    }
    let who = if logged.account == account {
        let session = world.sessions.get(&logged.access_key);
        Who {
            name: logged
                .caller_arn
                .rsplit(['/', ':'])
                .next()
                .unwrap_or_default()
                .to_owned(),
            arn: logged.caller_arn.clone(),
            principal_id: logged.principal_id.clone(),
            access_key: Some(logged.access_key.clone()),
            source_identity: session.and_then(|s| s.source_identity.clone()),
        }
    } else if logged.operation == "AssumeRole" && role_account(logged) == Some(account.as_str()) {
        Who {
            principal_id: logged.account.to_string(),
            ..Who::default()
        }
    } else {
        return None;
    };
    Some(Event {
        id: event_id(&logged.request_id),
        time: logged.time,
        name: logged.operation.clone(),
        source: format!("{}.amazonaws.com", logged.service),
        who,
        read_only: !logged.mutating,
        source_ip: logged.source_ip.clone(),
        user_agent: logged.user_agent.clone(),
        error: logged.error.as_ref().map(|code| error_code(logged.service, code)),
        request_id: logged.request_id.clone(),
        params: logged.params.clone(),
        resources: logged.resources.clone(),
        by_service: None,
    })
}

/// The account of the role that somebody asked for.
fn role_account(logged: &LoggedCall) -> Option<&str> {
    logged.params["RoleArn"].as_str()?.split(':').nth(4)
}

/// An id of the event's own that follows from the request's: the same digits, its first eight in the other order.
fn event_id(request_id: &str) -> String {
    let (head, tail) = request_id.split_at_checked(8).unwrap_or_default();
    head.chars().rev().collect::<String>() + tail
}

/// EC2's codes stand in CloudTrail with the side that is at fault before them.
fn error_code(service: &str, code: &str) -> String {
    match (service, code) {
        ("ec2", "InternalError") => format!("Server.{code}"),
        ("ec2", _) => format!("Client.{code}"),
        _ => code.to_owned(),
    }
}

/// The parameters as CloudTrail writes them: keys begin in lower case, and what must stay secret is hidden.
fn request_parameters(params: &Value) -> Value {
    const SECRET: [&str; 6] = [
        "Password",
        "MasterUserPassword",
        "NewPassword",
        "OldPassword",
        "SecretBinary",
        "SecretString",
    ];
    match params {
        Value::Object(map) if map.is_empty() => Value::Null,
        Value::Object(map) => {
            let shown = map.iter().map(|(key, value)| {
                let value = if SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(key)) {
                    "HIDDEN_DUE_TO_SECURITY_REASONS".into()
                } else {
                    request_parameters(value)
                };
                let mut letters = key.chars();
                let first = letters.next().map(|c| c.to_ascii_lowercase());
                (first.into_iter().chain(letters).collect(), value)
            });
            Value::Object(shown.collect::<Map<String, Value>>())
        }
        Value::Array(list) => list.iter().map(request_parameters).collect(),
        other => other.clone(),
    }
}
