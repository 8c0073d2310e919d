//! How soon every finding of an organisation is on the screen, beside the floor that latency and quotas set, and beside boto3 and the
//! AWS CLI doing the same work in the same run.
//!
//! `cargo bench --bench feed` prints a Markdown table. Every subject meets a range of its own, served with 200 ms latency and AWS's
//! quotas. `QUELL_BENCH_BINARY` names another build of quell to measure and to serve the range with; `-- even`, `-- skewed` or
//! `-- accounts` runs one world alone, `-- no-cli` leaves the AWS CLI out, which takes a minute each time, and `-- alone` asks only quell,
//! without a floor, which is worked out from what boto3 read.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    reason = "a benchmark stops at a surprise, prints its result, and uses a part of the tests' support"
)]

#[path = "feed/floor.rs"]
mod floor;
#[path = "feed/memory.rs"]
mod memory;
#[path = "../all/support/python.rs"]
mod python;
#[path = "../support/screen.rs"]
mod screen;
#[path = "feed/subject.rs"]
mod subject;
#[path = "feed/world.rs"]
mod world;

use floor::Floor;
use subject::{Figures, Peers, Subject};
use world::World;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let chosen = |name: &str| {
        let named = ["even", "skewed", "accounts"]
            .iter()
            .any(|n| wanted.iter().any(|w| w == n));
        !named || wanted.iter().any(|w| w == name)
    };
    let without = |name: &str| wanted.iter().any(|w| w == name);
    let peers = match (without("alone"), without("no-cli")) {
        (true, _) => Peers::None,
        (false, true) => Peers::Boto3,
        (false, false) => Peers::All,
    };
    println!("{}\n", world::heading());
    for world in world::ALL.iter().filter(|w| chosen(w.name)) {
        println!("**{}**\n", world.title);
        run(world, peers);
        println!();
    }
    println!("{NOTE}");
}

const NOTE: &str = "First critical: from the start of the program until a critical finding is on the screen, or, for the others, has been \
read. All: until everything is read. Memory: the sum of VmRSS over the program's processes, at its peak, sampled every 20 ms. Calls: as \
the range counted them. Complete: the ids are those that quell findings prints.";

fn run(world: &World, peers: Peers) {
    let mut rows: Vec<(String, Figures)> = Vec::new();
    for subject in Subject::all(world, peers) {
        eprintln!("{}: {} …", world.name, subject.name());
        let figures = subject.measure(world);
        rows.push((subject.name(), figures));
    }
    // What boto3 read tells how the findings lie; the floor is worked out from that, and not from anything that quell says.
    let counted = rows.iter().find_map(|(_, f)| f.counted.clone());
    let floor = counted.map(|counted| Floor::of(world, &counted));
    println!("| | first critical | all | peak memory | calls | complete |");
    println!("|---|---:|---:|---:|---:|---|");
    if let Some(floor) = &floor {
        println!(
            "| floor: {} | {:.2} s | {:.2} s | | | |",
            floor.why, floor.first, floor.all
        );
    }
    let truth = rows.iter().find_map(|(_, f)| f.ids.clone()).unwrap_or_default();
    for (name, f) in &rows {
        let times = floor
            .as_ref()
            .map_or(String::new(), |floor| format!(" ({:.2} ×)", f.all / floor.all));
        let firsts = floor
            .as_ref()
            .map_or(String::new(), |floor| format!(" ({:.2} ×)", f.first / floor.first));
        let complete = match &f.ids {
            Some(ids) if *ids == truth => format!("yes, {}", ids.len()),
            Some(ids) => format!("NO: {} of {}", ids.intersection(&truth).count(), truth.len()),
            None => f.said.clone(),
        };
        println!(
            "| {name} | {:.2} s{firsts} | {:.2} s{times} | {:.0} MB | {} | {complete} |",
            f.first, f.all, f.memory, f.calls
        );
    }
}
