//! The other steps of the playbook, to the report.

use std::fs;

use super::{ESC, LARGE, Person, confirm, open, pane, quit, take};

#[test]
fn snapshots_classifies_notifies_and_documents() {
    let person = Person::new();
    let mut screen = person.drills(&["--speed", "30"], LARGE);
    open(&mut screen, "type~Backdoor:EC2");
    screen.press("v");
    screen.see("How severe is it?");
    screen.press("h");
    let shown = screen.see("Classified high: respond within 1 hour.");
    let incident = shown
        .split_whitespace()
        .find(|word| word.starts_with("q-"))
        .unwrap()
        .to_owned();

    screen.press("s");
    take(&mut screen, "snapshot-instance");
    confirm(&mut screen);
    screen.wait("progress in percent", |shown| {
        shown.contains("pending") && shown.contains('%') || shown.contains("VERIFIED")
    });
    screen.see("VERIFIED  snapshot-instance");
    screen.press(ESC);
    screen.see("[Finding]");

    // What AWS says is kept too: it changes nothing, so there is nothing to confirm.
    screen.press("s");
    take(&mut screen, "collect-evidence");
    screen.wait("the evidence in files", |shown| {
        shown.contains(&format!("Evidence of {incident}: ")) && shown.contains(" files")
    });

    screen.press("m");
    confirm(&mut screen);
    screen.see("notify-sns: applied");
    screen.press(ESC);
    screen.see("[Finding]");

    screen.press("d");
    screen.see("Report written to");
    let shown = pane(&mut screen, "Playbook");
    assert!(shown.contains("classify  ● done"), "{shown}");
    // Findings that arrive after the evidence was collected ask for it again, and in this drill they may: so the step may be open,
    // and what it says of each of its two actions counts. The sentence wraps, beside another pane.
    screen.press("jjj");
    let shown = screen.wait("the cursor on the snapshots", |shown| {
        shown
            .lines()
            .any(|line| line.contains('▸') && line.contains("Snapshot all volumes"))
    });
    let left = |line: &str| line.split('│').next().unwrap_or_default().trim().to_owned();
    let said = shown.lines().map(left).collect::<Vec<_>>().join(" ");
    assert!(said.contains("done: snapshot-instance i-"), "{shown}");
    let evidence = said.split(" done; collect-evidence").nth(1);
    assert!(evidence.is_some_and(|rest| rest.contains(", record ")), "{shown}");
    screen.press("G");
    screen.see("document  ● done");
    quit(screen);

    let report = fs::read_to_string(person.data().join(format!("{incident}.md"))).unwrap();
    for part in [incident.as_str(), "snapshot-instance", "notify-sns"] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    person.checks_the_journal();
    let kept = fs::read_dir(person.data().join("evidence").join(&incident)).unwrap();
    let [directory] = kept.collect::<Result<Vec<_>, _>>().unwrap().try_into().unwrap();
    let checked = quell::runtime::manifest::verify(&directory.path()).unwrap();
    assert_eq!(checked.faults, Vec::<String>::new());
    assert!(checked.manifest.files.iter().any(|file| file.call == "finding"));
}
