//! The built-in drill as a new user meets it: what its findings name is there to be acted on, and every playbook has its incident.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use quell::app::{KeyMap, Mode, Start, State, chosen};
use quell::domain::{AccountId, Arn, Region, Resource, ResourceKind};
use quell::findings::incident::{Groups, Incident, WINDOW};
use quell::findings::index::Index;
use quell::findings::{Finding, Place, asff, event, guardduty};
use quell::playbook::{Classification, Library};
use quell::range::clock::Clock;
use quell::range::world::World;

/// What findings name and the range cannot hold, with the reason.
const ABSENT: [(ResourceKind, &str, &str); 2] = [
    (
        ResourceKind::Cluster,
        "payments-eks",
        "the range has no EKS, and no action calls it",
    ),
    (
        ResourceKind::Other,
        "arn:aws:acm:ap-northeast-2:333333333333:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b",
        "the range has no ACM, and no action calls it",
    ),
];

/// The drill when everything that arrives while one watches has arrived.
fn world() -> World {
    let (name, text) = quell::drill::builtin()[0];
    let clock = Clock::stepped("2026-03-01T02:10:00Z".parse().unwrap());
    let mut world = quell::drill::load(name, text).unwrap().build(clock).unwrap();
    world.clock.advance(Duration::from_mins(10));
    world.apply_due();
    world
}

fn findings(world: &World) -> Vec<Finding> {
    let mut all = Vec::new();
    for (account, region, place) in places(world) {
        let at = Place { account, region };
        let found = place.guardduty.findings.values();
        all.extend(found.map(|raw| guardduty::parse(raw.to_string().as_bytes(), &at)));
        let found = place.securityhub.findings.values();
        all.extend(found.map(|raw| asff::parse(raw.to_string().as_bytes(), &at)));
        let messages = place.sqs.queues.values().flat_map(|queue| queue.messages.values());
        for message in messages {
            // One message is none that anybody could read.
            let seen = event::read(&Bytes::from(message.body.clone()), &at).unwrap_or_default();
            all.extend(seen.into_iter().map(|seen| seen.finding));
        }
    }
    all
}

fn places(world: &World) -> impl Iterator<Item = (AccountId, Region, &quell::range::world::Regional)> {
    let accounts = world.accounts.values();
    accounts.flat_map(|account| {
        account
            .regions
            .iter()
            .map(|(region, place)| (account.id, region.clone(), place))
    })
}

/// Whether what a finding names is in its account, and in its region where the kind of thing has one.
fn is_there(world: &World, finding: &Finding, resource: &Resource) -> bool {
    let account = &world.accounts[&finding.account];
    let place = &account.regions[&finding.region];
    let (iam, id) = (&account.iam, resource.id.raw());
    let arn: Option<Arn> = id.parse().ok();
    match resource.kind {
        ResourceKind::Instance => place.ec2.instances.contains_key(id),
        // A session's key belongs to a session, which has ended or is somebody's; the role behind it is named, too.
        ResourceKind::AccessKey if id.starts_with("ASIA") => true,
        ResourceKind::AccessKey => iam.key(id).is_some(),
        ResourceKind::User => iam.users.contains_key(id),
        ResourceKind::Role => iam.roles.contains_key(id),
        ResourceKind::Bucket => world.s3.buckets.get(id).is_some_and(|b| b.owner == finding.account),
        ResourceKind::Function => place.lambda.functions.contains_key(id),
        ResourceKind::Database => place.rds.instances.contains_key(id) || place.rds.clusters.contains_key(id),
        // An event names keys and secrets by what stands in it, and does not say what they are.
        ResourceKind::Secret | ResourceKind::Key | ResourceKind::Other => {
            let name = arn.map_or(id.to_owned(), |arn| arn.resource().to_owned());
            let mut secrets = place.secretsmanager.secrets.values();
            let key = name.strip_prefix("key/").unwrap_or(&name);
            place.kms.keys.contains_key(key) || secrets.any(|s| name == format!("secret:{}-{}", s.name, s.suffix))
        }
        ResourceKind::Account => id.parse().is_ok_and(|id: AccountId| world.accounts.contains_key(&id)),
        // A session's name is the name of its user in the identity store.
        ResourceKind::IdentityUser => {
            let store = world.identity_center.as_ref();
            store.is_some_and(|store| store.users.values().any(|user| user.name == id))
        }
        ResourceKind::Address | ResourceKind::Topic | ResourceKind::Cluster | ResourceKind::Finding => false,
    }
}

#[test]
fn every_resource_that_a_finding_names_is_in_the_world() {
    let world = world();
    let all = findings(&world);
    let (mut absent, mut doubts) = (BTreeSet::new(), Vec::new());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &all {
        doubts.extend(finding.doubts.iter().map(|doubt| format!("{}: {doubt}", finding.kind)));
        for resource in std::iter::once(&finding.resource).chain(&finding.others) {
            *kinds.entry(resource.kind.word()).or_default() += 1;
            if !is_there(&world, finding, resource) {
                absent.insert((resource.kind.word(), resource.id.raw().to_owned()));
            }
        }
    }
    println!(
        "{} findings name {kinds:?}, of which are not there {absent:#?}",
        all.len()
    );
    assert_eq!(doubts, Vec::<String>::new());
    let excused = ABSENT.map(|(kind, id, _)| (kind.word(), id.to_owned()));
    assert_eq!(absent, BTreeSet::from(excused));
}

/// The incidents, as the console joins findings.
fn incidents(world: &World) -> Vec<Arc<Incident>> {
    let (mut index, mut groups) = (Index::new(), Groups::new(WINDOW));
    for finding in findings(world).into_iter().filter(|finding| !finding.archived) {
        let taken = index.insert(Arc::new(finding));
        groups.follow(&taken, &index);
    }
    groups.settle(&index);
    groups.all().map(|group| groups.incident(group, &index)).collect()
}

#[test]
fn every_playbook_is_chosen_by_an_incident() {
    let state = State::new(Start {
        mode: Mode::Respond,
        zone: jiff::tz::TimeZone::UTC,
        now: "2026-03-01T02:20:00Z".parse().unwrap(),
        keys: KeyMap::default(),
        topic: None,
        classification: Classification::built_in(),
        playbooks: Library::built_in(),
        look: quell::app::views::Look::default(),
        choices: BTreeMap::new(),
        management: None,
        duty: quell::app::duty::Duty::default(),
        window: WINDOW,
    });
    let all = incidents(&world());
    let mut chosen: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for incident in &all {
        let playbook = chosen::playbook(&state, incident);
        let name = state.playbooks.iter().find(|p| p.name == playbook.name).unwrap();
        chosen.entry(&name.name).or_default().push(incident.lead.kind.raw());
    }
    println!("{chosen:#?}");
    for playbook in state.playbooks.iter() {
        assert!(
            chosen.contains_key(playbook.name.as_str()),
            "no incident calls for {}",
            playbook.name
        );
    }
}
