//! Whether a snapshot is what its tags say. Owns: what of a snapshot its tags must agree with.
//!
//! Whoever may tag (`ec2:CreateTags`) can put quell's tags on a clean snapshot, so that the real one is never copied. What a snapshot was
//! taken of, when, how large and with which description is fixed when it is made. Must never: take tags for proof.

use super::super::answer::{Snapshot, Volume};
use super::super::plan::Request;
use super::super::snapshot_instance;
use super::copies;
use super::sets::COPY_OF;
use super::wish::Key;
use crate::domain::{InstanceId, Untrusted};

/// Whether snapshot-instance took it of this instance, or what speaks against it. Where the instance has no volume any more, there is
/// nothing to compare the volume with.
pub fn taken(snapshot: &Snapshot, attached: &[Volume], instance: &InstanceId, request: &Request) -> Result<(), String> {
    described(snapshot, &snapshot_instance::description(&request.incident, instance))?;
    let of = snapshot.volume.as_ref();
    let attached = attached.is_empty() || attached.iter().any(|volume| Some(&volume.id) == of);
    if !attached {
        let of = of.map_or_else(|| "no volume".to_owned(), ToString::to_string);
        return Err(format!("is of {of}, which {instance} does not have"));
    }
    Ok(())
}

/// Whether quell made it of one of these, under this key.
pub fn copy(copy: &Snapshot, taken: &[&Snapshot], key: &Key, request: &Request) -> Result<(), String> {
    let named = copy.tags.get(COPY_OF);
    let named = named.map_or("", |of| of.raw());
    let Some(source) = taken.iter().find(|source| source.id.as_str() == named) else {
        return Err(format!(
            "names itself a copy of {}, which is none of those that were taken",
            Untrusted::new(named)
        ));
    };
    if copy.kms_key.as_ref() != Some(&key.arn) {
        return Err("is not under the chosen key".to_owned());
    }
    described(copy, &copies::description(&request.incident, &source.id))?;
    if copy.size_gib.is_none() || copy.size_gib != source.size_gib {
        let gib = |s: &Snapshot| s.size_gib.map_or_else(|| "unknown".to_owned(), |gib| gib.to_string());
        return Err(format!(
            "is {} GiB large and {} is {}",
            gib(copy),
            source.id,
            gib(source)
        ));
    }
    match (copy.started, source.started) {
        (Some(copied), Some(taken)) if copied >= taken => Ok(()),
        (Some(_), Some(_)) => Err(format!("is older than {}, of which it says to be a copy", source.id)),
        _ => Err("has no time at which it was begun".to_owned()),
    }
}

fn described(snapshot: &Snapshot, wanted: &str) -> Result<(), String> {
    match &snapshot.description {
        Some(found) if found.raw() == wanted => Ok(()),
        Some(found) => Err(format!(
            "is described as \"{found}\", not \"{}\"",
            Untrusted::new(wanted)
        )),
        None => Err(format!("has no description, not \"{}\"", Untrusted::new(wanted))),
    }
}
