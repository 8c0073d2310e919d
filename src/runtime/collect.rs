//! Collecting the evidence of an incident into a directory.
//!
//! Owns: what is asked for, side by side, and the files and the manifest that come of it. Must never: change anything in AWS, so
//! it needs no confirmation; or leave out a gap.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;

use super::evidence::Evidence;
use super::hand::Hand;
use super::manifest::{Entry, Filling, MANIFEST_VERSION, Manifest, Missing, safe};
use super::sent::{Room, Sent};
use crate::app::Event;
use crate::app::collecting::Gathered;
pub use crate::app::collecting::Subject;
use crate::cloud::Cloud;
use crate::cloud::evidence::{self, Exhibit, Exhibits, Gap};
use crate::domain::{IncidentId, Time, Untrusted};
use crate::findings::FindingKey;
use crate::journal::{EvidenceKept, What};

/// What stands at the head of every manifest.
const NOTES: [&str; 3] = [
    "Each file is the body of one answer, byte for byte as AWS sent it; compressed or encoded fields are left so.",
    "User data, console output and a function's environment may hold secrets: treat the directory as one.",
    "CloudTrail was asked for management events of the last 90 days, which is all that LookupEvents knows.",
];

/// What is to be collected.
#[derive(Clone, Debug)]
pub struct Brief {
    pub incident: IncidentId,
    pub subjects: Vec<Subject>,
    /// The findings as their source sent them.
    pub findings: Vec<Sent>,
}

/// What was collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// For the journal: `What::Evidence`.
    pub kept: EvidenceKept,
    /// What is not there; the manifest says the same.
    pub gaps: Vec<Missing>,
}

/// Reads everything about the subjects side by side and writes it to `evidence/INCIDENT/TIME` in the workspace. The error is a
/// sentence: the files could not be written. Whoever calls this writes `kept` to the journal.
pub async fn collect(cloud: &Arc<Cloud>, workspace: &Path, brief: &Brief) -> Result<Collected, String> {
    let begun = cloud.now();
    // The directory comes first: a disk that refuses should not be found out after a minute of reading.
    let mut filling = Filling::begin(workspace, &brief.incident, begun).map_err(|error| {
        let wanted = shown(&workspace.join("evidence").join(safe(&brief.incident)));
        format!("the directory for it cannot be made in {wanted}: {error}.")
    })?;
    let directory = filling.directory().to_path_buf();
    let Exhibits { found, gaps } = read(cloud, brief).await;
    let mut manifest = Manifest {
        version: MANIFEST_VERSION,
        incident: brief.incident.clone(),
        collected_at: begun,
        by: cloud.identity().arn.to_string(),
        notes: NOTES.map(str::to_owned).to_vec(),
        files: Vec::new(),
        gaps: gaps.into_iter().map(missing).collect(),
    };
    for exhibit in found {
        let written = filling.add(exhibit.call, &exhibit.body);
        let (file, size, sha256) = written.map_err(|error| {
            let (call, place) = (exhibit.call, shown(&directory));
            format!("the answer of {call} cannot be written to {place}, which has no manifest: {error}.")
        })?;
        manifest.files.push(Entry {
            file,
            size,
            sha256,
            call: exhibit.call.to_owned(),
            of: exhibit.of.into(),
            account: exhibit.account,
            region: exhibit.region,
            at: exhibit.at,
            request_id: exhibit.request_id,
        });
    }
    let manifest_sha256 = filling
        .end(&manifest)
        .map_err(|error| format!("the manifest of {} cannot be written: {error}.", shown(&directory)))?;
    Ok(Collected {
        kept: EvidenceKept {
            directory: directory.display().to_string(),
            manifest_sha256,
            files: manifest.files.len(),
            gaps: manifest.gaps.len(),
            findings: Some(brief.findings.len()),
            subjects: Some(brief.subjects.len()),
        },
        gaps: manifest.gaps,
    })
}

impl Missing {
    /// In one line, safe to show.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{} of {}: {}", self.call, self.of, self.why)
    }
}

