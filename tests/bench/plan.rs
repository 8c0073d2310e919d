//! How long it takes from a target to a complete plan, beside the least that the reads' dependencies allow.
//!
//! `cargo bench --bench plan` prints a Markdown table. The range answers in this process, 200 ms after each call. The floor is worked
//! out from the plan itself: a read can begin when the ids that it asks for are known, from the request or from an earlier answer, so
//! the longest chain of such reads, times the latency, is what nobody can be faster than. An id that stands by chance in an answer
//! which came later was not taken from it, so only answers of rounds before the read's own count; the floor is never above what the
//! action itself takes. Beside it stands the same reads made one after the other, as a script would. Each line is the median of five.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark stops at a surprise and prints its result"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use quell::action::{self, ActionName, Facts, Plan, Query, Request, Stop};
use quell::cloud::{self, Clock as CloudClock, Cloud, ConnectOptions};
use quell::domain::{Region, Resource, ResourceKind};
use quell::drill;
use quell::range::Range;
use quell::range::clock::Clock;
use serde_json::Value;

const SMALL: &str = include_str!("../all/small.toml");
const LATENCY: Duration = Duration::from_millis(200);
const TIMES: usize = 5;
const PROD: &str = "333333333333";
const SEOUL: &str = "ap-northeast-2";

fn main() {
    // `cargo test` compiles benchmarks and runs them with this argument.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    println!(
        "| plan | reads | deepest chain | floor | first plan, session not yet open | next plan | × floor | one after the other |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    for action in [
        ActionName::IsolateInstance,
        ActionName::SnapshotInstance,
        ActionName::DisableAccessKey,
    ] {
        line(action).await;
    }
}

/// A console that has just been opened on a range of its own.
async fn console() -> (Range, Arc<Cloud>) {
    let scenario = drill::load("small", SMALL).unwrap();
    let start = "2026-03-01T00:00:00Z".parse().unwrap();
    let login = scenario.login().unwrap();
    let range = Range::new(scenario.build(Clock::stepped(start)).unwrap());
    let (clock, keys) = (range.clone(), &login.responder);
    let options = ConnectOptions {
        regions: login.regions.clone(),
        http: Some(range.http_client()),
        credentials: Some(Credentials::new(
            &keys.access_key,
            &keys.secret_key,
            None,
            None,
            "bench",
        )),
        clock: CloudClock::new(move || clock.with_world(|world| world.now())),
        ..ConnectOptions::default()
    };
    let cloud = Cloud::connect(options).await.unwrap();
    range.latency(LATENCY);
    (range, cloud)
}

async fn line(action: ActionName) {
    let (mut first, mut next, mut script) = (Vec::new(), Vec::new(), Vec::new());
    let mut plan = None;
    for _ in 0..TIMES {
        let (range, cloud) = console().await;
        let request = request(action, &range, &cloud);
        first.push(
            took(async || quell::runtime::gather(&cloud, &request, None).await.unwrap())
                .await
                .0,
        );
        let (time, made) = took(async || quell::runtime::gather(&cloud, &request, None).await.unwrap()).await;
        next.push(time);
        let one_by_one = async || {
            for reading in made.before.iter() {
                cloud::answer(&cloud, &request.account, &request.region, &reading.query).await;
            }
        };
        script.push(took(one_by_one).await.0);
        plan = Some(made);
    }
    let plan = plan.unwrap();
    let (reads, deepest) = depth(&plan);
    let floor = LATENCY * deepest;
    let next = median(next);
    println!(
        "| {action} | {reads} | {deepest} | {:.2} s | {:.2} s | {:.2} s | {:.2} | {:.2} s |",
        floor.as_secs_f64(),
        median(first).as_secs_f64(),
        next.as_secs_f64(),
        next.as_secs_f64() / floor.as_secs_f64(),
        median(script).as_secs_f64(),
    );
}

