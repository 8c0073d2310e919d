//! Work on the list and the coverage: copying, links, views, columns.

use super::fixture::{self, INSTANCE, coverage, full, press, send, signed_in};
use super::{SIZES, drawn, shown};
use crate::app::key::Key;
use crate::app::{Effect, Event, Mode, State};
use crate::findings::{CoverageState, Source};

/// Presses a key and gives back what was copied.
pub fn copied(state: &mut State, key: &str) -> Option<String> {
    let at = state.now;
    let effects = send(state, Event::Key(key.parse::<Key>().unwrap(), at));
    effects.into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    })
}

pub fn typed(state: &mut State, text: &str) {
    press(state, &[":"]);
    send(state, Event::Paste(text.to_owned()));
    press(state, &["Enter"]);
}

pub fn said(state: &State) -> &str {
    state.message.as_ref().map_or("", |message| message.text.as_str())
}

#[test]
fn the_id_the_resource_and_the_link_are_copied_and_shown() {
    let mut state = full(Mode::Watch);
    assert_eq!(copied(&mut state, "y").as_deref(), Some("f-2-36"));
    assert!(said(&state).contains("f-2-36"));
    assert_eq!(copied(&mut state, "Y").as_deref(), Some(INSTANCE));
    let link = copied(&mut state, "o").unwrap();
    assert_eq!(
        link,
        "https://ap-northeast-2.console.aws.amazon.com/guardduty/home?region=ap-northeast-2#/findings?macros=current&fId=f-2-36"
    );
    let (buffer, _) = drawn(&mut state, SIZES[1]);
    let screen = shown(&buffer).replace(['\n', ' '], "");
    assert!(
        !screen.contains("https://") && screen.contains("ap-northeast-2.console.aws.amazon.com/…"),
        "{screen}"
    );
    assert!(said(&state).contains("prod (222222222222) in ap-northeast-2"));
}

#[test]
fn what_an_attacker_named_is_copied_as_it_is_shown() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["Tab"]);
    for _ in 0..state.list.len() {
        if state.current().unwrap().lead().title.raw().contains('\u{1b}') {
            break;
        }
        press(&mut state, &["j"]);
    }
    for key in ["y", "Y", "o"] {
        let text = copied(&mut state, key).unwrap();
        assert!(text.contains("evil"), "{text}");
        assert!(
            !text.chars().any(char::is_control) && !text.contains('\u{202e}'),
            "{text:?}"
        );
    }
}

#[test]
fn a_link_at_another_endpoint_says_that_it_leads_nowhere() {
    let mut state = full(Mode::Drill);
    signed_in(&mut state, Some("http://127.0.0.1:5000"));
    copied(&mut state, "o").unwrap();
    assert!(said(&state).contains("not AWS"), "{}", said(&state));
}

#[test]
fn a_view_sets_the_filter_and_a_new_one_is_kept_until_the_end() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["2"]);
    assert_eq!(state.list.filter_text, "sev>=high !archived");
    press(&mut state, &["9"]);
    assert!(said(&state).contains("There is no view 9"));
    typed(&mut state, "save-view the \"worst\" of them");
    let kept = state.look.views.len();
    assert!(
        said(&state).contains(r#"filter = "sev>=high !archived""#),
        "{}",
        said(&state)
    );
    press(&mut state, &["1"]);
    assert_eq!(state.list.filter_text, "!archived");
    typed(&mut state, "view THE \"WORST\" of them");
    assert_eq!(state.list.filter_text, "sev>=high !archived");
    press(&mut state, &["1"]);
    press(&mut state, &[kept.to_string().as_str()]);
    assert_eq!(state.list.filter_text, "sev>=high !archived");
}

