//! The plan of the house, held against the source: who may use whom, where AWS's names may stand, what is never there, and
//! how long a file and a function may be. Each checker is first shown to find what it looks for.

use std::fs;
use std::path::Path;

#[path = "tidy/code.rs"]
mod code;

use code::{Source, blocks, functions, words};

/// The longest file, and the longest function, in lines.
const MAX_FILE: usize = 400;
const MAX_FUNCTION: usize = 100;

/// Which room may use which. A room whose values hold another room's values may use that one too: the journal's records are
/// made of plans, so a report uses `action`. What is not listed here may use every room: `cli`, `config`, `main`, `lib`.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("findings", &["domain"]),
    ("action", &["domain"]),
    ("playbook", &["domain", "action"]),
    ("journal", &["domain", "action"]),
    ("app", &["domain", "findings", "action", "playbook", "journal"]),
    ("cloud", &["domain", "findings", "action", "journal"]),
    ("notify", &["domain"]),
    ("range", &["domain"]),
    ("drill", &["domain", "range", "journal"]),
    ("report", &["domain", "action", "playbook", "journal"]),
    (
        "runtime",
        &[
            "domain", "findings", "action", "playbook", "journal", "app", "cloud", "notify",
        ],
    ),
    ("tui", &["domain", "findings", "action", "playbook", "journal", "app"]),
];

/// The rooms at the door, which put the others together.
const DOOR: &[&str] = &["cli", "config", "main", "lib"];

/// The rooms without IO, clocks, randomness and async.
const PURE: &[&str] = &["domain", "findings", "playbook", "action", "app"];

/// What a pure room never names.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Time::now",
    "Zoned::now",
    "tokio",
    "async",
    "rand_chacha",
    "rustix",
];

/// How the SDK's methods begin that change something. Reads begin with get, list, describe, lookup and `batch_get`.
const CHANGES: &[&str] = &[
    ".accept_",
    ".add_",
    ".allocate_",
    ".associate_",
    ".attach_",
    ".authorize_",
    ".cancel_",
    ".copy_",
    ".create_",
    ".deactivate_",
    ".delete_",
    ".deregister_",
    ".detach_",
    ".disable_",
    ".disassociate_",
    ".enable_",
    ".invite_",
    ".modify_",
    ".publish(",
    ".publish_batch",
    ".put_",
    ".reboot_",
    ".register_",
    ".release_",
    ".remove_",
    ".replace_",
    ".reset_",
    ".revoke_",
    ".run_instances",
    ".set_security",
    ".start_",
    ".stop_",
    ".subscribe(",
    ".tag_",
    ".terminate_",
    ".unsubscribe",
    ".untag_",
    ".batch_update_",
    ".update_",
];

/// Fields of answers that begin like a change.
const FIELDS: &[&str] = &[
    ".create_date",
    ".create_time",
    ".disable_api_termination",
    ".disable_api_stop",
    ".tag_key()",
    ".tag_list()",
    ".tag_value()",
];

/// A fault: file, line, what.
type Fault = String;
type Checker = fn(&Source) -> Vec<Fault>;

#[test]
fn rooms_use_only_what_stands_above_them() {
    clean(rooms);
}

#[test]
fn sdk_names_stand_only_in_cloud() {
    clean(sdk_names);
}

#[test]
fn mutating_calls_stand_only_in_cloud_write() {
    clean(mutating_calls);
}

#[test]
fn pure_rooms_do_no_io() {
    clean(purity);
}

#[test]
fn files_and_functions_are_short() {
    clean(lengths);
}

#[test]
fn nothing_is_left_for_later() {
    clean(leftovers);
}

#[test]
fn every_file_says_what_it_is() {
    clean(openings);
}

#[test]
fn matches_on_closed_enums_have_no_catch_all() {
    clean(catch_alls);
}

