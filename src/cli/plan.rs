//! `quell plan`: a plan as JSON, without acting.

use super::args::PlanArgs;
use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::{out, planfile};
use crate::action::{ActionName, Choices, HOME_REGION, Notice, Request, Scope};
use crate::cloud::{self, Cloud};
use crate::domain::{Arn, IncidentId, Region, Resource, ResourceKind, Time};
use crate::runtime::{self, NoPlan};

/// Prints or writes a plan.
pub fn run(desk: &Desk, args: &PlanArgs) -> Result<Exit, Failure> {
    desk::runtime()?.block_on(async {
        let cloud = desk::connect(desk.options()).await?;
        let request = request(desk, args, &cloud).await?;
        let plan = runtime::gather(&cloud, &request, None).await.map_err(|why| {
            if elsewhere(desk, &request) {
                out::note(&format!(
                    "{} is asked in account {}, as --account says. Left out, it is the account that acts for the organisation.",
                    request.action, request.account
                ));
            }
            no_plan(why)
        })?;
        let given = planfile::give(&plan, args.out.as_deref())?;
        if plan.draft.calls.is_empty() {
            return Ok(given);
        }
        let foreseen = cloud::predict(&cloud, &plan).await;
        out::note(&format!("Permissions, predicted: {}", foreseen.phrase()));
        if let Some(blind) = foreseen.blind() {
            out::note(blind);
        }
        Ok(given)
    })
}

/// Whether somebody typed the account of a call that goes to the organisation's own.
fn elsewhere(desk: &Desk, request: &Request) -> bool {
    request.action.action().scope() == Scope::Organization && !desk.globals.account.is_empty()
}

/// A refusal has its own exit code; a fault of ours is a failure.
pub(super) fn no_plan(why: NoPlan) -> Failure {
    match why {
        NoPlan::Refused(refusal) => refusal.into(),
        NoPlan::Endless => Failure::new(why),
    }
}

async fn request(desk: &Desk, args: &PlanArgs, cloud: &Cloud) -> Result<Request, Failure> {
    let arn: Option<Arn> = args.target.parse().ok();
    let target = target(args.action, &args.target);
    let scope = args.action.action().scope();
    // The ARN of an organisation's account or user names the management account and no region, which is not where it is.
    let in_arn = arn.as_ref().filter(|_| scope != Scope::Organization);
    let typed = place(desk.globals.account.as_slice(), in_arn.map(Arn::account), "--account")?;
    let account = match (typed, scope) {
        (Some(account), Scope::Organization) if account.as_str() == args.target => {
            return Err(Failure::with(
                Exit::Usage,
                format!(
                    "For {} --account says from where the organisation is spoken to, which is not {account} itself. Leave it out.",
                    args.action
                ),
            ));
        }
        (Some(account), _) => account,
        (None, Scope::Organization) => cloud.organization_account().await.map_err(|error| {
            Failure::new(format!(
                "The account that acts for the organisation is not known: {error}. Set management_account in the configuration, or give --account."
            ))
        })?,
        (None, Scope::Regional | Scope::Global) => cloud.identity().account,
    };
    let choices = choices(desk, args);
    let typed = || {
        let typed = place(desk.globals.region.as_slice(), in_arn.map(Arn::region), "--region")?;
        let region = typed.or_else(|| cloud.regions().first().cloned());
        region.ok_or_else(|| Failure::with(Exit::Usage, "Give --region: where the target is."))
    };
    let region = match (scope, choices.get(HOME_REGION)) {
        (Scope::Global, _) => Region::global(),
        (Scope::Organization, Some(home)) => home.parse().map_err(|bad| Failure::with(Exit::Usage, bad))?,
        (Scope::Organization, None) if !has_home(args.action) => Region::global(),
        (Scope::Organization | Scope::Regional, _) => typed()?,
    };
    let at = cloud.now();
    Ok(Request {
        action: args.action,
        account,
        region,
        target,
        incident: args.incident.clone().unwrap_or_else(|| new_incident(args, at)),
        by: cloud.identity().arn.to_string(),
        at,
        undoes: None,
        notice: notice(args, arn)?,
        others: Vec::new(),
        choices,
    })
}

/// What was typed, as the action takes it. An action that takes several kinds tells them by the id's first letters or by the ARN.
///
/// Only the ARNs whose last part is the whole name are cut to it. Every other goes to the action as it is: `alias/app`, `cluster:prod`
/// and an object's key would be the names of other things without what stands before them, and an ARN of another kind is refused there.
fn target(action: ActionName, typed: &str) -> Resource {
    let kinds = action.action().targets();
    let first = kinds.first().copied().unwrap_or(ResourceKind::Other);
    let known = ResourceKind::of_id(typed);
    let Ok(arn) = typed.parse::<Arn>() else {
        let fits = known.filter(|kind| kinds.contains(kind));
        return Resource::new(fits.unwrap_or(first), typed);
    };
    let kind = known.unwrap_or(first);
    match known.filter(|kind| kinds.contains(kind)) {
        // A session's ARN names its role before itself.
        Some(ResourceKind::Role) if arn.service() == "sts" => {
            Resource::new(kind, arn.resource().split('/').nth(1).unwrap_or_default())
        }
        Some(
            ResourceKind::Instance
            | ResourceKind::User
            | ResourceKind::Role
            | ResourceKind::Account
            | ResourceKind::IdentityUser,
        ) => Resource::new(kind, arn.name()),
        _ => Resource::new(kind, typed),
    }
}

