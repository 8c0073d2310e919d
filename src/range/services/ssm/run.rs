//! What becomes of a command on an instance: it is taken where the agent can reach AWS, and ends some time later.
//!
//! Owns: the one script that the range plays, known by its variables: it captures memory and uploads it with the rights of the
//! instance's role. Must never: write to a bucket that this role may not write to.

use jiff::SignedDuration;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::send::later;
use super::{Agent, Invocation};
use crate::domain::{AccountId, Region};
use crate::range::authorize::authorize;
use crate::range::call::{Answer, ApiError, Call, LongList};
use crate::range::services::ec2::model::{Rule, State};
use crate::range::services::paging::hex;
use crate::range::services::s3;
use crate::range::world::{Regional, Session, World};

/// How long the memory of a made-up machine takes.
const CAPTURE: SignedDuration = SignedDuration::from_secs(60);
/// The range has no internet behind it: this is what a download from there ends with.
const NO_INTERNET: &str = "curl: (6) Could not resolve host";

type Place = (AccountId, Region);

fn invocation<'w>(world: &'w mut World, place: &Place, id: &str, instance: &str) -> Option<&'w mut Invocation> {
    let regional = world.regional(&place.0, &place.1).ok()?;
    let command = regional.ssm.commands.get_mut(id)?;
    command.invocations.get_mut(instance).filter(|found| !found.is_over())
}

/// The agent takes the command, where it can be reached; else it stays pending until it is given up.
pub fn begin(world: &mut World, place: &Place, id: &str, instance: &str) {
    let now = world.now();
    let reached = world
        .regional(&place.0, &place.1)
        .is_ok_and(|regional| reaches(regional, instance));
    let Some(found) = invocation(world, place, id, instance) else {
        return;
    };
    if !reached {
        (found.status, found.details) = ("Delayed", "Delayed");
        return;
    }
    (found.status, found.details, found.began) = ("InProgress", "InProgress", Some(now));
    let lines = commands(world, place, id);
    let takes = if variable(&lines, "QUELL_IMAGE").is_some() {
        CAPTURE
    } else {
        SignedDuration::ZERO
    };
    later(world, now + takes, place, id, instance, end);
}

/// No agent took it in time.
pub fn give_up(world: &mut World, place: &Place, id: &str, instance: &str) {
    let now = world.now();
    if let Some(found) = invocation(world, place, id, instance).filter(|found| found.began.is_none()) {
        (found.status, found.details, found.ended) = ("TimedOut", "DeliveryTimedOut", Some(now));
    }
}

fn end(world: &mut World, place: &Place, id: &str, instance: &str) {
    let lines = commands(world, place, id);
    let reached = world
        .regional(&place.0, &place.1)
        .is_ok_and(|regional| reaches(regional, instance));
    let said = match variable(&lines, "QUELL_IMAGE") {
        None => Ok(String::new()),
        Some(_) if !reached => Err("fatal error: Could not connect to the endpoint URL\n".to_owned()),
        Some(image) => capture(world, place, instance, image, &lines),
    };
    let now = world.now();
    let Some(found) = invocation(world, place, id, instance) else {
        return;
    };
    found.ended = Some(now);
    match said {
        Ok(output) => {
            (found.status, found.details, found.code) = ("Success", "Success", 0);
            found.output = output;
        }
        Err(error) => {
            (found.status, found.details, found.code) = ("Failed", "Failed", 1);
            found.error = format!("{error}failed to run commands: exit status 1");
        }
    }
}

fn commands(world: &mut World, place: &Place, id: &str) -> Vec<String> {
    let regional = world.regional(&place.0, &place.1).ok();
    let command = regional.and_then(|regional| regional.ssm.commands.get(id));
    command
        .and_then(|c| c.parameters.get("commands"))
        .cloned()
        .unwrap_or_default()
}

/// The value of a line `NAME='value'`.
fn variable<'l>(lines: &'l [String], name: &str) -> Option<&'l str> {
    let mut lines = lines.iter();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix("='")?.strip_suffix('\''))
}

