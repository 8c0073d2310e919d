//! `disable-kms-key`: nothing can be encrypted or decrypted with a key any more, until it is enabled again.
//!
//! Never schedules a key's deletion, which cannot be taken back once it is done; there is no such call. Never disables a key that
//! protects evidence: a snapshot that nobody can read proves nothing.

use super::answer::KmsKey;
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, radius, target};
use crate::action::{KmsCall, KmsQuery, KmsState, RdsQuery, SecretsQuery};
use crate::domain::{Arn, KeyId, ResourceKind, Untrusted};

#[derive(Debug)]
pub struct DisableKmsKey;

/// A key with this tag protects evidence, whatever it is of: a bucket of it, a journal.
const EVIDENCE_TAG: &str = "quell:evidence";
/// So many names stand on a line; the rest are counted.
const NAMED: usize = 6;

impl Action for DisableKmsKey {
    fn name(&self) -> ActionName {
        ActionName::DisableKmsKey
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Key]
    }

    fn summary(&self) -> &'static str {
        "Disable a customer-managed KMS key, so that nothing under it can be read. It can be enabled again."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let named = Named::of(request)?;
        let query = Query::Kms(KmsQuery::KmsKey { key: named.name });
        // An alias leads to its key only by asking; an id has everything else asked beside it.
        let mut first = vec![query.clone()];
        if let Some(id) = &named.id {
            first.extend(Around::of(id, &arn_of(request, id)?).all());
        }
        facts.want(first)?;
        let key = facts.kms_key(&query)?;
        let around = Around::of(&key.id, &key.arn);
        facts.want(around.all())?;
        refuse_state(key)?;
        refuse_evidence(key, &around, facts)?;

        let mut draft = switch(key, false);
        draft.warnings.push(
            "Whatever is encrypted with it cannot be read from then on: disks no longer attach, databases stop, secrets do not open. What is in use keeps its data key in memory: volumes that are attached go on working until they are detached, and so may whoever reads them."
                .to_owned(),
        );
        if !key.regions.is_empty() {
            let regions: Vec<&str> = key.regions.iter().map(crate::domain::Region::as_str).collect();
            draft.warnings.push(format!(
                "It is a multi-Region key, in {}: each region's key has a state of its own, and only the one in {} is disabled. Who can reach another opens the same data with it.",
                regions.join(", "),
                request.region
            ));
        }
        users(key, &around, facts, &mut draft)?;
        radius::lately(LookupKey::ResourceName, key.arn.as_str(), "Used", facts, &mut draft)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        Named::of(request)?;
        let id = done.changes().find_map(|change| {
            if let Mutation::Kms(KmsCall::DisableKey { key }) = change {
                Some(key.clone())
            } else {
                None
            }
        });
        let Some(id) = id else {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Record {} did not disable a key.", done.seq),
                "Give the sequence number of the plan that did.",
            )
            .into());
        };
        let key = facts.kms_key(&Query::Kms(KmsQuery::KmsKey { key: id.to_string() }))?;
        match key.state.as_str() {
            "Disabled" => {
                let mut draft = switch(key, true);
                draft
                    .warnings
                    .push("Whoever may use the key can read what is under it again.".to_owned());
                Ok(draft)
            }
            "Enabled" => Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("{id} is already enabled."),
                "Somebody enabled it since; ask who and why.",
            )
            .into()),
            other => Err(Refusal::new(
                RefusalKind::Drifted,
                format!("{id} is {other}: somebody did more to it than this plan."),
                "Cancel its deletion by hand (kms:CancelKeyDeletion), if it is to live; it is disabled then.",
            )
            .into()),
        }
    }
}

/// How the request names the key.
struct Named {
    /// The id, or `alias/…`.
    name: String,
    /// The id, where it says that.
    id: Option<KeyId>,
}