/// Whether the action's service is at home in one region for the whole organisation.
fn has_home(action: ActionName) -> bool {
    action
        .action()
        .choices()
        .iter()
        .any(|choice| choice.name == HOME_REGION)
}

/// What the configuration chooses, and over it what was typed.
fn choices(desk: &Desk, args: &PlanArgs) -> Choices {
    let mut all = desk.config.choices(desk.config.forensic().as_ref());
    let mut choices = all.remove(&args.action).unwrap_or_default();
    choices.extend(args.with.iter().cloned());
    choices
}

/// Where the target is: as typed, or as its ARN says. More than one place, or two that disagree, is not an answer.
fn place<T: std::str::FromStr + Clone + PartialEq>(
    typed: &[T],
    in_arn: Option<&str>,
    option: &str,
) -> Result<Option<T>, Failure> {
    let usage = |why: String| Failure::with(Exit::Usage, why);
    let from_arn = in_arn
        .filter(|part| !part.is_empty())
        .and_then(|part| part.parse::<T>().ok());
    match (typed, from_arn) {
        ([], from_arn) => Ok(from_arn),
        ([one], None) => Ok(Some(one.clone())),
        ([one], Some(other)) if *one == other => Ok(Some(other)),
        ([_], Some(_)) => Err(usage(format!("{option} and the target's ARN name different places."))),
        ([_, _, ..], _) => Err(usage(format!("A plan is for one place: give {option} once."))),
    }
}

/// An incident of its own, where none was named: from the time and the target, so that two plans do not mix.
fn new_incident(args: &PlanArgs, at: Time) -> IncidentId {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(format!("{at} {}", args.target));
    format!("q-{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3])
}

fn notice(args: &PlanArgs, arn: Option<Arn>) -> Result<Option<Notice>, Failure> {
    match (args.action, arn, &args.message) {
        (ActionName::NotifySns, Some(topic), Some(message)) => {
            let incident = args.incident.as_deref().unwrap_or("incident");
            Ok(Some(Notice {
                topic,
                subject: format!("[quell] {incident}"),
                message: message.clone(),
            }))
        }
        (ActionName::NotifySns, None, _) => Err(Failure::with(
            Exit::Usage,
            "The target of notify-sns is a topic's ARN: arn:aws:sns:REGION:ACCOUNT:NAME.",
        )),
        (ActionName::NotifySns, Some(_), None) => {
            Err(Failure::with(Exit::Usage, "notify-sns needs --message: what to say."))
        }
        (_, _, Some(_)) => Err(Failure::with(Exit::Usage, "--message is only for notify-sns.")),
        (_, _, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cut after its last slash an ARN may name another thing, which would then be planned.
    #[test]
    fn an_arn_is_cut_to_a_name_only_where_that_says_the_same() {
        use ActionName as A;
        use ResourceKind as K;
        let kept = |action, typed: &str, kind| assert_eq!(target(action, typed), Resource::new(kind, typed), "{typed}");
        let function = "arn:aws:lambda:us-east-1:111122223333:function:resize-images:live";
        kept(A::FreezeFunction, function, K::Function);
        kept(
            A::IsolateDatabase,
            "arn:aws:rds:us-east-1:111122223333:cluster:prod",
            K::Database,
        );
        let secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/db-AbCdEf";
        kept(A::RotateSecret, secret, K::Secret);
        kept(A::DisableKmsKey, "arn:aws:kms:us-east-1:111122223333:alias/app", K::Key);
        kept(A::LockBucket, "arn:aws:s3:::acme-exports/acme-prod-receipts", K::Bucket);
        kept(A::NotifySns, "arn:aws:sns:us-east-1:111122223333:on-call", K::Topic);
        // What the action does not take reaches it as what it is, and is refused.
        kept(A::ContainUser, "arn:aws:iam::111122223333:role/deploy", K::Role);
        kept(A::ContainUser, "arn:aws:iam::111122223333:group/deploy", K::User);

        for (action, typed, kind, id) in [
            (
                A::IsolateInstance,
                "i-0ab12cd34ef567890",
                K::Instance,
                "i-0ab12cd34ef567890",
            ),
            (
                A::IsolateInstance,
                "arn:aws:ec2:us-east-1:111122223333:instance/i-0ab",
                K::Instance,
                "i-0ab",
            ),
            (A::ContainUser, "arn:aws:iam::111122223333:user/ops/ann", K::User, "ann"),
            (
                A::ContainRole,
                "arn:aws:sts::111122223333:assumed-role/web/i-0ab",
                K::Role,
                "web",
            ),
            (
                A::QuarantineAccount,
                "arn:aws:organizations::111122223333:account/o-ab/222233334444",
                K::Account,
                "222233334444",
            ),
            (A::ContainUser, "AKIA-is-a-name", K::User, "AKIA-is-a-name"),
            (
                A::RotateSecret,
                "AKIAIOSFODNN7EXAMPLE",
                K::AccessKey,
                "AKIAIOSFODNN7EXAMPLE",
            ),
        ] {
            assert_eq!(target(action, typed), Resource::new(kind, id), "{typed}");
        }
    }
}
