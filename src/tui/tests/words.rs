//! What is said where the list is worked on: choices, candidates, the order, the filter's help, and what is not good news.

use super::fixture::{self, coverage, full, press, send, signed_in};
use super::work::{copied, said, typed};
use super::{SIZES, drawn, shown};
use crate::app::{Event, Mode, State};
use crate::findings::{CoverageState, Source};

#[test]
fn several_targets_are_listed_by_their_whole_ids_with_the_one_to_take() {
    use crate::action::Step;
    use crate::app::chooser::Choice;
    use crate::app::playbook::StepState;
    use crate::app::state::Prompt;
    use crate::app::targets::targets;
    use crate::domain::{Resource, ResourceKind};
    use crate::findings::incident::Incident;
    let id = |n: u32| format!("i-{n:017x}");
    let mut finding = fixture::findings::all().swap_remove(0);
    finding.resource = Resource::new(ResourceKind::Instance, id(0));
    finding.others = (1..9).map(|n| Resource::new(ResourceKind::Instance, id(n))).collect();
    let incident = Incident::alone(std::sync::Arc::new(finding));
    let mut all = targets(&full(Mode::Respond), Step::Isolate, &incident);
    all.retain(|target| target.action == crate::action::ActionName::IsolateInstance);
    assert_eq!(all.len(), 9);
    let mut states = vec![StepState::Todo; 9];
    states[7] = StepState::Done;
    for size in [SIZES[0], SIZES[1], (80, 5), (20, 3)] {
        for at in [0, 4, 8] {
            let mut state = full(Mode::Respond);
            press(&mut state, &["Enter"]);
            state.prompt = Some(Prompt::Target(Box::new(Choice {
                step: Step::Isolate,
                all: all.clone(),
                states: states.clone(),
                at,
            })));
            let (buffer, _) = drawn(&mut state, size);
            let screen = shown(&buffer);
            if size.1 < 10 {
                continue;
            }
            let taken = screen
                .lines()
                .find(|l| l.starts_with(" ▸ ") && l.contains("i-0"))
                .unwrap();
            assert!(taken.contains(&id(u32::try_from(at).unwrap())), "{screen}");
            assert!(screen.contains(&format!("({} of 9)", at + 1)), "{screen}");
            assert!(screen.contains("nothing changes yet"), "{screen}");
            assert_eq!(screen.contains("● done    isolate-instance  i-"), at == 8, "{screen}");
            assert!(taken.contains("isolate-instance"), "{screen}");
        }
    }
}

#[test]
fn one_tab_leads_to_the_values_and_what_a_command_takes_is_completed() {
    use crate::app::state::Prompt;
    let mut state = full(Mode::Watch);
    let line = |state: &State| match &state.prompt {
        Some(Prompt::Filter { line, .. } | Prompt::Command { line, .. }) => line.text().to_owned(),
        other => panic!("{other:?}"),
    };
    press(&mut state, &["/", "Ctrl-u", "a", "c", "c", "Tab"]);
    assert_eq!(line(&state), "account:");
    press(&mut state, &["Tab"]);
    assert!(line(&state).len() > "account:".len(), "{}", line(&state));
    press(&mut state, &["Ctrl-u", "k", "e", "y", ":", "Tab"]);
    assert_eq!(line(&state), "key:AKIAIOSFODNN7EXAMPLE");
    for (typed, completed) in [
        ("sort se", "sort severity"),
        ("columns sev,inc", "columns sev,incident"),
        ("col", "columns "),
        ("view x", "view x"),
    ] {
        press(&mut state, &["Esc", ":"]);
        let keys: Vec<String> = typed.chars().map(String::from).collect();
        press(&mut state, &keys.iter().map(String::as_str).collect::<Vec<_>>());
        press(&mut state, &["Tab"]);
        assert_eq!(line(&state), completed, "{typed}");
    }
}

#[test]
fn the_banner_counts_what_is_not_enabled_and_names_give_way() {
    let mut state = fixture::blank(Mode::Respond);
    signed_in(&mut state, None);
    for (number, source) in Source::REGIONAL.into_iter().cycle().take(16).enumerate() {
        let found = if number < 14 {
            CoverageState::Complete
        } else {
            CoverageState::Disabled
        };
        let region = format!("us-east-{number}");
        coverage(&mut state, fixture::PROD, &region, source, found, None);
    }
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    assert!(shown(&buffer).contains("● 14 ok – 2 off"), "{}", shown(&buffer));
    signed_in(&mut state, Some("http://127.0.0.1:5000/somewhere"));
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    assert!(shown(&buffer).contains("● 14 – 2 "), "{}", shown(&buffer));
}

