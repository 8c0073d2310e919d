//! Tests of the playbook file: what is taken, and how faults are named.

use super::*;

const SAMPLE: &str = r#"name = "sample"
title = "A sample"
description = "For tests."
findings = ["Backdoor:EC2/*"]
resources = ["instance"]
severity = ["critical", "high"]

[[step]]
id = "classify"
phase = "classify"
title = "Classify"
guidance = "How bad is it?"

[[step]]
id = "isolate"
phase = "isolate"
title = "Isolate"
actions = ["isolate-instance"]
when = "resource has instance and type != data-breach"
guidance = """
First paragraph.

Second paragraph.
"""

[[step]]
id = "tell"
phase = "notify"
title = "Tell"
manual = ["Call the owner"]
requires = ["The owner's number"]
after = ["classify"]
guidance = "Tell them."

[[step]]
id = "report"
phase = "document"
title = "Report"
after = ["isolate", "tell"]
guidance = "Write it."
"#;

fn faults(text: &str) -> Vec<SourceError> {
    Playbook::lint("p.toml", text, &Classification::built_in()).unwrap_err()
}

#[test]
fn one_of_several_actions_is_enough_only_where_there_are_several() {
    let several = SAMPLE.replace(
        r#"actions = ["isolate-instance"]"#,
        "actions = [\"isolate-instance\", \"stop-instance\"]\nany = true",
    );
    let playbook = Playbook::parse("p.toml", &several).unwrap();
    let any: Vec<bool> = playbook.steps().iter().map(|step| step.any).collect();
    assert_eq!(any, [false, true, false, false]);
    let one = SAMPLE.replace(r#"["isolate-instance"]"#, "[\"isolate-instance\"]\nany = true");
    let all = faults(&one);
    let [fault] = all.as_slice() else { panic!("{all:?}") };
    let said = fault.to_string();
    assert!(
        said.contains("p.toml:19:7") && said.contains("at least two actions"),
        "{said}"
    );
    let word = SAMPLE.replace(r#"["isolate-instance"]"#, "[\"isolate-instance\"]\nany = \"yes\"");
    assert!(faults(&word)[0].to_string().contains("expected true or false"));
}

#[test]
fn a_playbook_says_what_it_is_for_and_what_comes_after_what() {
    let playbook = Playbook::parse("p.toml", SAMPLE).unwrap();
    assert_eq!(playbook.severity, [SeverityLabel::Critical, SeverityLabel::High]);
    let after: Vec<&[usize]> = playbook.steps().iter().map(|s| s.after.as_slice()).collect();
    assert_eq!(after, [&[] as &[usize], &[0], &[0], &[1, 2]]);
    let (at, tell) = playbook.step("tell").unwrap();
    assert_eq!((at, tell.phase), (2, Step::Notify));
    assert_eq!(tell.manual, ["Call the owner"]);
    assert_eq!(tell.requires, ["The owner's number"]);
    let (_, isolate) = playbook.step("isolate").unwrap();
    assert_eq!(isolate.guidance, "First paragraph.\n\nSecond paragraph.");
    assert_eq!(isolate.actions, [ActionName::IsolateInstance]);
}

#[test]
fn faults_are_named_with_line_column_and_what_was_expected() {
    held(&[
        (
            "title = \"A sample\"",
            "titel = \"A sample\"",
            (2, 1),
            "unknown field `titel`, expected one of `name`, `title`",
        ),
        ("name = \"sample\"", "name = 3", (1, 8), "expected a text in quotes"),
        (
            "name = \"sample\"",
            "name = \"../x\"",
            (1, 8),
            "expected a name of lower-case",
        ),
        ("\"Backdoor:EC2/*\"", "\"\"", (4, 13), "a text of 1 to 128 characters"),
        (
            "[\"instance\"]",
            "[\"ship\"]",
            (5, 14),
            "unknown variant `ship`, expected one of",
        ),
        (
            "\"critical\", \"high\"",
            "\"informational\"",
            (6, 13),
            "expected critical, high, medium or low",
        ),
        (
            "phase = \"isolate\"",
            "phase = \"ponder\"",
            (16, 9),
            "unknown variant `ponder`",
        ),
        (
            "[\"isolate-instance\"]",
            "[\"isolate-instnce\"]",
            (18, 12),
            "unknown variant `isolate-instnce`, expected one of",
        ),
    ]);
}

#[test]
fn faults_of_conditions_and_of_the_order_are_named_too() {
    held(&[
        (
            "resource has instance",
            "resource is instance",
            (19, 18),
            "expected has, not is",
        ),
        (
            "type != data-breach",
            "type != flood",
            (19, 43),
            "there is no incident type flood, expected one of data-breach",
        ),
        (
            "id = \"tell\"",
            "id = \"isolate\"",
            (27, 6),
            "there is a step isolate already",
        ),
        ("manual = [\"Call the owner\"]", "", (26, 1), "nothing to do here"),
        (
            "after = [\"classify\"]",
            "after = [\"clasify\"]",
            (32, 10),
            "there is no step clasify",
        ),
        (
            "after = [\"classify\"]",
            "after = [\"report\"]",
            (27, 6),
            "wait for each other: tell after report after tell",
        ),
        (
            "after = [\"classify\"]",
            "after = [\"tell\"]",
            (27, 6),
            "wait for each other: tell after tell",
        ),
        (
            "after = [\"isolate\", \"tell\"]",
            "after = [\"tell\", \"tell\"]",
            (39, 18),
            "it stands here twice",
        ),
        (
            "id = \"report\"",
            "id = \"report\"\ntarget = \"i-1\"",
            (37, 1),
            "unknown field `target`",
        ),
        ("guidance = \"Write it.\"", "", (35, 1), "`guidance` is missing"),
        (
            "guidance = \"Write it.\"",
            "guidance = \"Write it.",
            (40, 22),
            "invalid basic string",
        ),
    ]);
}

/// A change to the sample, where its fault is, and what is said.
type Change<'c> = (&'c str, &'c str, (usize, usize), &'c str);

fn held(changes: &[Change<'_>]) {
    for (from, to, place, expected) in changes {
        assert!(SAMPLE.contains(from), "the sample has no {from}");
        let all = faults(&SAMPLE.replacen(from, to, 1));
        let error = all.iter().find(|f| f.what.contains(expected));
        let error = error.unwrap_or_else(|| panic!("{to}: {all:?}"));
        let at = error.place.as_ref().map(|p| (p.line, p.column));
        assert_eq!(at, Some(*place), "{error}");
    }
}

#[test]
fn every_fault_is_named_at_once_in_the_order_of_the_file() {
    let bad = SAMPLE
        .replace("title = \"A sample\"", "titel = \"A sample\"")
        .replace("\"isolate-instance\"", "\"isolate-instnce\", 3")
        .replace("phase = \"notify\"", "phase = \"ntify\"");
    let lines: Vec<usize> = faults(&bad).iter().map(|f| f.place.as_ref().unwrap().line).collect();
    assert_eq!(lines, [1, 2, 18, 18, 28]);
}

#[test]
fn what_is_too_much_is_refused() {
    let head = SAMPLE.split("[[step]]").next().unwrap();
    let step = |n: usize| format!("[[step]]\nid = \"s{n}\"\nphase = \"document\"\ntitle = \"T\"\nguidance = \"G\"\n");
    let chain: String = (0..30).map(step).collect();
    let many: String = (0..60).map(|n| step(n) + "after = []\n").collect();
    for (text, expected) in [
        (head.to_owned(), "at least one [[step]]"),
        (format!("{head}{chain}"), "more than 24 steps come one after the other"),
        (format!("{head}{many}"), "at most 48 in `step`"),
        (
            SAMPLE.replace("How bad is it?", &"x".repeat(5000)),
            "1 to 4000 characters",
        ),
        (
            SAMPLE.replace("How bad is it?", &"x".repeat(300_000)),
            "at most 262144 are read",
        ),
    ] {
        let all = faults(&text);
        assert!(
            all.iter().any(|f| f.what.contains(expected)),
            "{expected}: {:?}",
            all.first()
        );
    }
}