impl Named {
    fn of(request: &Request) -> Result<Self, Stop> {
        const EXAMPLE: &str = "disable-kms-key needs a key's id, its ARN, or its alias (alias/name).";
        let wrong = |why: String| Stop::from(Refusal::new(RefusalKind::WrongTarget, why, EXAMPLE));
        if request.target.kind != ResourceKind::Key {
            let given = target::article(request.target.kind);
            return Err(wrong(format!("{} is {given}, not a KMS key.", request.target)));
        }
        let text = request.target.id.raw();
        let local = match text.parse::<Arn>() {
            Err(_) => text.to_owned(),
            Ok(arn) if arn.service() != "kms" => {
                return Err(wrong(format!("{} is no key of KMS.", request.target)));
            }
            Ok(arn) if arn.region() != request.region.as_str() || arn.account() != request.account.as_str() => {
                return Err(wrong(format!(
                    "{} is in {} {}, and the plan is for {} {}.",
                    request.target,
                    Untrusted::new(arn.account()),
                    Untrusted::new(arn.region()),
                    request.account,
                    request.region
                )));
            }
            Ok(arn) => arn.resource().to_owned(),
        };
        if let Some(alias) = local.strip_prefix("alias/") {
            let legal = (1..=250).contains(&alias.len())
                && alias.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-".contains(&b));
            return if legal {
                Ok(Self { name: local, id: None })
            } else {
                Err(wrong(format!("{} is not an alias.", request.target)))
            };
        }
        let id = local.strip_prefix("key/").unwrap_or(&local);
        let id: KeyId = id.parse().map_err(|bad| wrong(format!("{bad}.")))?;
        Ok(Self {
            name: id.to_string(),
            id: Some(id),
        })
    }
}

fn arn_of(request: &Request, id: &KeyId) -> Result<Arn, Stop> {
    let arn = request.place().arn("kms", &format!("key/{id}"));
    arn.parse().map_err(|bad: crate::domain::BadArn| {
        Refusal::new(RefusalKind::WrongTarget, format!("{bad}."), "Give the key by its id.").into()
    })
}

/// What is asked about a key besides its state.
struct Around {
    grants: Query,
    aliases: Query,
    tags: Query,
    evidence: Query,
    database_evidence: Query,
    disks: Query,
    databases: Query,
    secrets: Query,
    trail: Query,
}

impl Around {
    fn of(id: &KeyId, arn: &Arn) -> Self {
        let (key, under) = (id.clone(), arn.clone());
        Self {
            grants: Query::Kms(KmsQuery::KeyGrants { key: key.clone() }),
            aliases: Query::Kms(KmsQuery::KeyAliases { key: key.clone() }),
            tags: Query::Kms(KmsQuery::KeyTags { key }),
            evidence: Query::Kms(KmsQuery::EvidenceUnderKey { key: under.clone() }),
            database_evidence: Query::Rds(RdsQuery::DatabaseEvidenceUnderKey { key: under.clone() }),
            disks: Query::Kms(KmsQuery::DisksUnderKey { key: under.clone() }),
            databases: Query::Rds(RdsQuery::DatabasesUnderKey { key: under }),
            secrets: Query::Secrets(SecretsQuery::SecretKeys),
            trail: radius::question(LookupKey::ResourceName, arn.as_str()),
        }
    }

    fn all(&self) -> impl Iterator<Item = Query> {
        [
            &self.grants,
            &self.aliases,
            &self.tags,
            &self.evidence,
            &self.database_evidence,
            &self.disks,
            &self.databases,
            &self.secrets,
            &self.trail,
        ]
        .map(Clone::clone)
        .into_iter()
    }
}

fn refuse_state(key: &KmsKey) -> Result<(), Stop> {
    let refuse = |kind, why: String, instead: &str| Err(Refusal::new(kind, why, instead).into());
    if key.aws_managed {
        return refuse(
            RefusalKind::WrongTarget,
            format!("{} is managed by AWS: nobody can disable it.", key.id),
            "Contain what uses it instead: the instance, the database, the role that asks.",
        );
    }
    match key.state.as_str() {
        "Enabled" => Ok(()),
        "Disabled" => refuse(
            RefusalKind::AlreadyDone,
            format!("{} is already disabled.", key.id),
            "Verify it from the journal, and look in CloudTrail for who did it.",
        ),
        "PendingDeletion" | "PendingReplicaDeletion" => refuse(
            RefusalKind::AlreadyDone,
            format!("{} waits for its deletion: nobody can use it already.", key.id),
            "If that is not wanted, cancel it by hand (kms:CancelKeyDeletion) before its date: what is under it is lost after.",
        ),
        other => refuse(
            RefusalKind::WrongTarget,
            format!("{} is {other}; only an enabled key can be disabled.", key.id),
            "Wait until it is enabled, and ask again.",
        ),
    }
}

