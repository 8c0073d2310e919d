//! `quell evidence`: everything about an incident into files with a manifest, and checking such a directory.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::args::incident_id;
use super::desk::{self, Desk};
use super::exit::{Exit, Failure};
use super::out;
use crate::cloud::Cloud;
use crate::domain::{Arn, IncidentId, Resource, ResourceKind, Untrusted};
use crate::findings::{FindingKey, Source};
use crate::journal::{self, FindingSummary, Mode, Record, What};
use crate::runtime::collect::{Brief, Subject, collect};
use crate::runtime::sent::{Room, Sent};
use crate::runtime::{Hand as _, Shelf, manifest};

pub const EXAMPLES: &str = "\
Examples:
  quell evidence q-1a2b3c4d                 what the journal says of the incident
  quell evidence q-1a2b3c4d --target i-0ab12cd34ef567890 --account 222222222222 --region us-east-1
  quell evidence verify DIR

Nothing in AWS changes. Exit 3 means that something could not be read; each is named, in the manifest too.
User data and console output may hold secrets: the directory is its owner's alone.";

/// `quell evidence`
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EvidenceArgs {
    #[command(subcommand)]
    pub command: Option<EvidenceCommand>,
    /// The incident, such as q-1a2b3c4d. Without --target, the journal says which resources it is about.
    #[arg(value_name = "INCIDENT", value_parser = incident_id, required = true)]
    pub incident: Option<IncidentId>,
    /// A resource, by its id or ARN; may be repeated. --account and --region say where, unless the ARN does.
    #[arg(long, value_name = "TARGET")]
    pub target: Vec<String>,
    /// A finding that was read before, by its source's id, in the account and region of --account and --region; may be repeated.
    #[arg(long, value_name = "ID")]
    pub finding: Vec<String>,
}

