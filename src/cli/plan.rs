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
    let kind = kind(args);
    let arn: Option<Arn> = args.target.parse().ok();
    let id = match (&arn, kind) {
        // A session's ARN names its role before itself.
        (Some(arn), ResourceKind::Role) if arn.service() == "sts" => {
            arn.resource().split('/').nth(1).unwrap_or_default().to_owned()
        }
        (Some(arn), kind) if !by_arn(kind) => arn.name().to_owned(),
        _ => args.target.clone(),
    };
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
        target: Resource::new(kind, id),
        incident: args.incident.clone().unwrap_or_else(|| new_incident(args, at)),
        by: cloud.identity().arn.to_string(),
        at,
        undoes: None,
        notice: notice(args, arn)?,
        others: Vec::new(),
        choices,
    })
}

/// Whether a thing of this kind is meant by its whole ARN: because it has no other name, or because its ARN says more than that
/// (a cluster or an instance, a version, an alias) or ends with more than that. Everything else is meant by its name in it.
fn by_arn(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::Topic
        | ResourceKind::Finding
        | ResourceKind::Secret
        | ResourceKind::Key
        | ResourceKind::Database
        | ResourceKind::Function => true,
        ResourceKind::Instance
        | ResourceKind::AccessKey
        | ResourceKind::User
        | ResourceKind::Role
        | ResourceKind::Bucket
        | ResourceKind::Cluster
        | ResourceKind::Account
        | ResourceKind::Address
        | ResourceKind::IdentityUser
        | ResourceKind::Other => false,
    }
}

/// The kind of what was typed. An action that takes several kinds tells them by the id's first letters or by the ARN.
fn kind(args: &PlanArgs) -> ResourceKind {
    let kinds = args.action.action().targets();
    let typed = ResourceKind::of_id(&args.target);
    let fits = typed.filter(|kind| kinds.contains(kind));
    fits.or_else(|| kinds.first().copied()).unwrap_or(ResourceKind::Other)
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