fn refuse_evidence(key: &KmsKey, around: &Around, facts: &Facts) -> Result<(), Stop> {
    let unsafe_because = |what: String| {
        Err(Refusal::new(
            RefusalKind::Unsafe,
            format!("{} protects evidence: {what}. Disabled, nobody could read it.", key.id),
            "Copy the evidence to another key first, or take the role's or user's leave to use this one instead.",
        )
        .into())
    };
    if let Some(about) = facts.key_tags(&around.tags)?.get(EVIDENCE_TAG) {
        return unsafe_because(format!("it is tagged {EVIDENCE_TAG} = {about}"));
    }
    let snapshots = facts.evidence(&around.evidence)?;
    if let Some(first) = snapshots.first() {
        let more = more(snapshots.len() - 1);
        return unsafe_because(format!(
            "snapshot {} of incident {}{more}",
            first.snapshot, first.incident
        ));
    }
    let databases = facts.names(&around.database_evidence)?;
    if let Some(first) = databases.first() {
        return unsafe_because(format!("database snapshot {first}{}", more(databases.len() - 1)));
    }
    Ok(())
}

fn more(others: usize) -> String {
    if others == 0 {
        String::new()
    } else {
        format!(" and {others} more")
    }
}

/// Who uses it, one line a kind.
fn users(key: &KmsKey, around: &Around, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let aliases = facts.advisory(facts.names(&around.aliases), &mut draft.warnings)?;
    if let Some(aliases) = aliases {
        say("Its aliases", aliases.iter().map(Untrusted::shown), draft);
    }
    if let Some(grants) = facts.advisory(facts.key_grants(&around.grants), &mut draft.warnings)? {
        let grants = grants.iter();
        let grants = grants.map(|g| format!("{} ({})", g.grantee, Untrusted::new(g.operations.join(", "))));
        say("Grants, which stay and work again when it is enabled", grants, draft);
    }
    if let Some(disks) = facts.advisory(facts.disks(&around.disks), &mut draft.warnings)? {
        say(
            "Volumes under it",
            disks.volumes.iter().map(|v| Untrusted::new(v).shown()),
            draft,
        );
        say(
            "Snapshots under it",
            disks.snapshots.iter().map(|s| Untrusted::new(s).shown()),
            draft,
        );
    }
    if let Some(databases) = facts.advisory(facts.names(&around.databases), &mut draft.warnings)? {
        say(
            "Databases under it, which RDS stops",
            databases.iter().map(Untrusted::shown),
            draft,
        );
        if !databases.is_empty() {
            draft.warnings.push(
                "Undo within 7 days: after that a database under the key is lost for good and can only be restored from a backup (inaccessible-encryption-credentials)."
                    .to_owned(),
            );
            draft.lost.push(
                "Databases that RDS stops do not start again by themselves when the key is enabled: start each (rds:StartDBInstance, rds:StartDBCluster)."
                    .to_owned(),
            );
        }
    }
    if let Some(secrets) = facts.advisory(facts.key_uses(&around.secrets), &mut draft.warnings)? {
        let is_this = |given: &str| {
            let alias = given.rsplit_once(":alias/").map(|(_, name)| format!("alias/{name}"));
            let alias = alias.as_deref().unwrap_or(given);
            given == key.arn.as_str()
                || given == key.id.as_str()
                || aliases.is_some_and(|all| all.iter().any(|a| a.raw() == alias))
        };
        let under = secrets.iter().filter(|s| is_this(&s.key));
        say("Secrets under it", under.map(|s| s.name.shown()), draft);
    }
    Ok(())
}

fn say(what: &str, names: impl Iterator<Item = String>, draft: &mut Draft) {
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let rest = more(names.len().saturating_sub(NAMED));
        draft.neighbours.push(format!("{what}: {shown}{rest}."));
    }
}

fn switch(key: &KmsKey, on: bool) -> Draft {
    let id = key.id.clone();
    let mutation = if on {
        KmsCall::EnableKey { key: id.clone() }
    } else {
        KmsCall::DisableKey { key: id.clone() }
    };
    Draft {
        calls: vec![PlannedCall {
            mutation: Mutation::Kms(mutation),
            undo: Undo::Reversible,
            was: None,
        }],
        expectations: vec![Expectation::Kms(KmsState::KeyEnabled { key: id, on })],
        ..Draft::default()
    }
}
