//! How fast the console starts and answers, and what it holds in memory, beside a peer measured in the same run.
//!
//! `cargo bench --bench console` prints a Markdown table. The peer is taws, another terminal console for AWS, on moto with 1,000
//! instances; it is installed under `target/` when it is missing. Times depend on the machine, so the ratio is what counts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::format_collect,
    dead_code,
    reason = "a benchmark stops at a surprise, prints its result, and uses a part of the tests' support"
)]

mod measure;
#[path = "../all/support/moto.rs"]
mod moto;
mod peer;
#[path = "../all/support/python.rs"]
mod python;
#[path = "../support/screen.rs"]
mod screen;

use std::path::Path;

use measure::{Figures, Subject};

fn main() {
    // `cargo bench` passes flags of the usual harness; there is nothing here that they could choose.
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let quell = Subject {
        program: Path::new(env!("CARGO_BIN_EXE_quell")).to_owned(),
        arguments: vec!["--data-dir".to_owned(), data.display().to_string(), "drill".to_owned()],
        environment: vec![("HOME".to_owned(), home.path().display().to_string())],
        // Every account and region has been read.
        complete: "● 14 ok",
    };
    let own = quell.measure();
    println!("{}\n", heading());
    match peer::Peer::start() {
        Ok(peer) => print_both(&own, &peer.subject().measure()),
        Err(why) => {
            println!("Without the peer: {why}\n");
            print_alone(&own);
        }
    }
    println!("\n{}", note());
}

fn heading() -> String {
    let today = jiff::Zoned::now().strftime("%Y-%m-%d");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, name)| name);
    format!("{today}, {cores} cores, {model}, a terminal of 120 × 36")
}

fn note() -> String {
    format!(
        "Starts: the median of {}. Keys: {} of them, from the key to the first output after it. Memory: VmRSS after the keys, and VmHWM.",
        measure::STARTS,
        measure::KEYS
    )
}

fn print_both(own: &Figures, peer: &Figures) {
    println!("| | quell drill | {} | quell : peer |", peer::NAME);
    println!("|---|---:|---:|---:|");
    for ((what, unit, a), (_, _, b)) in own.rows().into_iter().zip(peer.rows()) {
        println!("| {what} | {a:.1} {unit} | {b:.1} {unit} | {:.2} |", a / b);
    }
}

fn print_alone(own: &Figures) {
    println!("| | quell drill |");
    println!("|---|---:|");
    for (what, unit, value) in own.rows() {
        println!("| {what} | {value:.1} {unit} |");
    }
}