#[test]
fn what_a_view_is_saved_as_can_be_read_back() {
    let view = crate::app::views::View {
        name: "한글 \"q\" \\".to_owned(),
        filter: "title:\"a b\"".to_owned(),
    };
    // Behind what the README shows, and twice.
    let other =
        "theme = \"dark\"\n[[view]]\nname = \"mine\"\nfilter = \"archived\"\n[[rule]]\nat = 7.0\ndo = \"prepare\"\n";
    let text = format!("{other}{}{}", view.as_toml(), view.as_toml());
    let config = crate::config::Config::parse(std::path::Path::new("c.toml"), &text).unwrap();
    assert_eq!(config.view[1..], [view.clone(), view]);
}

#[test]
fn bad_columns_leave_the_columns_as_they_were() {
    let mut state = full(Mode::Watch);
    let before = state.look.columns.clone();
    typed(&mut state, "columns sev,colour");
    assert_eq!(state.look.columns, before);
    assert!(said(&state).contains("there is no column \"colour\""));
    typed(&mut state, "columns sev,incident");
    assert_eq!(state.look.columns.len(), 2);
}

/// An organisation in which every account but two is complete, with `accounts` × 17 × 2 rows.
fn organisation(accounts: u32) -> State {
    let mut state = fixture::blank(Mode::Watch);
    signed_in(&mut state, None);
    for account in 0..accounts {
        let id = format!("{:012}", 100_000_000_000_u64 + u64::from(account));
        for region in 0..17 {
            for source in Source::REGIONAL {
                let (said, error) = match (account, region, source) {
                    (7, ..) => (
                        CoverageState::Refused,
                        Some("AccessDeniedException: no quell-reader here."),
                    ),
                    (9, 3, Source::SecurityHub) => (CoverageState::Stale, None),
                    _ => (CoverageState::Complete, None),
                };
                coverage(&mut state, &id, &format!("eu-west-{region}"), source, said, error);
            }
        }
    }
    state
}

#[test]
fn a_large_organisation_is_told_by_account_and_can_be_narrowed() {
    let mut state = organisation(200);
    assert_eq!(
        (state.coverage.tally().total(), state.coverage.tally().gaps()),
        (6800, 35)
    );
    press(&mut state, &["C"]);
    // One line an account, two for the refused sources of one and one for the stale one of another.
    assert_eq!(state.coverage.lines().len(), 200 + 2 + 1);
    let (buffer, _) = drawn(&mut state, SIZES[1]);
    let screen = shown(&buffer);
    assert!(screen.contains("35 of 6800 sources not complete"), "{screen}");
    assert!(
        screen.contains("34 refused") && screen.contains("17 regions"),
        "{screen}"
    );
    press(&mut state, &["/"]);
    send(&mut state, Event::Paste("stale".to_owned()));
    press(&mut state, &["Enter", "j"]);
    assert_eq!(state.coverage.lines().len(), 2);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let screen = shown(&buffer);
    assert!(screen.contains("only: stale · 1 of 6800 shown"), "{screen}");
    assert_eq!(
        copied(&mut state, "y").as_deref(),
        Some("100000000009 eu-west-3 Security Hub stale")
    );
    press(&mut state, &["/", "Ctrl-u", "Enter"]);
    assert_eq!(state.coverage.lines().len(), 203);
}

#[test]
fn accounts_that_nobody_named_are_a_gap_on_every_screen() {
    let mut state = fixture::blank(Mode::Watch);
    signed_in(&mut state, None);
    coverage(
        &mut state,
        "100000000000",
        "eu-west-1",
        Source::GuardDuty,
        CoverageState::Complete,
        None,
    );
    let way = |may_miss| Event::Way {
        how: "The organisation's accounts could not be listed.".to_owned(),
        may_miss,
    };
    send(&mut state, way(true));
    for size in SIZES {
        let screen = shown(&drawn(&mut state, size).0);
        let banner = screen.lines().next().unwrap();
        assert!(
            banner.contains("not all listed") || banner.contains("1 gap"),
            "{banner}"
        );
        assert!(screen.contains("may be missing"), "{screen}");
        assert!(!screen.contains("Everything was read completely"), "{screen}");
    }
    press(&mut state, &["C"]);
    let screen = shown(&drawn(&mut state, SIZES[1]).0);
    assert!(
        screen.contains("not all known") && screen.contains("could not be listed"),
        "{screen}"
    );
    assert!(!screen.contains("no gaps"), "{screen}");
    send(&mut state, way(false));
    let now = state.now;
    send(&mut state, Event::Tick(now));
    let screen = shown(&drawn(&mut state, SIZES[1]).0);
    assert!(screen.contains("no gaps") && !screen.contains("not all"), "{screen}");
}

