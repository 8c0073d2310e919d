//! The policies that contain a user or role: their names, their texts, and how one is known again.
//!
//! Owns: what a deny looks like. Must never: take a policy for quell's own by its name alone; anybody may use a name.

use serde_json::{Value, json};

use super::answer::IamRole;
use super::plan::Request;
use super::refusal::{Refusal, RefusalKind, Stop};
use crate::domain::{Arn, IDENTITY_CENTER_ROLE, PolicyName, RoleName, Time, Untrusted};

/// What a containing policy's name begins with.
const CONTAIN: &str = "quell-contain-";
const REVOKE: &str = "quell-revoke-";
/// Of the incident's name as much as leaves room for the rest in the 128 characters that IAM allows.
const ROOM: usize = 80;
/// Characters of all inline policies of a user together, white space aside (IAM quotas).
pub const MAX_USER_INLINE: usize = 2048;
/// The same of a role.
pub const MAX_ROLE_INLINE: usize = 10_240;
/// Every way into a role (IAM guide, "Service Authorization Reference: AWS STS").
const ENTRANCES: [&str; 3] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
];

/// The name of the policy that denies everything for an incident.
pub fn contain_name(request: &Request) -> PolicyName {
    name(CONTAIN, request, "")
}

/// The name of the policy that ends sessions: one for each time that it is done, so that none replaces another.
pub fn revoke_name(request: &Request) -> PolicyName {
    let at = format!("{:.0}", request.at).replace(['-', ':'], "");
    name(REVOKE, request, &format!("-{at}"))
}

fn name(prefix: &str, request: &Request, suffix: &str) -> PolicyName {
    let legal = |c: char| {
        if c.is_ascii_alphanumeric() || "+=,.@_-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let incident: String = request.incident.chars().take(ROOM).map(legal).collect();
    let name = format!("{prefix}{incident}{suffix}");
    name.parse().expect("it is made of legal characters and short enough")
}

/// Denies everything, without a condition: a long-term key's requests carry no `aws:TokenIssueTime` to compare with.
pub fn deny_all() -> String {
    deny(&Value::Null)
}

/// Denies everything to sessions that this condition fits.
pub fn deny_where(condition: &Value) -> String {
    deny(condition)
}

fn deny(condition: &Value) -> String {
    let mut statement = json!({"Sid": "QuellContainment", "Effect": "Deny", "Action": "*", "Resource": "*"});
    if !condition.is_null() {
        statement["Condition"] = condition.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A trust policy that lets nobody in. Statements of their own for the old trust would have to be weighed against it; a denial of all
/// needs no weighing.
pub fn closed_trust() -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "QuellContainment", "Effect": "Deny", "Principal": "*", "Action": ENTRANCES}],
    })
    .to_string()
}

/// Whether two policies say the same, however they are written.
pub fn same_policy(a: &str, b: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    a == b || parsed(a).is_some_and(|a| Some(a) == parsed(b))
}

/// Whether an inline policy is one by which quell contained somebody: by its name and by what it says.
pub fn is_containment(name: &PolicyName, document: &str) -> bool {
    name.as_str().starts_with(CONTAIN) && same_policy(document, &deny_all())
}