#[test]
fn files_are_never_good_news_and_nothing_is_read_again() {
    let mut state = fixture::blank(Mode::Watch);
    let told = "1 file with 3 findings, nothing is read from AWS. 2 entries were not understood: a.json, line 3";
    send(&mut state, Event::Offline(told.to_owned()));
    assert!(copied(&mut state, "r").is_none());
    assert!(said(&state).contains("Nothing is read from AWS"), "{}", said(&state));
    press(&mut state, &["C"]);
    for size in SIZES {
        let (buffer, _) = drawn(&mut state, size);
        let screen = shown(&buffer);
        assert!(
            screen.contains("only what the files hold") && screen.contains("a.json"),
            "{screen}"
        );
        assert!(!screen.contains("no gaps") && !screen.contains("asked yet"), "{screen}");
    }
}

#[test]
fn what_was_not_understood_in_files_is_counted_on_every_screen_and_listed_on_one() {
    let mut state = fixture::blank(Mode::Watch);
    send(&mut state, Event::Offline("1 file with 3 findings".to_owned()));
    let entries = (1..=6).map(|n| format!("mix.json:{n}:1: it is no finding")).collect();
    send(&mut state, Event::NotUnderstood { entries, count: 7 });
    for size in SIZES {
        let (buffer, _) = drawn(&mut state, size);
        assert!(shown(&buffer).contains("✗ 7 entries not read"), "{}", shown(&buffer));
    }
    press(&mut state, &["C"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let screen = shown(&buffer);
    for wanted in ["mix.json:1:1: it is no finding", "mix.json:6:1:", "and 1 more"] {
        assert!(screen.contains(wanted), "{wanted} in {screen}");
    }
}

#[test]
fn the_order_is_said_beside_the_filter_and_in_the_heading() {
    let mut state = full(Mode::Watch);
    typed(&mut state, "sort severity");
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let screen = shown(&buffer);
    assert!(screen.contains("by severity ▼") && screen.contains("SEV ▼"), "{screen}");
    press(&mut state, &["S"]);
    let (buffer, _) = drawn(&mut state, SIZES[1]);
    let screen = shown(&buffer);
    assert!(
        screen.contains("sorted by severity ▲") && screen.contains("SEV ▲"),
        "{screen}"
    );
}

#[test]
fn esc_goes_back_to_the_filter_of_the_beginning_before_it_clears() {
    let mut state = full(Mode::Watch);
    for wanted in ["!archived", "", ""] {
        if wanted == "!archived" {
            press(&mut state, &["/", "x", "Enter"]);
        }
        press(&mut state, &["Esc"]);
        assert_eq!(state.list.filter_text, wanted);
    }
}

#[test]
fn help_teaches_the_filter() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["?"]);
    let mut seen = String::new();
    for _ in 0..12 {
        let (buffer, _) = drawn(&mut state, SIZES[0]);
        seen.push_str(&shown(&buffer));
        press(&mut state, &["Ctrl-d"]);
    }
    for field in crate::findings::filter::FIELDS {
        assert!(seen.contains(field.example), "{}", field.example);
    }
    assert!(seen.contains("one is enough") && seen.contains("in quotes"), "{seen}");
}

#[test]
fn the_coverage_screen_says_the_whole_way_and_the_whole_of_a_long_fault() {
    let mut state = full(Mode::Watch);
    let how = "GuardDuty through its delegated administrator acme-security (222222222222): 3 members in 2 regions; "
        .repeat(3);
    let way = Event::Way {
        how: format!("{how}the end of the way."),
        may_miss: false,
    };
    send(&mut state, way);
    let fault = format!(
        "{}the end of the fault.",
        "7 messages were no events; they are kept aside. ".repeat(15)
    );
    let (queue, refused) = (Source::EventBridge, CoverageState::Refused);
    coverage(&mut state, "111111111111", "us-east-1", queue, refused, Some(&fault));
    press(&mut state, &["C", "j", "j", "j"]);
    let (buffer, _) = drawn(&mut state, SIZES[1]);
    let screen = shown(&buffer);
    assert!(
        screen.contains("the end of the way.") && screen.contains("the end of the fault."),
        "{screen}"
    );
    send(
        &mut state,
        Event::Way {
            how: how.repeat(4),
            may_miss: false,
        },
    );
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let screen = shown(&buffer);
    assert!(screen.contains("(quell doctor says more)"), "{screen}");
}

