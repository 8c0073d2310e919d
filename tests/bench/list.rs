//! How the list holds up: frames, keys, filters and sorting with 1,000, 10,000 and 100,000 findings, and the memory that they need.
//!
//! `cargo bench --bench list` prints Markdown tables. Everything goes through the console's own state machine and drawing; only the
//! terminal is a buffer. Limits are those of the issue, and the ratio to them is what counts: a frame's 99th percentile within 2 ms,
//! a key's answer within 8 ms while 10,000 more findings arrive, and 150 MB for the whole process. `QUELL_BENCH_FINDINGS` names
//! other numbers, separated by spaces; the memory of one number alone is measured in a process that holds nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark stops at a surprise and prints its result"
)]

mod made;

use std::time::{Duration, Instant};

use quell::app::incident::Pane;
use quell::app::list::{self, Sort};
use quell::app::{Event, Key, KeyMap, Mode, Screen, Start, State, update};
use quell::playbook::{Classification, Library};
use quell::tui::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// How many more arrive while keys are pressed.
const MORE: u32 = 10_000;
/// As many come at once: a page of a source.
const PAGE: u32 = 50;
/// As many findings are one incident, to which one more comes with each tick.
const CROWD: u32 = 60_000;
/// Milliseconds, milliseconds, megabytes.
const LIMITS: (f64, f64, f64) = (2.0, 8.0, 150.0);

struct Desk {
    state: State,
    terminal: Terminal<TestBackend>,
    theme: Theme,
}

impl Desk {
    fn new() -> Self {
        let state = State::new(Start {
            mode: Mode::Respond,
            zone: jiff::tz::TimeZone::UTC,
            now: made::now(),
            keys: KeyMap::default(),
            topic: None,
            classification: Classification::built_in(),
            playbooks: Library::built_in(),
            duty: quell::app::duty::Duty::default(),
            window: quell::findings::incident::WINDOW,
            look: quell::app::views::Look::default(),
            choices: std::collections::BTreeMap::new(),
            management: None,
        });
        Self {
            state,
            terminal: Terminal::new(TestBackend::new(120, 36)).unwrap(),
            theme: Theme::load("dark").unwrap(),
        }
    }

    fn send(&mut self, event: Event) {
        drop(update(&mut self.state, event));
    }

    /// A page of findings, read from their JSON as the feed does.
    fn page(&mut self, from: u32) {
        let page = (from..from + PAGE)
            .map(|n| std::sync::Arc::new(made::finding(n)))
            .collect();
        self.send(Event::Findings(page));
    }

    fn tick(&mut self) {
        let now = self.state.now;
        self.send(Event::Tick(now));
    }

    fn frame(&mut self) {
        let (state, theme) = (&self.state, &self.theme);
        let draw = |frame: &mut ratatui::Frame<'_>| {
            tui::draw(frame, state, theme);
        };
        self.terminal.draw(draw).unwrap();
    }

    fn key(&mut self, key: &str) {
        let key: Key = key.parse().unwrap();
        let now = self.state.now;
        self.send(Event::Key(key, now));
    }

    /// As the runtime does when nothing else happens.
    fn idle(&mut self) {
        while self.state.list.is_filtering() {
            self.send(Event::Idle);
        }
    }
}

/// What was measured with so many findings, in milliseconds and megabytes.
struct Figures {
    findings: u32,
    incidents: usize,
    load: f64,
    frame: (f64, f64),
    key: (f64, f64),
    filter_first: f64,
    filter_all: f64,
    sort: (f64, f64),
    resident: f64,
}

fn main() {
    // `cargo bench` passes flags of the usual harness; there is nothing here that they could choose.
    let wanted = std::env::var("QUELL_BENCH_FINDINGS").unwrap_or_else(|_| "1000 10000 100000".to_owned());
    let all: Vec<Figures> = wanted
        .split_whitespace()
        .map(|n| measure(n.parse().expect("a number of findings")))
        .collect();
    println!("{}\n", heading());
    println!(
        "| findings | incidents | load | frame p50 | frame p99 | key p50 | key p99 | filter, first screen | filter, all | sort, longest turn | sort, all | memory |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for f in &all {
        println!(
            "| {} + {MORE} | {} | {:.0} ms | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} ms | {:.1} ms | {:.1} ms | {:.1} ms | {:.1} MB |",
            f.findings,
            f.incidents,
            f.load,
            f.frame.0,
            f.frame.1,
            f.key.0,
            f.key.1,
            f.filter_first,
            f.filter_all,
            f.sort.0,
            f.sort.1,
            f.resident
        );
    }
    let last = all.last().expect("one number at least");
    println!("\n| with {} findings | measured : limit |", last.findings);
    println!("|---|---:|");
    println!("| frame p99 : {} ms | {:.2} |", LIMITS.0, last.frame.1 / LIMITS.0);
    println!(
        "| key p99 while {MORE} arrive : {} ms | {:.2} |",
        LIMITS.1,
        last.key.1 / LIMITS.1
    );
    println!("| memory : {} MB | {:.2} |", LIMITS.2, last.resident / LIMITS.2);
    if let Some(first) = all.first().filter(|f| f.findings != last.findings) {
        println!(
            "| frame p50 : frame p50 with {} | {:.2} |",
            first.findings,
            last.frame.0 / first.frame.0
        );
    }
    println!("\n| one incident of {CROWD} findings, one more with each tick | key p50 | key p99 | longest |");
    println!("|---|---:|---:|---:|");
    for (screen, (median, most, longest)) in crowd() {
        println!("| {screen} | {median:.2} ms | {most:.2} ms | {longest:.1} ms |");
    }
}