/// What a policy's statements do: whether one allows, and whether one denies. Neither where it cannot be read.
pub fn effects(document: &str) -> (bool, bool) {
    let policy: Value = serde_json::from_str(document).unwrap_or_default();
    let statements = match &policy["Statement"] {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let any = |effect: &str| statements.iter().any(|s| s["Effect"] == effect);
    (any("Allow"), any("Deny"))
}

/// Whether AWS's own policy of this ARN only denies: `AWSDenyAll`, and the quarantine that AWS itself puts on a user whose key it
/// found in public (AWS managed policy reference, `AWSCompromisedKeyQuarantineV3` and those before it).
pub fn is_awss_denial(policy: &Arn) -> bool {
    policy.account() == "aws"
        && (policy.name() == "AWSDenyAll" || policy.name().starts_with("AWSCompromisedKeyQuarantine"))
}

/// Characters as IAM counts them against its limits.
fn length(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// Refuses a policy for which the inline policies that are there leave no room: IAM would refuse it, and an attacker may have seen to
/// that. `most` is what IAM allows all of them together, white space aside.
pub fn fits(whose: &str, size: usize, document: &str, most: usize, instead: &str) -> Result<(), Stop> {
    let needed = length(document);
    if size + needed <= most {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::Unsafe,
        format!(
            "The inline policies of {whose} have {size} of the {most} characters that IAM allows, and the deny needs {needed}: IAM \
             would refuse it (LimitExceeded), and nothing after it would be done."
        ),
        instead,
    )
    .into())
}

/// The same for a role.
pub fn fits_role(role: &RoleName, size: usize, document: &str) -> Result<(), Stop> {
    let instead = format!(
        "Delete or shorten an inline policy of the role by hand and write down what it said, or close its trust, which takes no room: \
         contain-role {role} --with how=trust."
    );
    fits(&format!("role {role}"), size, document, MAX_ROLE_INLINE, &instead)
}

/// Denies everything to the sessions that were issued before a moment.
pub fn sessions_before(cut: Time) -> String {
    deny_where(&json!({"DateLessThan": {"aws:TokenIssueTime": written(cut)}}))
}

/// Whether a policy ends the sessions issued before the moment that the call set, to the second as it is written; where that moment
/// is not known, before any that is later than the plan.
pub fn ends_sessions(document: &str, cut: Option<Time>, since: Time) -> bool {
    let matches = |stands: Time| cut.map_or(stands >= since, |cut| written(cut) == written(stands));
    denied_before(document).is_some_and(matches)
}

/// The moment before which sessions are denied, where the policy says that and nothing else.
fn denied_before(document: &str) -> Option<Time> {
    let policy: Value = serde_json::from_str(document).ok()?;
    let cut = policy.pointer("/Statement/0/Condition/DateLessThan/aws:TokenIssueTime")?;
    let cut: Time = cut.as_str()?.parse().ok()?;
    same_policy(document, &sessions_before(cut)).then_some(cut)
}

/// Whom a trust policy lets in, each safe to show: `service ec2.amazonaws.com`. None where it cannot be read.
pub fn trusted(document: &str) -> Option<Vec<String>> {
    let policy: Value = serde_json::from_str(document).ok()?;
    let list = |value: &Value| match value {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let mut all = Vec::new();
    for statement in list(policy.get("Statement")?) {
        if statement["Effect"] != "Allow" {
            continue;
        }
        match &statement["Principal"] {
            Value::Object(kinds) => {
                for (kind, names) in kinds {
                    let named = list(names);
                    all.extend(named.iter().filter_map(Value::as_str).map(|who| match kind.as_str() {
                        "Service" => format!("service {}", Untrusted::new(who)),
                        "Federated" => format!("identity provider {}", Untrusted::new(who)),
                        _ => Untrusted::new(who).shown(),
                    }));
                }
            }
            Value::String(who) => all.push(Untrusted::new(who.as_str()).shown()),
            _ => {}
        }
    }
    all.sort();
    all.dedup();
    Some(all)
}

/// Refuses roles that nobody but AWS can change, and those that quell itself needs for the work.
pub fn changeable(request: &Request, role: &IamRole) -> Result<(), Stop> {
    let name = Untrusted::new(role.arn.name()).shown();
    let wrong = |why: String, instead: &str| Err(Refusal::new(RefusalKind::WrongTarget, why, instead).into());
    if role.path.starts_with("/aws-service-role/") {
        return wrong(
            format!(
                "{name} is a service-linked role: only its service can change it, and its sessions cannot be revoked."
            ),
            "Stop what the service does with it, in that service; delete the role there when nothing needs it.",
        );
    }
    if role.path.starts_with("/aws-reserved/") || role.arn.name().starts_with(IDENTITY_CENTER_ROLE) {
        return wrong(
            format!("{name} belongs to IAM Identity Center, which alone can change it."),
            "Use contain-identity-user on the session's name: it denies the person with an SCP and takes the assignments away.",
        );
    }
    let by: Option<Arn> = request.by.parse().ok();
    let callers = by.is_some_and(|by| {
        let mut parts = by.resource().split('/');
        by.account() == request.account.as_str()
            && parts.next() == Some("assumed-role")
            && parts.next() == Some(role.arn.name())
    });
    if role.ours || callers {
        return Err(Refusal::new(
            RefusalKind::Unsafe,
            format!("{name} is a role that this console works with: it would lock you out in the middle of the plan."),
            "Act on it with other credentials, after a way in that does not use it was tried.",
        )
        .into());
    }
    Ok(())
}

/// The cut between sessions that are ended and sessions that are not, as policies write it.
pub fn written(time: Time) -> String {
    format!("{time:.0}")
}

/// What there is to do about the root user, whom no policy of its account limits and no call here can switch off.
pub fn root(kind: RefusalKind, what: &str) -> Stop {
    Refusal::new(
        kind,
        format!("{what} The root user of an account is not contained by any call that another identity can make."),
        "By hand, as root: change the password, delete its access keys, check MFA, e-mail address and phone, and look in CloudTrail \
         for what it did. In a member account the management account can delete root's credentials (centralised root access) and \
         deny the account with an SCP, which binds root's sessions too.",
    )
    .into()
}

#[cfg(test)]
#[path = "iam_policy_tests.rs"]
mod tests;