/// Whether the agent can speak with Systems Manager: an instance that runs, with a way out for HTTPS.
fn reaches(regional: &Regional, instance: &str) -> bool {
    let runs = regional
        .ec2
        .instances
        .get(instance)
        .is_some_and(|i| i.state == State::Running);
    let online = regional
        .ssm
        .agents
        .get(instance)
        .is_some_and(|agent: &Agent| agent.online);
    let https = |rule: &Rule| rule.egress && rule.ports.is_none_or(|(from, to)| from <= 443 && 443 <= to);
    let own = regional.ec2.interfaces.values();
    let mut own = own.filter(|eni| eni.attachment.as_ref().is_some_and(|a| a.instance == instance));
    let mut groups = own.by_ref().flat_map(|eni| &eni.groups);
    let out = groups.any(|id| {
        regional
            .ec2
            .groups
            .get(id)
            .is_some_and(|group| group.rules.iter().any(https))
    });
    runs && online && out
}

/// Downloads the tool, makes the image and uploads it; what the script prints, or what it fails with.
fn capture(world: &mut World, place: &Place, instance: &str, image: &str, lines: &[String]) -> Result<String, String> {
    let source = variable(lines, "QUELL_SOURCE").unwrap_or_default();
    let Some((bucket, key)) = split(source) else {
        return Err(format!("{NO_INTERNET}\n"));
    };
    let failed = |operation: &str, error: &ApiError| {
        let (code, text) = (&error.code, &error.message);
        format!("fatal error: An error occurred ({code}) when calling the {operation} operation: {text}\n")
    };
    let got = as_instance(world, place, instance, ("GetObject", bucket, key), &[]);
    let got = got.map_err(|error| failed("HeadObject", &error))?;
    // The range carries bytes as characters of one byte each.
    let tool: Vec<u8> = got["bytes"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .filter_map(|c| u8::try_from(c).ok())
        .collect();
    let tool = hash(&tool);
    let wanted = variable(lines, "QUELL_SHA256").unwrap_or_default();
    if !wanted.is_empty() && wanted != tool {
        return Err(format!("quell: the SHA-256 of the tool is {tool}\n"));
    }
    // A made-up machine has made-up memory: LiME's magic number, and whose it is.
    let content = format!("EMiL\u{1}memory of {instance} at {}\n", world.now()).into_bytes();
    let Some((bucket, key)) = split(image) else {
        return Err("quell: the image goes to no bucket\n".to_owned());
    };
    let put = as_instance(world, place, instance, ("PutObject", bucket, key), &content);
    put.map_err(|error| failed("PutObject", &error))?;
    let (size, image) = (content.len(), hash(&content));
    Ok(format!("tool-sha256 {tool}\nimage-size {size}\nimage-sha256 {image}\n"))
}

fn split(url: &str) -> Option<(&str, &str)> {
    url.strip_prefix("s3://")?.split_once('/')
}

fn hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// One call to S3 with the credentials that the instance has from its profile, held to every policy that AWS would hold it to.
fn as_instance(
    world: &mut World,
    place: &Place,
    instance: &str,
    (operation, bucket, key): (&str, &str, &str),
    body: &[u8],
) -> Answer {
    let none = || ApiError::new(403, "AccessDenied", "Unable to locate credentials");
    let profile = world.regional(&place.0, &place.1)?.ec2.instances.get(instance);
    let profile = profile.and_then(|i| i.profile.as_ref()).ok_or_else(none)?.0.clone();
    let iam = &world.accounts.get(&place.0).ok_or_else(none)?.iam;
    let profile = profile
        .rsplit('/')
        .next()
        .and_then(|name| iam.instance_profiles.get(name));
    let role = profile.and_then(|p| iam.roles.get(p.role.as_ref()?)).ok_or_else(none)?;
    let now = world.now();
    let session = Session {
        access_key: format!("ASIA-{instance}"),
        secret: String::new(),
        token: String::new(),
        account: place.0,
        role: role.name.clone(),
        role_id: role.id.clone(),
        name: instance.to_owned(),
        issued: now,
        expires: now,
        policies: Vec::new(),
        source_identity: None,
    };
    let caller = session.caller();
    // The CLI follows a bucket to its own region.
    let home = world.s3.buckets.get(bucket).map(|b| b.region.clone());
    let call = Call {
        operation,
        params: &json!({"Bucket": bucket, "Key": key}),
        body,
        caller: &caller,
        region: home.as_ref().unwrap_or(&place.1),
        now,
        long: &LongList::default(),
    };
    let access_key = session.access_key.clone();
    world.sessions.insert(access_key.clone(), session);
    let answer = authorize(world, &s3::SERVICE, &call).and_then(|()| (s3::SERVICE.handle)(world, &call));
    world.sessions.remove(&access_key);
    answer
}