#[test]
fn a_row_of_the_coverage_screen_leaves_out_its_place_and_opens_in_whole() {
    let mut state = full(Mode::Watch);
    let fault = format!(
        "In 444444444444 us-east-1, page 1: {}the end.",
        "the page was cut. ".repeat(99)
    );
    let (source, partial) = (Source::GuardDuty, CoverageState::Partial);
    coverage(&mut state, "444444444444", "us-east-1", source, partial, Some(&fault));
    press(&mut state, &["C", "/", "4", "4", "4", "4", "Enter", "j"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let screen = shown(&buffer);
    assert!(screen.contains("us-east-1      Page 1: the page was cut"), "{screen}");
    assert!(screen.contains("more lines; ↵ opens them"), "{screen}");
    press(&mut state, &["Enter"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    assert!(shown(&buffer).contains("lines 1–") && !shown(&buffer).contains("the end."));
    press(&mut state, &["G"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    assert!(shown(&buffer).contains("the end."), "{}", shown(&buffer));
    press(&mut state, &["Esc"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    assert!(shown(&buffer).contains("↵ opens them"), "back among the rows");
    press(&mut state, &["Esc"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    assert!(!shown(&buffer).contains("not complete"), "and then to the list");
}

#[test]
fn what_cannot_be_read_is_not_said_to_be_under_way() {
    use crate::action::{ReadFailure, ReadFailureKind, Reading};
    use crate::app::Effect;
    use crate::domain::Untrusted;
    let mut state = full(Mode::Watch);
    press(&mut state, &["g"]);
    let effects = send(&mut state, Event::Key("Enter".parse().unwrap(), fixture::now()));
    let reads = effects.into_iter().filter_map(|effect| match effect {
        Effect::Read { number, queries, .. } => Some((number, queries)),
        _ => None,
    });
    let at = fixture::now();
    for (number, queries) in reads.collect::<Vec<_>>() {
        let unread = |query| Reading {
            query,
            at,
            request_id: None,
            result: Err(ReadFailure {
                kind: ReadFailureKind::Unreachable,
                code: None,
                message: Untrusted::new("nothing is read from AWS"),
            }),
        };
        let readings = queries.into_iter().map(unread).collect();
        let again = send(&mut state, Event::Read { number, readings });
        assert!(
            !again.iter().any(|effect| matches!(effect, Effect::Read { .. })),
            "what was answered is not asked for for ever"
        );
    }
    let (buffer, _) = drawn(&mut state, SIZES[1]);
    let screen = shown(&buffer);
    assert!(screen.contains("i-0ab12cd34ef567890  not read"), "{screen}");
    assert!(!screen.contains("reading"), "{screen}");
}

/// Half a number reads as another number: what gives way to the counts is the order and the filter.
#[test]
fn no_count_above_the_list_is_cut() {
    let mut state = full(Mode::Watch);
    let counts = state.index.counts();
    let whole: Vec<String> = crate::domain::SeverityLabel::ALL
        .into_iter()
        .take(4)
        .map(|label| format!("{} {}  ", label.short(), counts.of(label)))
        .collect();
    typed(&mut state, "sort severity");
    press(&mut state, &["/"]);
    send(
        &mut state,
        Event::Paste("sev>=low !title:nothing-like-this-anywhere".to_owned()),
    );
    press(&mut state, &["Enter"]);
    for width in [80, 81, 100, 120, 160] {
        let (buffer, _) = drawn(&mut state, (width, 24));
        let screen = shown(&buffer);
        let line = screen.lines().find(|line| line.contains("CRIT ")).unwrap();
        assert!(whole.iter().all(|count| line.contains(count.as_str())), "{line}");
        assert!(line.contains("filter") && line.contains(" shown"), "{line}");
    }
}
