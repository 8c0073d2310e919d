//! What the screen must never do, whatever text comes in.

use unicode_width::UnicodeWidthStr;

use super::fixture::{HOSTILE, PROD, blank, coverage, full, press, record, send, signed_in, told_again, told_before};
use super::{SIZES, drawn, rows, shown};
use crate::action::Outcome;
use crate::app::{Event, Mode, State};
use crate::domain::{Principal, Resource, ResourceKind, Untrusted};
use crate::findings::{CoverageState, Source};
use crate::journal::What;

/// The fixture's hostile finding is the third in the list.
fn on_the_hostile_one() -> State {
    let mut state = full(Mode::Respond);
    press(&mut state, &["j"]);
    while !state.current().unwrap().lead().title.raw().contains('\u{1b}') {
        press(&mut state, &["j"]);
    }
    state
}

fn assert_harmless(state: &mut State) {
    for size in SIZES {
        let (buffer, _) = drawn(state, size);
        for cell in &buffer.content {
            for c in cell.symbol().chars() {
                let bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{e0000}'..='\u{e007f}');
                assert!(!c.is_control() && !bidi, "{c:?} in\n{}", shown(&buffer));
            }
        }
    }
}

#[test]
fn nothing_from_outside_reaches_the_terminal_as_it_came() {
    let mut state = on_the_hostile_one();
    assert_harmless(&mut state);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    assert!(shown(&buffer).contains("evil␛[2J"), "{}", shown(&buffer));
    press(&mut state, &["Enter"]);
    for _ in 0..5 {
        assert_harmless(&mut state);
        press(&mut state, &["Tab"]);
    }
    assert_harmless(&mut told_again(Mode::Watch));
    assert_harmless(&mut told_before(Mode::Watch));
    // A plan whose refusal or warnings quote what AWS said.
    press(&mut state, &["x"]);
    assert_harmless(&mut state);
}

#[test]
fn nothing_that_aws_or_a_file_says_reaches_the_terminal_as_it_came() {
    let mut state = blank(Mode::Watch);
    signed_in(&mut state, Some(HOSTILE));
    send(&mut state, Event::Fatal(HOSTILE.to_owned()));
    assert_harmless(&mut state);
    send(&mut state, Event::Failed(HOSTILE.to_owned()));
    assert_harmless(&mut state);

    let mut state = full(Mode::Respond);
    coverage(
        &mut state,
        PROD,
        "us-east-1",
        Source::GuardDuty,
        CoverageState::Partial,
        Some(HOSTILE),
    );
    press(&mut state, &["C"]);
    assert_harmless(&mut state);
    press(&mut state, &["Esc", "J"]);
    let path = HOSTILE.to_owned();
    record(
        &mut state,
        1,
        None,
        What::Reported {
            path,
            sha256: String::new(),
        },
    );
    assert_harmless(&mut state);
    press(&mut state, &["Esc", "Enter", "i", "Enter", "7", "8", "9", "0", "Enter"]);
    send(&mut state, Event::CallSent { call: 0 });
    let outcome = Outcome::Failed {
        request_id: Some(HOSTILE.to_owned()),
        code: Some(HOSTILE.to_owned()),
        message: Untrusted::new(HOSTILE),
    };
    send(&mut state, Event::CallAnswered { call: 0, outcome });
    send(
        &mut state,
        Event::CallsEnded {
            trouble: Some(HOSTILE.to_owned()),
        },
    );
    press(&mut state, &["k"]);
    assert_harmless(&mut state);
    let (buffer, _) = drawn(&mut state, SIZES[1]);
    assert!(
        shown(&buffer).contains("STOPPED") && shown(&buffer).contains("␛[2J"),
        "{}",
        shown(&buffer)
    );
}

#[test]
fn columns_line_up_with_wide_characters_in_them() {
    for size in SIZES {
        let mut state = full(Mode::Watch);
        let (buffer, _) = drawn(&mut state, size);
        let column_of = |row: &str, word: &str| row.find(word).map(|at| row[..at].width());
        let lines: Vec<String> = rows(&buffer).collect();
        let head = lines.iter().find(|l| l.contains("RESOURCE")).unwrap();
        // The region stands at the end of the column before, five wide.
        let regions = column_of(head, "RESOURCE").unwrap() - 6;
        let mut korean = 0;
        for line in lines.iter().filter(|l| l.contains(" apne2 ") || l.contains(" use1 ")) {
            let at = column_of(line, " apne2 ")
                .or_else(|| column_of(line, " use1 "))
                .unwrap()
                + 1;
            assert_eq!(at, regions, "{line}");
            korean += usize::from(line.contains("창고"));
        }
        assert!(korean >= 3, "the fixture shows Korean names");
    }
}

#[test]
fn the_confirmation_region_holds_nothing_from_outside() {
    let mut state = full(Mode::Respond);
    press(&mut state, &["Enter", "i", "Enter"]);
    for size in SIZES {
        let (buffer, cursor) = drawn(&mut state, size);
        let (x, y) = cursor.unwrap();
        let line = rows(&buffer).nth(usize::from(y)).unwrap();
        assert!(line.starts_with(" Type 7890 and Enter to apply:"), "{line}");
        assert_eq!(usize::from(x), " Type 7890 and Enter to apply:  ".len());
    }
}

#[test]
fn a_frame_formats_only_what_is_seen() {
    // A list of thousands is drawn like one of ten: rows outside the window are never made.
    let mut state = full(Mode::Watch);
    let one = state.current().unwrap().lead().clone();
    let many = (0..3_000).map(|n| {
        let mut finding = one.as_ref().clone();
        finding.id = Untrusted::new(format!("many-{n}"));
        finding.resource = Resource::new(ResourceKind::Instance, format!("i-{n}"));
        (finding.others, finding.principal) = (Vec::new(), Principal::default());
        std::sync::Arc::new(finding)
    });
    let many = many.collect();
    send(&mut state, Event::Findings(many));
    let now = state.now;
    send(&mut state, Event::Tick(now));
    press(&mut state, &["G"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let lines: Vec<String> = rows(&buffer).collect();
    assert_eq!(lines.iter().filter(|l| l.contains('▸')).count(), 1);
    assert!(
        lines
            .iter()
            .any(|l| l.contains("filtering … 3") || l.contains(" 30") && l.contains("shown")),
        "{}",
        shown(&buffer)
    );
}

#[test]
fn a_huge_title_does_not_push_the_rest_out_of_sight() {
    let mut state = blank(Mode::Watch);
    signed_in(&mut state, None);
    let mut finding = super::fixture::findings::all().swap_remove(0);
    finding.title = Untrusted::new("x".repeat(16_384));
    send(&mut state, Event::Findings(vec![std::sync::Arc::new(finding)]));
    let now = state.now;
    send(&mut state, Event::Tick(now));
    press(&mut state, &["Enter"]);
    for size in SIZES {
        let (buffer, _) = drawn(&mut state, size);
        let screen = shown(&buffer);
        for word in ["more lines of title; Raw JSON has all of it", " What ", " Where "] {
            assert!(screen.contains(word), "{word} in\n{screen}");
        }
    }
}