async fn took<T>(work: impl AsyncFnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let made = work().await;
    (start.elapsed(), made)
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn request(action: ActionName, range: &Range, cloud: &Cloud) -> Request {
    let (kind, id) = range.with_world(|world| {
        let account = &world.accounts[&PROD.parse().unwrap()];
        if action == ActionName::DisableAccessKey {
            return (
                ResourceKind::AccessKey,
                account.iam.users["deploy-bot"].keys[0].id.clone(),
            );
        }
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
        let named = |i: &&quell::range::services::ec2::model::Instance| i.tags.get("Name").is_some_and(|n| n == "two");
        (
            ResourceKind::Instance,
            place.ec2.instances.values().find(named).unwrap().id.clone(),
        )
    });
    Request {
        action,
        account: PROD.parse().unwrap(),
        region: match kind {
            ResourceKind::AccessKey => Region::global(),
            _ => SEOUL.parse().unwrap(),
        },
        target: Resource::new(kind, id),
        incident: "INC-7".to_owned(),
        by: cloud.identity().arn.to_string(),
        at: cloud.now(),
        undoes: None,
        notice: None,
        others: Vec::new(),
        choices: quell::action::Choices::new(),
    }
}

/// How many reads the plan rests on, and the longest chain of reads of which each needs an id that only the one before it tells.
fn depth(plan: &Plan) -> (usize, u32) {
    struct Read {
        /// The round in which the action asked it.
        round: u32,
        asked: BTreeSet<String>,
        answer: BTreeSet<String>,
    }
    let known = words(&serde_json::to_value(&plan.request).unwrap());
    let rounds = rounds(plan);
    let mut reads: Vec<Read> = plan
        .before
        .iter()
        .map(|reading| Read {
            round: rounds[&reading.query],
            asked: words(&serde_json::to_value(&reading.query).unwrap()),
            answer: words(&serde_json::to_value(&reading.result).unwrap()),
        })
        .collect();
    reads.sort_by_key(|read| read.round);
    let mut depths: Vec<u32> = Vec::new();
    for read in &reads {
        // Of each id that the request does not name: the least deep of the earlier answers that tell it. What no earlier answer
        // tells was known without one.
        let needs = read.asked.iter().filter(|id| !known.contains(*id)).filter_map(|id| {
            let earlier = reads.iter().zip(&depths);
            let telling = earlier.filter(|(other, _)| other.round < read.round && other.answer.contains(id));
            telling.map(|(_, depth)| *depth).min()
        });
        let depth = 1 + needs.max().unwrap_or_default();
        depths.push(depth);
    }
    let deepest = depths.iter().copied().max().unwrap_or_default();
    assert!(
        deepest <= reads.last().map_or(0, |read| read.round),
        "a floor is not above what was done"
    );
    (reads.len(), deepest)
}

/// In which round the action asks what, from 1: it is given the plan's own readings, round after round.
fn rounds(plan: &Plan) -> BTreeMap<Query, u32> {
    let (mut facts, mut asked) = (Facts::default(), BTreeMap::new());
    for round in 1.. {
        match action::plan(&plan.request, None, &facts) {
            Err(Stop::Ask(queries)) => {
                for query in queries {
                    facts.insert(plan.before.get(&query).unwrap().clone());
                    asked.insert(query, round);
                }
            }
            Ok(again) => {
                assert_eq!(again.draft, plan.draft, "the same answers make the same plan");
                break;
            }
            Err(Stop::Refuse(refusal)) => panic!("{refusal}"),
        }
    }
    asked
}

/// Every text in a value but the names of the question and the kind of answer, which are no ids.
fn words(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => BTreeSet::from([text.clone()]),
        Value::Array(all) => all.iter().flat_map(words).collect(),
        Value::Object(all) => {
            let named = all.iter().filter(|(key, _)| !["ask", "is"].contains(&key.as_str()));
            named
                .flat_map(|(key, value)| words(value).into_iter().chain([key.clone()]))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => BTreeSet::new(),
    }
}