/// What a key waits for while one incident of many findings grows with each tick, in the list and in each pane of the opened incident:
/// the median, the 99th percentile and the longest.
fn crowd() -> Vec<(&'static str, (f64, f64, f64))> {
    let mut desk = Desk::new();
    for from in (0..CROWD).step_by(PAGE as usize) {
        let page = (from..from + PAGE).map(|n| std::sync::Arc::new(made::of_one(n)));
        desk.send(Event::Findings(page.collect()));
    }
    desk.tick();
    let mut more = CROWD..;
    let mut grow = |desk: &mut Desk| {
        let mut keys = Vec::new();
        for n in more.by_ref().take(500) {
            let finding = std::sync::Arc::new(made::of_one(n));
            let now = made::now() + jiff::SignedDuration::from_millis(i64::from(n - CROWD) * 100);
            let before = Instant::now();
            desk.send(Event::Findings(vec![finding]));
            desk.send(Event::Tick(now));
            desk.key("j");
            desk.frame();
            keys.push(before.elapsed());
        }
        let (median, most) = percentiles(&mut keys);
        (
            median,
            most,
            keys.last().map_or(f64::NAN, |longest| milliseconds(*longest)),
        )
    };
    let mut all = vec![("list", grow(&mut desk))];
    assert_eq!(desk.state.list.total(), 1, "they are one incident");
    desk.key("enter");
    for pane in Pane::ALL {
        assert!(
            matches!(desk.state.screen(), Screen::Incident(open) if open.pane == pane),
            "the pane is open"
        );
        all.push((pane.word(), grow(&mut desk)));
        desk.key("tab");
    }
    all
}

fn measure(findings: u32) -> Figures {
    let mut desk = Desk::new();
    let before = Instant::now();
    for from in (0..findings).step_by(PAGE as usize) {
        desk.page(from);
        if from % 2_000 == 0 {
            desk.tick();
        }
    }
    desk.tick();
    desk.idle();
    let load = milliseconds(before.elapsed());
    let mut frames = Vec::new();
    for n in 0..400 {
        desk.key(if n % 40 < 20 { "j" } else { "Ctrl-d" });
        let before = Instant::now();
        desk.frame();
        frames.push(before.elapsed());
    }
    // Pages come between the keys, and a tick sorts them in; what a key waits for is the page and the tick before it, too.
    let mut keys = Vec::new();
    for (n, from) in (findings..findings + MORE).step_by(PAGE as usize).enumerate() {
        let page: Vec<_> = (from..from + PAGE)
            .map(|n| std::sync::Arc::new(made::finding(n)))
            .collect();
        let before = Instant::now();
        desk.send(Event::Findings(page));
        if n % 4 == 0 {
            desk.tick();
        }
        desk.key(if n % 2 == 0 { "j" } else { "k" });
        desk.frame();
        keys.push(before.elapsed());
    }
    desk.tick();
    let resident = resident();
    let (filter_first, filter_all) = filters(&mut desk);
    Figures {
        findings,
        incidents: desk.state.list.total(),
        load,
        frame: percentiles(&mut frames),
        key: percentiles(&mut keys),
        filter_first,
        filter_all,
        sort: sorts(&mut desk),
        resident,
    }
}

/// The slowest of some filters: until the first rows are drawn, and until every row was asked about.
fn filters(desk: &mut Desk) -> (f64, f64) {
    let (mut first, mut all) = (Duration::ZERO, Duration::ZERO);
    for text in [
        "sev>=high",
        "type~Crypto !archived",
        "nowhere to be found",
        "ip:203.0.113.0/24 or key:AKIA",
        "is:overdue",
    ] {
        let before = Instant::now();
        list::set_filter(&mut desk.state, text).unwrap();
        desk.frame();
        first = first.max(before.elapsed());
        desk.idle();
        desk.frame();
        all = all.max(before.elapsed());
    }
    list::set_filter(&mut desk.state, "!archived").unwrap();
    desk.idle();
    (milliseconds(first), milliseconds(all))
}

/// The slowest way to sort: its longest turn, for which a key would wait, and until every row has its place.
fn sorts(desk: &mut Desk) -> (f64, f64) {
    let (mut turn, mut all) = (Duration::ZERO, Duration::ZERO);
    for sort in Sort::ALL {
        let begun = Instant::now();
        list::sort_by(&mut desk.state, sort);
        desk.frame();
        turn = turn.max(begun.elapsed());
        while desk.state.list.is_filtering() {
            let before = Instant::now();
            desk.send(Event::Idle);
            desk.frame();
            turn = turn.max(before.elapsed());
        }
        all = all.max(begun.elapsed());
    }
    (milliseconds(turn), milliseconds(all))
}

/// The median and the 99th percentile.
fn percentiles(times: &mut [Duration]) -> (f64, f64) {
    times.sort();
    (
        milliseconds(times[times.len() / 2]),
        milliseconds(times[times.len() * 99 / 100]),
    )
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// This process's memory. Linux alone has it.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes = status.lines().find_map(|line| {
        line.strip_prefix("VmRSS:")?
            .split_whitespace()
            .next()?
            .parse::<f64>()
            .ok()
    });
    kibibytes.map_or(f64::NAN, |count| count * 1024.0 / 1e6)
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