/// Holds a checker against every source file of the repository.
fn clean(check: Checker) {
    let sources = all_sources();
    assert!(sources.len() > 50, "the source was not found");
    let faults: Vec<Fault> = sources.iter().flat_map(check).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn all_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting = vec![root.join("src"), root.join("tests")];
    let mut sources = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("the source can be listed") {
            let path = entry.expect("the source can be listed").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path
                    .strip_prefix(root)
                    .ok()
                    .and_then(Path::to_str)
                    .expect("names are UTF-8");
                let text = fs::read_to_string(&path).expect("the source is UTF-8");
                sources.push(Source::new(name, &text));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn rooms(source: &Source) -> Vec<Fault> {
    let Some(room) = source.room().filter(|room| !DOOR.contains(room)) else {
        return Vec::new();
    };
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![source.fault(0, &format!("the room {room} is not in the plan of the house"))];
    };
    let mut faults = Vec::new();
    for (at, _) in source.live.match_indices("crate::") {
        let rest = &source.live[at + "crate::".len()..];
        let used: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if used.is_empty() {
            faults.push(source.fault(at, "name the room in each `use crate::…`"));
        } else if used != room && !allowed.contains(&used.as_str()) {
            faults.push(source.fault(at, &format!("{room} may not use {used}")));
        }
    }
    faults
}

fn sdk_names(source: &Source) -> Vec<Fault> {
    if source.room() == Some("cloud") {
        return Vec::new();
    }
    let found = source.live.match_indices("aws_sdk_");
    found
        .map(|(at, _)| source.fault(at, "aws_sdk_ outside cloud"))
        .collect()
}

fn mutating_calls(source: &Source) -> Vec<Fault> {
    if source.room() != Some("cloud") || source.path.starts_with("src/cloud/write") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for change in CHANGES {
        let found = source.live.match_indices(change).map(|(at, _)| at);
        for at in found.filter(|at| !FIELDS.iter().any(|field| source.live[*at..].starts_with(field))) {
            faults.push(source.fault(at, &format!("`{change}` outside cloud/write looks like a change")));
        }
    }
    faults
}

fn purity(source: &Source) -> Vec<Fault> {
    if !source.room().is_some_and(|room| PURE.contains(&room)) || source.path.starts_with("src/findings/cache/") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for impure in IMPURE {
        for at in words(&source.live, impure) {
            faults.push(source.fault(at, &format!("`{impure}` in a room without IO, clock or async")));
        }
    }
    faults
}

fn lengths(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let lines = source.text.lines().count();
    if lines > MAX_FILE {
        faults.push(source.fault(0, &format!("{lines} lines, at most {MAX_FILE}")));
    }
    for (at, name, lines) in functions(&source.code) {
        if lines > MAX_FUNCTION {
            faults.push(source.fault(at, &format!("fn {name} has {lines} lines, at most {MAX_FUNCTION}")));
        }
    }
    faults
}

fn leftovers(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    // The words are put together here, so that this file does not name them.
    for word in [["TO", "DO"].concat(), ["FIX", "ME"].concat()] {
        for at in words(&source.text, &word) {
            faults.push(source.fault(at, &format!("a {word} is work that nobody owns")));
        }
    }
    for call in ["todo!", "unimplemented!"] {
        for (at, _) in source.code.match_indices(call) {
            faults.push(source.fault(at, &format!("`{call}` in the code")));
        }
    }
    faults
}

fn openings(source: &Source) -> Vec<Fault> {
    let first = source
        .text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
    // A file of unit tests says what it is by its name.
    if source.path.ends_with("tests.rs") || first.is_some_and(|line| line.starts_with("//! ")) {
        return Vec::new();
    }
    vec![source.fault(0, "a file opens with `//!`: what it owns, what it must never do")]
}

fn catch_alls(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, arms) in blocks(&source.live, "match") {
        let closed = ["Event", "Effect", "Mutation"].into_iter().find(|name| {
            words(&arms, &format!("{name}::"))
                .iter()
                .any(|at| is_ours(&arms[..*at]))
        });
        if let Some(name) = closed
            && arms
                .split([',', '}', '\n'])
                .any(|arm| arm.trim_start().starts_with("_ =>"))
        {
            faults.push(source.fault(
                at,
                &format!("a catch-all arm in a match on {name} swallows new variants"),
            ));
        }
    }
    faults
}

