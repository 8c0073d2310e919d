//! A range with a small world, and a responder with a journal on it: everything between a request and what is read back.

use std::ops::Deref;
use std::sync::Mutex;

use aws_credential_types::Credentials;
use quell::action::{ActionName, Check, Outcome, Plan, Request};
use quell::cloud::{Clock as CloudClock, ConnectOptions};
use quell::domain::ResourceKind;
use quell::drill::{self, Login};
use quell::journal::What;
use quell::range::Range;
use quell::range::clock::Clock;
use quell::range::services::{ec2, s3};
use quell::range::world::{LoggedCall, Regional, World};
use quell::runtime::{NotApplied, Run, Told};

use super::desk::Desk;
use super::people;

/// The world of the action tests.
pub const SMALL: &str = include_str!("../small.toml");
pub const MANAGEMENT: &str = "111111111111";
pub const PROD: &str = "333333333333";
pub const SEOUL: &str = "ap-northeast-2";
pub const VIRGINIA: &str = "us-east-1";

pub struct Ground {
    pub range: Range,
    pub login: Login,
    desk: Desk,
}

impl Deref for Ground {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

/// What a scenario's text makes of a range, on a clock that only tests move.
pub fn range_of(name: &str, text: &str) -> (Range, Login) {
    let scenario = drill::load(name, text).unwrap_or_else(|error| panic!("{error}"));
    let start = "2026-03-01T00:00:00Z".parse().unwrap();
    let world = scenario.build(Clock::stepped(start)).unwrap();
    println!("scenario {name}, seed in its file, clock at {start}");
    (Range::new(world), scenario.login().unwrap())
}

/// How to reach a range as one of its users. Nothing is tried twice, so that nothing waits.
pub fn options(range: &Range, login: &Login, keys: &drill::Credentials) -> ConnectOptions {
    let clock = range.clone();
    ConnectOptions {
        regions: login.regions.clone(),
        http: Some(range.http_client()),
        credentials: Some(Credentials::new(
            &keys.access_key,
            &keys.secret_key,
            None,
            None,
            "drill",
        )),
        attempts: 1,
        pauses: Vec::new(),
        clock: CloudClock::new(move || clock.with_world(|world| world.now())),
        ..ConnectOptions::default()
    }
}

/// The ARN of a finding in Security Hub of the production account.
pub fn hub_arn(number: u32) -> String {
    format!(
        "arn:aws:securityhub:{SEOUL}:{PROD}:security-control/S3.8/finding/0000000{number}-aaaa-bbbb-cccc-0123456789ab"
    )
}

/// A new finding with somebody's note.
fn hub_finding(number: u32) -> serde_json::Value {
    serde_json::json!({
        "SchemaVersion": "2018-10-08", "Id": hub_arn(number), "AwsAccountId": PROD, "Region": SEOUL,
        "ProductArn": format!("arn:aws:securityhub:{SEOUL}::product/aws/securityhub"),
        "GeneratorId": "security-control/S3.8", "Title": "Buckets should block public access", "Description": "A control.",
        "Types": ["Software and Configuration Checks/S3.8"], "Severity": {"Label": "HIGH", "Normalized": 70},
        "CreatedAt": "2026-02-28T12:00:00Z", "UpdatedAt": "2026-02-28T12:00:00Z", "RecordState": "ACTIVE",
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::acme-exports"}], "Workflow": {"Status": "NEW"},
        "Note": {"Text": "owner: team-data", "UpdatedBy": "triage", "UpdatedAt": "2026-02-28T13:00:00Z"},
    })
}

impl Ground {
    pub async fn new() -> Self {
        let (range, login) = range_of("small", SMALL);
        range.with_world(|world| {
            world.identity_center = Some(crate::actions::identity_center());
            let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
            let hub = &mut place.unwrap().securityhub;
            (1..=3).for_each(|number| hub.put(hub_finding(number)));
            people::settle(world);
        });
        let desk = Desk::open(options(&range, &login, &login.responder)).await;
        Self { range, login, desk }
    }

    /// The id of the instance with this name.
    pub fn instance(&self, name: &str) -> String {
        self.range.with_world(|world| {
            let found = regionals(world).find_map(|place| {
                let named = |i: &&ec2::model::Instance| i.tags.get("Name").is_some_and(|n| n == name);
                place.ec2.instances.values().find(named).map(|i| i.id.clone())
            });
            found.unwrap_or_else(|| panic!("the small world has no instance {name}"))
        })
    }

    /// The interfaces of an instance, by device index, each with its groups.
    pub fn interfaces(&self, instance: &str) -> Vec<(String, Vec<String>)> {
        self.range.with_world(|world| {
            regionals(world)
                .flat_map(|place| place.ec2.interfaces_of(instance))
                .map(|eni| {
                    let mut groups = eni.groups.clone();
                    groups.sort();
                    (eni.id.clone(), groups)
                })
                .collect()
        })
    }