/// What else can be done with evidence.
#[derive(Clone, Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Check a directory's files against its manifest. Exit 1 when one is not as it was written.
    Verify {
        /// The directory that `quell evidence` printed.
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

/// Runs the command.
pub fn run(desk: &Desk, args: &EvidenceArgs) -> Result<Exit, Failure> {
    match (&args.command, &args.incident) {
        (Some(EvidenceCommand::Verify { directory }), _) => verify(directory),
        (None, Some(incident)) => gather(desk, args, incident),
        (None, None) => Err(Failure::with(Exit::Usage, "Name the incident, such as q-1a2b3c4d.")),
    }
}

fn gather(desk: &Desk, args: &EvidenceArgs, incident: &IncidentId) -> Result<Exit, Failure> {
    let directory = desk.directory()?;
    let path = directory.join(journal::FILE_NAME);
    let records = if path.exists() {
        journal::read(&path)?
    } else {
        Vec::new()
    };
    let known = summaries(&records, incident);
    desk::runtime()?.block_on(async {
        let cloud = desk::connect(desk.options()).await?;
        let subjects = subjects(desk, args, &cloud, &known)?;
        let keys = keys(desk, args, &cloud, &known)?;
        let responder = desk::responder(&cloud, directory.clone(), Mode::Live, cloud.now())?;
        let brief = Brief {
            incident: incident.clone(),
            subjects,
            findings: raw(&directory, &cloud, keys)?,
        };
        let collected = collect(&cloud, &directory, &brief).await.map_err(|why| {
            Failure::new(format!(
                "Evidence of {} is not complete: {why}",
                Untrusted::new(incident.as_str())
            ))
        })?;
        for gap in &collected.gaps {
            out::note(&format!("not collected: {}", gap.said()));
        }
        let kept = collected.kept.clone();
        responder.note(Some(incident.clone()), What::Evidence(kept)).await?;
        out::result(format!(
            "{}\nmanifest sha256 {}\n{} files\n",
            Untrusted::new(collected.kept.directory.as_str()),
            collected.kept.manifest_sha256,
            collected.kept.files
        ))?;
        Ok(if collected.gaps.is_empty() {
            Exit::Done
        } else {
            Exit::Partial
        })
    })
}

/// The findings that the incident was opened on.
fn summaries(records: &[Record], incident: &IncidentId) -> Vec<FindingSummary> {
    let mut found: Vec<FindingSummary> = Vec::new();
    for record in records.iter().filter(|r| r.incident.as_ref() == Some(incident)) {
        if let What::Incident { finding } = &record.what
            && !found.contains(finding)
        {
            found.push(finding.clone());
        }
    }
    found
}

/// What was typed, or what the journal says that the incident is about.
fn subjects(
    desk: &Desk,
    args: &EvidenceArgs,
    cloud: &Cloud,
    known: &[FindingSummary],
) -> Result<Vec<Subject>, Failure> {
    if !args.target.is_empty() {
        return args.target.iter().map(|typed| subject(desk, cloud, typed)).collect();
    }
    let mut found: Vec<Subject> = Vec::new();
    for finding in known {
        let subject = Subject {
            account: finding.account,
            region: finding.region.clone(),
            resource: finding.resource.clone(),
        };
        if !found.contains(&subject) {
            found.push(subject);
        }
    }
    if found.is_empty() {
        return Err(
            Failure::with(Exit::Usage, "The journal does not say what the incident is about.")
                .hint("Name the resource: --target i-… --account … --region …"),
        );
    }
    Ok(found)
}

fn subject(desk: &Desk, cloud: &Cloud, typed: &str) -> Result<Subject, Failure> {
    let shown = Untrusted::new(typed);
    let kind = ResourceKind::of_id(typed)
        .ok_or_else(|| Failure::with(Exit::Usage, format!("{shown} could be several things.")).hint("Give its ARN."))?;
    let arn: Option<Arn> = typed.parse().ok();
    let id = match &arn {
        Some(arn) => named(kind, arn),
        None => typed.to_owned(),
    };
    let account = arn.as_ref().and_then(|arn| arn.account().parse().ok());
    let region = arn.as_ref().and_then(|arn| arn.region().parse().ok());
    Ok(Subject {
        account: account
            .or_else(|| desk.globals.account.first().copied())
            .unwrap_or_else(|| cloud.identity().account),
        region: region
            .or_else(|| desk.globals.region.first().cloned())
            .or_else(|| cloud.regions().first().cloned())
            .ok_or_else(|| Failure::with(Exit::Usage, format!("Give --region: where {shown} is.")))?,
        resource: Resource::new(kind, id),
    })
}

/// What evidence of a resource is known by: its name as findings have it, wherever in the ARN that stands.
fn named(kind: ResourceKind, arn: &Arn) -> String {
    let resource = arn.resource();
    let part = |separator: char, index: usize| resource.split(separator).nth(index).unwrap_or_default().to_owned();
    match kind {
        ResourceKind::Topic | ResourceKind::Finding | ResourceKind::Secret | ResourceKind::Key => arn.to_string(),
        // A session's ARN names its role before itself.
        ResourceKind::Role if arn.service() == "sts" => part('/', 1),
        ResourceKind::Bucket => part('/', 0),
        ResourceKind::Function | ResourceKind::Database => part(':', 1),
        ResourceKind::Instance
        | ResourceKind::AccessKey
        | ResourceKind::User
        | ResourceKind::Role
        | ResourceKind::Cluster
        | ResourceKind::Account
        | ResourceKind::Address
        | ResourceKind::IdentityUser
        | ResourceKind::Other => arn.name().to_owned(),
    }
}

/// Under which names a finding may be kept: all sources where only its id was typed.
fn keys(
    desk: &Desk,
    args: &EvidenceArgs,
    cloud: &Cloud,
    known: &[FindingSummary],
) -> Result<Vec<Vec<FindingKey>>, Failure> {
    let key = |source, account, region, product, id| FindingKey {
        source,
        account,
        region,
        product,
        id,
    };
    let mut all = Vec::new();
    for finding in known {
        let source = Source::ALL.into_iter().find(|source| source.word() == finding.source);
        let sources = source.map_or(Source::ALL.to_vec(), |source| vec![source]);
        let named = |source| {
            let product = finding.product.clone();
            key(
                source,
                finding.account,
                finding.region.clone(),
                product,
                finding.id.clone(),
            )
        };
        all.push(sources.into_iter().map(named).collect());
    }
    for id in &args.finding {
        let account = desk
            .globals
            .account
            .first()
            .copied()
            .unwrap_or(cloud.identity().account);
        let region = desk.globals.region.first().or(cloud.regions().first());
        let region = region.ok_or_else(|| Failure::with(Exit::Usage, "Give --region: where the finding is."))?;
        let named = |source| key(source, account, region.clone(), None, Untrusted::new(id.as_str()));
        all.push(Source::ALL.into_iter().map(named).collect());
    }
    Ok(all)
}

/// The findings' JSON from the cache; one that it does not have is a gap.
fn raw(directory: &Path, cloud: &Cloud, keys: Vec<Vec<FindingKey>>) -> Result<Vec<Sent>, Failure> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let opened = Shelf::Workspace(directory.to_path_buf())
        .open(cloud)
        .map_err(|error| Failure::new(Untrusted::new(error.to_string())))?;
    let (mut found, mut room) = (Vec::new(), Room::default());
    for names in keys {
        let mut last = None;
        for key in names {
            let sent = Sent::of(&opened.cache, key, &mut room);
            let there = sent.raw.is_ok();
            last = Some(sent);
            if there {
                break;
            }
        }
        found.extend(last);
    }
    Ok(found)
}

fn verify(directory: &Path) -> Result<Exit, Failure> {
    let checked = manifest::verify(directory).map_err(Failure::new)?;
    for fault in &checked.faults {
        out::note(fault);
    }
    out::result(format!(
        "incident        {}\nfiles           {}\ngaps            {}\nmanifest sha256 {}\n",
        Untrusted::new(checked.manifest.incident.as_str()),
        checked.manifest.files.len(),
        checked.manifest.gaps.len(),
        checked.manifest_sha256
    ))?;
    if checked.faults.is_empty() {
        out::note(
            "Every file is as the manifest says. That the manifest is the one that was written, the journal's record tells.",
        );
        Ok(Exit::Done)
    } else {
        Ok(Exit::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_known_by_its_own_name_in_the_arn() {
        for (arn, name) in [
            (
                "arn:aws:lambda:us-east-1:111122223333:function:resize-images:live",
                "resize-images",
            ),
            ("arn:aws:rds:us-east-1:111122223333:cluster:prod", "prod"),
            ("arn:aws:s3:::acme-exports/acme-prod-receipts", "acme-exports"),
            ("arn:aws:sts::111122223333:assumed-role/web/i-0ab", "web"),
            ("arn:aws:iam::111122223333:role/ops/web", "web"),
            ("arn:aws:ec2:us-east-1:111122223333:instance/i-0ab", "i-0ab"),
        ] {
            let kind = ResourceKind::of_id(arn).unwrap();
            assert_eq!(named(kind, &arn.parse().unwrap()), name, "{arn}");
        }
    }
}