/// Collects for the console, and journals where the files are.
pub async fn tell<H: Hand>(
    hand: Arc<H>,
    cloud: Arc<Cloud>,
    kept: Arc<Evidence>,
    (incident, subjects, keys): (IncidentId, Vec<Subject>, Vec<FindingKey>),
    tell: UnboundedSender<Event>,
) {
    let findings = tokio::task::spawn_blocking(move || {
        let mut room = Room::default();
        let sent = keys.into_iter().map(|key| kept.sent(key, &mut room));
        sent.collect()
    });
    let brief = Brief {
        incident: incident.clone(),
        subjects,
        findings: match findings.await {
            Ok(findings) => findings,
            Err(error) => {
                let result = Err(format!(
                    "the findings could not be read, and nothing was written: {error}"
                ));
                return drop(tell.send(Event::Collected { incident, result }));
            }
        },
    };
    let result = match collect(&cloud, hand.directory(), &brief).await {
        Ok(collected) => match hand
            .note(Some(incident.clone()), What::Evidence(collected.kept.clone()))
            .await
        {
            Ok(record) => {
                drop(tell.send(Event::Recorded(Box::new(record))));
                let gaps = collected.gaps.iter().map(Missing::said).collect();
                Ok(Gathered {
                    kept: collected.kept,
                    gaps,
                })
            }
            Err(error) => Err(format!(
                "it lies in {}, and the journal has no record of it: {error}",
                shown(Path::new(&collected.kept.directory))
            )),
        },
        Err(why) => Err(why),
    };
    drop(tell.send(Event::Collected { incident, result }));
}

fn shown(directory: &Path) -> Untrusted {
    Untrusted::new(directory.display().to_string())
}

/// The findings, and then what AWS says of each subject, in the brief's order.
async fn read(cloud: &Arc<Cloud>, brief: &Brief) -> Exhibits {
    let tasks: Vec<_> = brief
        .subjects
        .iter()
        .map(|subject| {
            let (cloud, task) = (Arc::clone(cloud), subject.clone());
            let work = async move { evidence::collect(&cloud, &task.account, &task.region, &task.resource).await };
            (subject, tokio::spawn(work))
        })
        .collect();
    let mut all = Exhibits::default();
    for sent in &brief.findings {
        let (found, gaps) = exhibits(sent, cloud.now());
        all.found.extend(found);
        all.gaps.extend(gaps);
    }
    for (subject, task) in tasks {
        match task.await {
            Ok(found) => {
                all.found.extend(found.found);
                all.gaps.extend(found.gaps);
            }
            Err(error) => all.gaps.push(Gap {
                call: "everything",
                of: subject.resource.id.raw().to_owned(),
                account: subject.account,
                region: Some(subject.region.clone()),
                why: format!("the reading was cut short: {error}"),
            }),
        }
    }
    all
}

/// A finding, and what else was sent of it.
fn exhibits(sent: &Sent, at: Time) -> (Vec<Exhibit>, Vec<Gap>) {
    let key = &sent.key;
    let exhibit = |call, body: &Bytes| Exhibit {
        call,
        of: key.id.raw().to_owned(),
        account: key.account,
        region: key.region.clone(),
        at,
        request_id: None,
        body: body.clone(),
    };
    let gap = |call, why: &String| Gap {
        call,
        of: key.id.raw().to_owned(),
        account: key.account,
        region: Some(key.region.clone()),
        why: why.clone(),
    };
    let mut found: Vec<Exhibit> = sent.raw.iter().map(|body| exhibit("finding", body)).collect();
    found.extend(sent.earlier.iter().map(|body| exhibit("earlier-event", body)));
    let mut gaps: Vec<Gap> = sent
        .raw
        .as_ref()
        .err()
        .map(|why| gap("finding", why))
        .into_iter()
        .collect();
    gaps.extend(sent.missing.iter().map(|why| gap("earlier-event", why)));
    (found, gaps)
}

fn missing(gap: Gap) -> Missing {
    Missing {
        call: gap.call.to_owned(),
        of: gap.of.into(),
        account: gap.account,
        region: gap.region,
        why: gap.why.into(),
    }
}