    /// The number-th key of a user of the production account.
    pub fn key(&self, user: &str, number: usize) -> String {
        self.range.with_world(|world| {
            world.accounts[&PROD.parse().unwrap()].iam.users[user].keys[number]
                .id
                .clone()
        })
    }

    pub fn request(&self, action: ActionName, kind: ResourceKind, region: &str, target: &str) -> Request {
        self.desk.request(action, PROD, region, kind, target)
    }

    /// A change in EC2 of the production account, by somebody else.
    pub fn meddle<T>(&self, region: &str, change: impl FnOnce(&mut ec2::Store) -> T) -> T {
        self.range.with_world(|world| {
            let place = world.regional(&PROD.parse().unwrap(), &region.parse().unwrap());
            change(&mut place.unwrap().ec2)
        })
    }

    /// A look at a bucket, or a change of it by somebody else.
    pub fn bucket(&self, name: &str, change: impl FnOnce(&mut s3::Bucket)) {
        self.range.with_world(|world| {
            let bucket = world.s3.buckets.get_mut(name);
            change(bucket.unwrap_or_else(|| panic!("the small world has no bucket {name}")));
        });
    }

    /// Confirms a plan by its digest and applies it, holding the order of things to account: when a call is sent, its intent
    /// is the last record on the disk and AWS has not seen it; when it is answered, AWS has seen exactly one call more.
    pub async fn apply(&self, plan: Plan) -> Result<Run, NotApplied> {
        let sent = Mutex::new(self.writes().len());
        let mut told = |told: Told<'_>| match told {
            Told::Sent(call) => {
                assert_eq!(
                    self.writes().len(),
                    *sent.lock().unwrap(),
                    "call {call} before its intent"
                );
                let last = self.records().pop().expect("an intent");
                assert!(
                    matches!(last.what, What::Intent { call: of, .. } if of == call),
                    "{last:?}"
                );
            }
            Told::Answered(call, outcome) => {
                let mut sent = sent.lock().unwrap();
                *sent += 1;
                let seen = self.writes();
                assert_eq!(seen.len(), *sent, "call {call} is sent once");
                let seen = seen.last().expect("a call");
                if let Outcome::Applied { request_id, .. } = outcome {
                    assert_eq!(
                        request_id.as_deref(),
                        Some(seen.request_id.as_str()),
                        "{}",
                        seen.operation
                    );
                }
            }
            Told::Recorded(_) | Told::Began(_) => {}
        };
        let run = self.desk.apply(plan, &mut told).await?;
        self.check_against_the_log(&run);
        Ok(run)
    }

    /// Every call of the run that AWS saw is the one whose intent stands in the journal, in the same order.
    fn check_against_the_log(&self, run: &Run) {
        let intents: Vec<(String, String)> = self
            .records()
            .into_iter()
            .filter_map(|record| match record.what {
                What::Intent { plan, mutation, .. } if plan == run.seq => {
                    let operation = mutation.permission().split(':').nth(1).unwrap_or_default().to_owned();
                    Some((operation, record.incident.unwrap_or_default()))
                }
                _ => None,
            })
            .collect();
        let writes = self.writes();
        let seen = &writes[writes.len() - intents.len()..];
        for (intent, seen) in intents.iter().zip(seen) {
            // CloudTrail has a name of its own for this one, IAM has not.
            let operation = match seen.operation.as_str() {
                "DeleteBucketPublicAccessBlock" => "PutBucketPublicAccessBlock",
                operation => operation,
            };
            assert_eq!((intent.0.as_str(), intent.1.as_str()), (operation, "INC-7"));
            assert_eq!(seen.account, run.plan.request.account, "{seen:?}");
            assert!(
                seen.caller_arn.ends_with(":assumed-role/quell-responder/quell-INC-7"),
                "{seen:?}"
            );
        }
    }

    /// Reads back, letting the clock run where something takes long. The last state, which the journal has, too.
    pub async fn verify(&self, run: &Run) -> Vec<Check> {
        // Longer than any snapshot of the range takes, shorter than a session lives.
        let wait = std::time::Duration::from_mins(5);
        self.desk
            .verify(run, || self.range.with_world(|world| world.clock.advance(wait)))
            .await
    }

    /// The calls that would have changed something, refused ones too, oldest first.
    pub fn writes(&self) -> Vec<LoggedCall> {
        self.range
            .with_world(|world| world.log.iter().filter(|c| c.mutating).cloned().collect())
    }

