//! STS: who am I, and be somebody else for a while.
//!
//! Owns: making sessions, with both sides' policies checked. Must never: make one that outlives what AWS would allow.

use serde_json::json;

use super::{Operation, Protocol, Service, reads};
use crate::domain::Arn;
use crate::range::authorize;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::policy::{Decision, Policy, Request, Verdict, effect};
use crate::range::world::{Session, World};

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "sts",
    protocol: Protocol::Query {
        xmlns: "https://sts.amazonaws.com/doc/2011-06-15/",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

/// A new session changes nothing in the world that a responder could have to undo, so it counts as a read.
const OPERATIONS: &[Operation] = &[reads("AssumeRole"), reads("GetCallerIdentity")];

/// Characters of inline and managed session policies together (API reference, `AssumeRole`).
const MAX_POLICY: usize = 2048;
/// Seconds of a session that was made with a session's credentials (API reference, `AssumeRole`).
const MAX_CHAINED: i64 = 3600;
/// Seconds after their end that sessions are still known as expired ones.
const REMEMBER: i64 = 24 * 3600;

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "GetCallerIdentity" => Ok(json!({
            "Account": call.caller.account,
            "Arn": call.caller.arn,
            "UserId": call.caller.user_id,
        })),
        "AssumeRole" => assume(world, call),
        other => Err(ApiError::new(
            400,
            "InvalidAction",
            format!("Could not find operation {other}"),
        )),
    }
}

fn assume(world: &mut World, call: &Call) -> Answer {
    let arn = call.text("RoleArn").unwrap_or_default();
    let name = call.text("RoleSessionName").unwrap_or_default();
    session_word(name, "roleSessionName")?;
    let source_identity = source_identity(world, call)?;
    let inline = call.text("Policy");
    let inline = inline
        .map(|text| Policy::identity(text).map_err(|e| ApiError::new(400, "MalformedPolicyDocument", e.to_string())))
        .transpose()?;

    let parsed: Arn = arn.parse().map_err(|_| invalid(&format!("{arn} is invalid")))?;
    let account = world.accounts.values().find(|a| a.id.as_str() == parsed.account());
    let role = account.and_then(|a| {
        let role = a.iam.roles.get(parsed.name())?;
        (a.iam.arn("role", &role.path, &role.name) == arn).then_some((a, role))
    });
    // A role that is not there is refused in the same words, so that nobody learns which roles exist.
    let Some((account, role)) = role else {
        return Err(denied(call, "sts:AssumeRole", arn));
    };
    let mut asked = vec!["sts:AssumeRole"];
    if source_identity.is_some() {
        asked.push("sts:SetSourceIdentity");
    }
    for action in asked {
        if !allowed(world, call, action, arn, &role.trust, source_identity.as_deref()) {
            return Err(denied(call, action, arn));
        }
    }
    let policies = session_policies(call, inline, account)?;
    let seconds = duration(world, call, role.max_session)?;

    let (account, role, role_id) = (account.id, role.name.clone(), role.id.clone());
    let size: usize = policies.iter().map(|p| p.text.len()).sum();
    let expires = world.client_now() + jiff::SignedDuration::from_secs(seconds);
    let session = Session {
        access_key: world.new_unique_id("ASIA"),
        secret: world.new_secret(),
        token: format!("FwoGZXIvYXdzE{}", world.new_hex(160)),
        account,
        role,
        role_id,
        name: name.to_owned(),
        issued: call.now,
        expires,
        policies,
        source_identity: source_identity.clone(),
    };
    let caller = session.caller();
    let mut answer = json!({
        "Credentials": {
            "AccessKeyId": session.access_key,
            "SecretAccessKey": session.secret,
            "SessionToken": session.token,
            "Expiration": format!("{:.0}", expires),
        },
        "AssumedRoleUser": { "AssumedRoleId": caller.user_id, "Arn": caller.arn },
        "SourceIdentity": source_identity,
    });
    if size > 0 {
        answer["PackedPolicySize"] = json!((size * 100).div_ceil(MAX_POLICY));
    }
    let forgotten = world.client_now() - jiff::SignedDuration::from_secs(REMEMBER);
    world.sessions.retain(|_, s| s.expires > forgotten);
    world.sessions.insert(session.access_key.clone(), session);
    Ok(answer)
}

