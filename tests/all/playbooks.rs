//! `quell playbook` as a responder and a pipeline use it: lists, files of one's own, faults, exports.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A configuration directory with playbooks of one's own.
struct Home(TempDir);

/// How a command ended, and what it said.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A playbook of one's own by a name.
fn sample(name: &str) -> String {
    format!(
        "name = \"{name}\"\ntitle = \"Ours\"\ndescription = \"For tests.\"\n\n[[step]]\nid = \"look\"\nphase = \"classify\"\n\
         title = \"Look\"\nguidance = \"Look.\"\n"
    )
}

impl Home {
    /// With these files in `playbooks/` beside the configuration.
    fn with(files: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("config.toml"), "").unwrap();
        fs::create_dir(home.path().join("playbooks")).unwrap();
        for (name, text) in files {
            fs::write(home.path().join("playbooks").join(name), text).unwrap();
        }
        Self(home)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let home = self.0.path();
        let output = Command::new(env!("CARGO_BIN_EXE_quell"))
            .env_clear()
            .env("HOME", home)
            .current_dir(home)
            .args(["--config", "config.toml", "--data-dir", "data"])
            .args(arguments)
            .output()
            .unwrap();
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn a_playbook_of_ones_own_takes_the_place_of_the_built_in_one() {
    let home = Home::with(&[
        ("a.toml", &sample("leaked-key")),
        ("b.toml", &sample("our-own")),
        ("notes.txt", "?"),
    ]);
    let list = home.run(&["playbook", "list"]);
    assert_eq!(list.code, Some(0), "{}", list.err);
    let row = |name: &str| {
        list.out
            .lines()
            .find(|l| l.starts_with(name))
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        row("leaked-key").contains("Ours  (") && row("leaked-key").contains("a.toml"),
        "{}",
        list.out
    );
    assert!(row("our-own").contains("b.toml"));
    assert!(row("root-use").contains("The root user"));
    assert_eq!(list.out.lines().count(), 15);
    let shown = home.run(&["playbook", "show", "our-own"]);
    assert!(shown.out.contains("classify: Look"), "{}", shown.out);
    let export = home.run(&["playbook", "export", "our-own"]);
    let cacao: Value = serde_json::from_str(&export.out).unwrap();
    assert_eq!(cacao["spec_version"], "cacao-2.0");
    assert_eq!(cacao["name"], "Ours");
    let lint = home.run(&["playbook", "lint"]);
    assert_eq!(lint.code, Some(0), "{}", lint.err);
    assert!(lint.out.contains("a.toml: a sound playbook") && lint.out.contains("classification.toml: a sound"));
}

#[test]
fn every_fault_of_a_broken_playbook_is_named_and_nobody_responds_by_it_unknowing() {
    let broken =
        sample("our-own").replace("title = \"Ours\"", "titel = \"Ours\"") + "actions = [\"isolate-instnce\"]\n";
    let home = Home::with(&[
        ("own.toml", &broken),
        ("twin.toml", &sample("x")),
        ("twin2.toml", &sample("x")),
    ]);
    let lint = home.run(&["playbook", "lint", "playbooks/own.toml"]);
    assert_eq!(lint.code, Some(1));
    for fault in [
        "own.toml:1:1: `title` is missing",
        "own.toml:2:1: unknown field `titel`",
        "own.toml:10:12: unknown variant `isolate-instnce`",
        "1 file has a fault",
    ] {
        assert!(lint.err.contains(fault), "{fault}: {}", lint.err);
    }
    let list = home.run(&["playbook", "list"]);
    assert_eq!(list.code, Some(3), "a list that is not whole says so");
    assert!(
        list.err.contains("own.toml:2:1:") && list.err.contains("twin2.toml: x is the name of"),
        "{}",
        list.err
    );
    assert!(list.out.contains("leaked-key") && !list.out.contains("our-own"));
    let respond = home.run(&["respond"]);
    assert_eq!(respond.code, Some(1));
    assert!(
        respond.err.contains("own.toml:2:1:") && respond.err.contains("quell watch starts"),
        "{}",
        respond.err
    );
}

#[test]
fn a_directory_that_is_named_must_be_there() {
    let home = Home::with(&[]);
    fs::write(home.0.path().join("config.toml"), "playbooks_dir = \"none\"").unwrap();
    let list = home.run(&["playbook", "list"]);
    assert_eq!(list.code, Some(3));
    assert!(list.err.contains("none cannot be read"), "{}", list.err);
    assert_eq!(home.run(&["playbook", "lint"]).code, Some(1));
    let none = home.run(&["playbook", "show", "nothing"]);
    assert_eq!(none.code, Some(1));
    assert!(
        none.err.contains("there is no playbook nothing") && none.err.contains("root-use"),
        "{}",
        none.err
    );
}

#[test]
fn conditions_may_name_the_types_of_ones_own_table() {
    let table = include_str!("../../playbooks/classification.toml").replace("\"data-breach\"", "\"leak\"");
    let playbook = sample("own") + "when = \"type == leak\"\n";
    let home = Home::with(&[("own.toml", &playbook)]);
    assert_eq!(home.run(&["playbook", "lint", "playbooks/own.toml"]).code, Some(1));
    fs::write(home.0.path().join("table.toml"), table).unwrap();
    fs::write(home.0.path().join("config.toml"), "classification = \"table.toml\"").unwrap();
    let lint = home.run(&["playbook", "lint", "playbooks/own.toml"]);
    assert_eq!(lint.code, Some(0), "{}", lint.err);
}