#[test]
fn the_cursor_stays_with_its_account_while_others_arrive_above() {
    let mut state = organisation(5);
    press(&mut state, &["C", "j", "j"]);
    let wanted = state.coverage.lines()[2].clone();
    coverage(
        &mut state,
        "999999999999",
        "eu-west-1",
        Source::GuardDuty,
        CoverageState::Refused,
        None,
    );
    let now = state.now;
    send(&mut state, Event::Tick(now));
    let crate::app::Screen::Coverage(scroll) = state.screen() else {
        panic!("{:?}", state.screen())
    };
    assert_eq!((scroll.cursor, &state.coverage.lines()[scroll.cursor]), (4, &wanted));
}

#[test]
fn tab_goes_through_the_candidates_and_back_to_what_was_typed() {
    let mut state = full(Mode::Watch);
    let line = |state: &State| match &state.prompt {
        Some(crate::app::state::Prompt::Filter { line, .. }) => line.text().to_owned(),
        other => panic!("{other:?}"),
    };
    press(&mut state, &["/", "Ctrl-u"]);
    send(&mut state, Event::Paste("sev>=high acc".to_owned()));
    press(&mut state, &["o", "Tab"]);
    assert_eq!(line(&state), "sev>=high account:");
    press(&mut state, &["p", "Tab"]);
    assert_eq!(line(&state), "sev>=high account:prod");
    assert_eq!(state.list.filter_text, "sev>=high account:prod", "the list follows");
    press(&mut state, &["Tab"]);
    assert_eq!(line(&state), "sev>=high account:p");
    press(&mut state, &["BackTab", " ", "t", "y", "Tab", "c", "r", "y"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let screen = shown(&buffer);
    assert!(
        screen.contains(" type~CryptoCurrency:EC2/BitcoinTool.B!DNS"),
        "{screen}"
    );
    press(&mut state, &["Tab", "Enter"]);
    assert_eq!(
        state.list.filter_text,
        "sev>=high account:prod type~CryptoCurrency:EC2/BitcoinTool.B!DNS"
    );
    assert_eq!(state.list.len(), 1);
}

#[test]
fn rows_are_marked_counted_and_sorted() {
    let mut state = full(Mode::Watch);
    press(&mut state, &["Space", "Space"]);
    let (buffer, _) = drawn(&mut state, SIZES[0]);
    let screen = shown(&buffer);
    assert!(screen.contains(" 2 marked "), "{screen}");
    assert_eq!(
        screen.lines().filter(|line| line.starts_with(" * ")).count(),
        2,
        "{screen}"
    );
    press(&mut state, &["U"]);
    assert_eq!(state.list.marks(), 0);
    typed(&mut state, "sort account");
    assert!(said(&state).contains("Sorted by account"), "{}", said(&state));
    press(&mut state, &["S"]);
    assert!(said(&state).contains("turned round"), "{}", said(&state));
    typed(&mut state, "sort colour");
    assert!(said(&state).contains("urgency"), "{}", said(&state));
}

#[test]
fn tab_shows_findings_and_back() {
    let mut state = full(Mode::Watch);
    let incidents = state.list.len();
    press(&mut state, &["Tab"]);
    assert!(
        state.list.len() > incidents,
        "the fixture has an incident of several findings"
    );
    press(&mut state, &["Tab"]);
    assert_eq!(state.list.len(), incidents);
}