/// Whether a name with this text before it is one of the house's own: crossterm and quick-xml have an `Event` too.
fn is_ours(before: &str) -> bool {
    !["crossterm::event::", "events::", "terminal::"]
        .iter()
        .any(|theirs| before.ends_with(theirs))
}

#[test]
fn the_checkers_find_what_they_look_for() {
    let bad: &[(Checker, &str, &str)] = &[
        (rooms, "src/domain/a.rs", "use crate::action::Plan;"),
        (rooms, "src/app/a.rs", "fn f() { crate::cloud::read() }"),
        (rooms, "src/action/mod.rs", "use crate::{domain, journal};"),
        (rooms, "src/attic/a.rs", "use crate::domain::Time;"),
        (sdk_names, "src/app/a.rs", "use aws_sdk_ec2::Client;"),
        (mutating_calls, "src/cloud/read/a.rs", "client.create_tags().send()"),
        (mutating_calls, "src/cloud/session.rs", "client.publish().send()"),
        (purity, "src/domain/a.rs", "fn f() { std::fs::read(x) }"),
        (purity, "src/app/a.rs", "let now = Instant::now();"),
        (purity, "src/action/a.rs", "async fn f() {}"),
        (leftovers, "src/a.rs", "fn f() { todo!() }"),
        (openings, "src/a.rs", "use std::fmt;"),
        (catch_alls, "src/app/a.rs", "match e { Event::Tick => a(), _ => b() }"),
        (
            catch_alls,
            "src/app/a.rs",
            "match m { Mutation::A { x } => {\n f(x) }\n _ => {} }",
        ),
    ];
    for (check, path, text) in bad {
        assert_eq!(check(&Source::new(path, text)).len(), 1, "{path}: {text}");
    }
    let note = format!("// {}: later", ["TO", "DO"].concat());
    assert_eq!(leftovers(&Source::new("src/a.rs", &note)).len(), 1);
    let long = "//! x\n".repeat(MAX_FILE + 1);
    assert_eq!(lengths(&Source::new("src/a.rs", &long)).len(), 1);
    let long = format!(
        "fn f(a: [u8; 3]) {{\n{}}}\nfn g() {{}}\n",
        "    a();\n".repeat(MAX_FUNCTION)
    );
    assert_eq!(lengths(&Source::new("src/a.rs", &long)).len(), 1);
}

#[test]
fn the_checkers_let_good_code_pass() {
    let good: &[(Checker, &str, &str)] = &[
        (
            rooms,
            "src/action/a.rs",
            "use crate::domain::Time;\nuse crate::action::Plan;",
        ),
        (rooms, "src/cli/a.rs", "use crate::cloud::read;"),
        (
            rooms,
            "src/domain/a.rs",
            "#[cfg(test)]\nmod tests {\n use crate::action::Plan;\n}",
        ),
        (sdk_names, "src/range/tests/a.rs", "use aws_sdk_ec2::Client;"),
        (
            sdk_names,
            "src/app/a.rs",
            "// not aws_sdk_ec2\nlet a = \"aws_sdk_ec2\";",
        ),
        (mutating_calls, "src/cloud/write/a.rs", "client.create_tags().send()"),
        (mutating_calls, "src/cloud/read/a.rs", "key.create_date()"),
        (purity, "src/app/a.rs", "fn instantly() { write(out) }"),
        (leftovers, "src/a.rs", "/// ```compile_fail\n/// todo!()\n/// ```"),
        (openings, "src/a.rs", "#![expect(x)]\n\n//! What."),
        (
            catch_alls,
            "src/app/a.rs",
            "match e { Event::Tick => match x { 1 => 2, _ => 3 }, Event::Key => 4 }",
        ),
        (
            catch_alls,
            "src/app/a.rs",
            "match n { Some(1) => Effect::Quit, _ => Effect::None }",
        ),
    ];
    for (check, path, text) in good {
        assert_eq!(check(&Source::new(path, text)), Vec::<Fault>::new(), "{path}: {text}");
    }
}
