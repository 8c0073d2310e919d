//! Tests of the order of steps.

use std::fmt::Write;

use super::*;
use crate::domain::SeverityLabel;

/// A playbook of steps with what each comes after and when it applies.
fn playbook(steps: &[(&str, &[&str], &str)]) -> Playbook {
    let mut text = "name = \"p\"\ntitle = \"P\"\ndescription = \"P\"\n".to_owned();
    for (id, after, when) in steps {
        let _ = writeln!(
            text,
            "[[step]]\nid = {id:?}\nphase = \"document\"\ntitle = \"T\"\nguidance = \"G\"\nafter = {after:?}"
        );
        if !when.is_empty() {
            let _ = writeln!(text, "when = {when:?}");
        }
    }
    Playbook::parse("p.toml", &text).unwrap_or_else(|e| panic!("{e}"))
}

/// A step by severity, its branches, and a step that joins them.
fn forked() -> Playbook {
    playbook(&[
        ("classify", &[], ""),
        ("isolate", &["classify"], "severity == critical"),
        ("tell", &["classify"], "severity == critical"),
        ("collect", &["isolate"], "severity == critical"),
        ("watch", &["classify"], "severity == low"),
        ("report", &["collect", "tell", "watch"], ""),
        ("close", &["report"], ""),
    ])
}

fn situation(severity: SeverityLabel) -> Situation<'static> {
    Situation {
        severity,
        incident_type: None,
        subtype: None,
        findings: Vec::new(),
        kinds: Vec::new(),
    }
}

fn standings(playbook: &Playbook, severity: SeverityLabel, done: &[&str]) -> String {
    let letters = playbook.standings(&situation(severity), |step| done.contains(&step.id.as_str()));
    let letter = |standing: &Standing| match standing {
        Standing::Done => 'd',
        Standing::NotApplicable => '-',
        Standing::Ready => 'r',
        Standing::Waiting => 'w',
    };
    letters.iter().map(letter).collect()
}

#[test]
fn branches_are_ready_side_by_side_and_a_join_waits_for_all_of_them() {
    let playbook = forked();
    let critical = |done: &[&str]| standings(&playbook, SeverityLabel::Critical, done);
    assert_eq!(critical(&[]), "rwww-ww");
    assert_eq!(critical(&["classify"]), "drrw-ww");
    assert_eq!(critical(&["classify", "tell"]), "drdw-ww");
    assert_eq!(critical(&["classify", "tell", "isolate"]), "dddr-ww");
    assert_eq!(critical(&["classify", "tell", "isolate", "collect"]), "dddd-rw");
    assert_eq!(
        critical(&["classify", "tell", "isolate", "collect", "report"]),
        "dddd-dr"
    );
}

#[test]
fn a_branch_that_does_not_apply_is_no_way_past_what_comes_before_it() {
    let playbook = forked();
    assert_eq!(standings(&playbook, SeverityLabel::Medium, &[]), "r----ww");
    assert_eq!(standings(&playbook, SeverityLabel::Medium, &["classify"]), "d----rw");
    assert_eq!(standings(&playbook, SeverityLabel::Low, &["classify"]), "d---rww");
    // What was done counts, though it does not apply any more.
    assert_eq!(standings(&playbook, SeverityLabel::Low, &["isolate"]), "rd--www");
}

#[test]
fn the_outline_indents_branches_and_joins_them_where_they_parted() {
    let playbook = forked();
    let rows: Vec<_> = playbook
        .outline()
        .into_iter()
        .map(|row| (playbook.steps()[row.step].id.as_str(), row.depth, row.branch))
        .collect();
    assert_eq!(
        rows,
        [
            ("classify", 0, None),
            ("isolate", 1, Some((1, 3))),
            ("collect", 1, None),
            ("tell", 1, Some((2, 3))),
            ("watch", 1, Some((3, 3))),
            ("report", 0, None),
            ("close", 0, None),
        ]
    );
}

#[test]
fn an_outline_has_every_step_once_whatever_its_shape() {
    let odd = playbook(&[
        ("a", &[], ""),
        ("b", &[], ""),
        ("c", &["a", "b"], ""),
        ("d", &["a"], ""),
        ("e", &["c", "d"], ""),
        ("f", &["e", "b"], ""),
        ("g", &["e"], ""),
    ]);
    let rows = odd.outline();
    let mut places: Vec<usize> = rows.iter().map(|row| row.step).collect();
    let before =
        |at: usize, other: usize| places.iter().position(|p| *p == at) < places.iter().position(|p| *p == other);
    for (at, step) in odd.steps().iter().enumerate() {
        assert!(step.after.iter().all(|earlier| before(*earlier, at)), "{}", step.id);
    }
    places.sort_unstable();
    assert_eq!(places, (0..odd.steps().len()).collect::<Vec<_>>());
}