    /// Everything that an undo answers for: instances, interfaces, volumes, whom snapshots are shared with, traffic, keys and
    /// their grants, policies, databases, buckets, functions, the organisation's service control policies, who may enter what
    /// through IAM Identity Center, and what is noted on findings of the production account. Groups, network ACLs, snapshots and
    /// images that a plan made are kept, and so not part of it.
    pub fn state(&self) -> String {
        self.range.with_world(|world| {
            let account = &world.accounts[&PROD.parse().unwrap()];
            let keys = account.iam.users.values().flat_map(|user| &user.keys);
            let keys: Vec<String> = keys.map(|key| format!("{} {}", key.id, key.active)).collect();
            let places: Vec<String> = account
                .regions
                .values()
                .map(|place| {
                    let (ec2, mut interfaces) = (&place.ec2, place.ec2.interfaces.clone());
                    let mut instances = ec2.instances.clone();
                    for instance in instances.values_mut() {
                        // A start is a new launch, and an association a new one, whatever is put back.
                        instance.launched = jiff::Timestamp::UNIX_EPOCH;
                        instance.profile_association = None;
                    }
                    // An interface's groups are a set; AWS gives them in no order.
                    for eni in interfaces.values_mut() {
                        eni.groups.sort();
                    }
                    let hub = place.securityhub.findings.values().map(|f| {
                        let note = format!("{} {}", f["Note"]["Text"], f["Note"]["UpdatedBy"]);
                        format!("{} {} {note}", f["Id"], f["Workflow"]["Status"])
                    });
                    let hub: Vec<String> = hub.collect();
                    let traffic = traffic(place);
                    let keys = place
                        .kms
                        .keys
                        .values()
                        .map(|key| format!("{} {:?} {:?}", key.id, key.state, key.grants));
                    let shared = ec2.snapshots.values().filter(|s| !s.shared.is_empty());
                    let shared = shared.map(|s| format!("{} {:?}", s.id, s.shared));
                    let rds = &place.rds;
                    let databases = rds
                        .instances
                        .values()
                        .map(|d| format!("{} {:?} {}", d.id, d.network.groups, d.public));
                    let clusters = rds
                        .clusters
                        .values()
                        .map(|c| format!("{} {:?}", c.id, c.network.groups));
                    let others: Vec<String> = keys.chain(shared).chain(databases).chain(clusters).collect();
                    format!(
                        "{instances:#?}\n{interfaces:#?}\n{:#?}\n{hub:#?}\n{traffic}\n{others:#?}\n{:#?}",
                        ec2.volumes, place.lambda.functions
                    )
                })
                .collect();
            let buckets = world.s3.buckets.values().cloned();
            let buckets: Vec<String> = buckets
                .map(|mut bucket| {
                    bucket.objects.retain(|key, _| !key.starts_with("quell/INC-"));
                    format!("{bucket:#?}")
                })
                .collect();
            format!(
                "{:?}\n{}\n{}\n{}\n{}\n{}",
                world.organization.scps,
                center(world),
                keys.join("\n"),
                people::state(&account.iam),
                places.join("\n"),
                buckets.join("\n")
            )
        })
    }
}

/// What sends traffic to the instances and lets it through. Ids that AWS makes anew for every association are left out, and so are
/// the network ACLs that a plan made, which are kept.
fn traffic(place: &Regional) -> String {
    let addresses = place.ec2.addresses.values();
    let addresses: Vec<_> = addresses
        .map(|a| (&a.public_ip, a.association.as_ref().map(|(_, eni)| eni)))
        .collect();
    let mut before: Vec<(&String, &String)> = Vec::new();
    let mut entries = Vec::new();
    for acl in place.ec2.acls.values() {
        before.extend(acl.associations.values().map(|subnet| (subnet, &acl.id)));
        if !acl.tags.contains_key("quell:containment") {
            entries.push((&acl.id, &acl.entries, &acl.tags));
        }
    }
    before.sort();
    let sets = place.waf.ip_sets.values();
    let sets: Vec<_> = sets.map(|s| (&s.name, &s.addresses, &s.description, &s.tags)).collect();
    format!(
        "{addresses:#?}\n{before:#?}\n{entries:#?}\n{:#?}\n{:#?}\n{sets:#?}",
        place.autoscaling.groups, place.elb.groups
    )
}

/// Who is in which group and who has which assignment; a membership that is made again has another id.
fn center(world: &World) -> String {
    let center = world.identity_center.as_ref().map(|center| {
        let members: std::collections::BTreeSet<_> = center.memberships.values().collect();
        format!("{members:?} {:?}", center.assignments)
    });
    center.unwrap_or_default()
}

fn regionals(world: &World) -> impl Iterator<Item = &Regional> {
    world.accounts.values().flat_map(|account| account.regions.values())
}