/// Both sides' word: the role's trust, and the caller's own policies unless the role is in the caller's account and its trust
/// names the caller.
fn allowed(
    world: &World,
    call: &Call,
    action: &str,
    role: &str,
    trust: &Policy,
    source_identity: Option<&str>,
) -> bool {
    let principal = authorize::principal_arn(world, call.caller);
    let same = role.split(':').nth(4) == Some(call.caller.account.as_str());
    let mut context = authorize::context(world, call);
    let extra = [
        ("sts:externalid", call.text("ExternalId")),
        ("sts:rolesessionname", call.text("RoleSessionName")),
        ("sts:sourceidentity", source_identity),
    ];
    for (key, value) in extra {
        if let Some(value) = value {
            context.insert(key.to_owned(), value.to_owned());
        }
    }
    let request = Request {
        action,
        resource: role,
        context: &context,
        account: &call.caller.account,
        arns: &[principal, call.caller.arn.clone()],
    };
    let theirs = effect([trust], &request);
    let own = authorize::decision(world, call.caller, action, role, &context);
    match (theirs, own) {
        (Verdict::Allowed | Verdict::AllowedToAccount, Decision::Allow) => true,
        (Verdict::Allowed, Decision::NoIdentityAllow) => same,
        _ => false,
    }
}

/// The caller's own source identity goes on to the next session, and cannot be changed.
fn source_identity(world: &World, call: &Call) -> Result<Option<String>, ApiError> {
    let inherited = world
        .sessions
        .get(&call.caller.access_key)
        .and_then(|s| s.source_identity.clone());
    let given = call.text("SourceIdentity");
    if let Some(given) = given {
        session_word(given, "sourceIdentity")?;
        if inherited.as_deref().is_some_and(|i| i != given) {
            return Err(ApiError::new(
                403,
                "AccessDenied",
                "The source identity that is set on the calling session cannot be changed",
            ));
        }
    }
    Ok(inherited.or_else(|| given.map(str::to_owned)))
}

fn session_policies(
    call: &Call,
    inline: Option<Policy>,
    account: &crate::range::world::Account,
) -> Result<Vec<Policy>, ApiError> {
    let mut policies: Vec<Policy> = inline.into_iter().collect();
    let arns = call.params.get("PolicyArns").and_then(|v| v.as_array());
    for arn in arns.into_iter().flatten().filter_map(|a| a.get("arn")?.as_str()) {
        let policy = account.iam.policies.get(arn);
        let document = policy.and_then(|p| p.versions.get(&p.default_version));
        policies.push(
            document
                .cloned()
                .ok_or_else(|| invalid(&format!("Policy {arn} does not exist")))?,
        );
    }
    let size: usize = policies.iter().map(|p| p.text.chars().count()).sum();
    if size > MAX_POLICY {
        let percent = (size * 100).div_ceil(MAX_POLICY);
        return Err(ApiError::new(
            400,
            "PackedPolicyTooLarge",
            format!("Packed size of session policies and session tags consumes {percent}% of allotted space"),
        ));
    }
    Ok(policies)
}

fn duration(world: &World, call: &Call, max_session: u32) -> Result<i64, ApiError> {
    let given = call.text("DurationSeconds");
    let seconds = match given {
        None => 3600,
        Some(text) => text
            .parse()
            .ok()
            .filter(|s| (900..=43_200).contains(s))
            .ok_or_else(|| violation(text, "durationSeconds", "Member must have value between 900 and 43200"))?,
    };
    if seconds > MAX_CHAINED && world.sessions.contains_key(&call.caller.access_key) {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if seconds > i64::from(max_session) && given.is_some() {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

/// 2 to 64 characters of `[\w+=,.@-]`.
fn session_word(text: &str, field: &str) -> Result<(), ApiError> {
    let legal = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
    if !legal {
        return Err(violation(
            text,
            field,
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        ));
    }
    match text.len() {
        0 | 1 => Err(violation(
            text,
            field,
            "Member must have length greater than or equal to 2",
        )),
        2..=64 => Ok(()),
        _ => Err(violation(
            text,
            field,
            "Member must have length less than or equal to 64",
        )),
    }
}

fn violation(value: &str, field: &str, constraint: &str) -> ApiError {
    invalid(&format!(
        "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
    ))
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(400, "ValidationError", text)
}

fn denied(call: &Call, action: &str, role: &str) -> ApiError {
    ApiError::new(
        403,
        "AccessDenied",
        format!(
            "User: {} is not authorized to perform: {action} on resource: {role}",
            call.caller.arn
        ),
    )
}
