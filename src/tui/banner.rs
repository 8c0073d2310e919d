//! The first line of every screen: the mode, who one is, where it all goes to, what could be read, and the time.

use std::fmt::Write;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use unicode_width::UnicodeWidthStr;

use super::describe;
use super::text;
use super::theme::Theme;
use crate::app::state::Identity;
use crate::app::{Mode, State};
use crate::domain::Untrusted;
use crate::findings::CoverageState;
use crate::findings::output::cut;

/// Columns of a name where there is no room for all of it.
const SHORT: usize = 12;

/// Said where there may be accounts or regions that nobody named.
const UNNAMED: &str = "  ✗ not all listed";

/// Draws the banner.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: &Theme) {
    let style = match state.mode {
        Mode::Watch => theme.banner_watch,
        Mode::Respond => theme.banner_respond,
        Mode::Drill => theme.banner_drill,
    };
    frame.buffer_mut().set_style(area, style);
    let width = usize::from(area.width);
    let (left, said, clock) = sides(state, width);
    let unnamed = unnamed(state);
    let right = vec![
        text::span(said, style),
        // On the terminal's own ground, against which the theme chose its red; the banner's may be near to it.
        text::span(unnamed, Style::new().bg(Color::Reset).patch(theme.danger)),
        text::span(clock, style),
    ];
    let line = text::edges(vec![text::span(left, style)], right, width);
    text::put_line(frame, area, &line);
}

/// What stands at the left, and at the right the coverage and the clock: the most that fits. Names give way before anything that
/// could not be read does, and that something is missing is said in any case.
fn sides(state: &State, width: usize) -> (String, String, String) {
    let clock = describe::clock(state, state.now);
    let unnamed = unnamed(state).width();
    let (whole, short) = (left(state, usize::MAX), left(state, SHORT));
    let tries = [
        (&whole, Detail::All),
        (&whole, Detail::Extent),
        (&whole, Detail::States),
        (&short, Detail::States),
        (&short, Detail::Gaps),
    ];
    for (left, detail) in tries {
        let (said, clock) = (coverage(state, detail), format!("   {clock} "));
        if left.width() + said.width() + unnamed + clock.width() + 2 <= width {
            return (left.clone(), said, clock);
        }
    }
    let (said, clock) = (gaps(state), format!("  {clock} "));
    let left = if whole.width() + said.width() + unnamed + clock.width() < width {
        whole
    } else {
        short
    };
    (left, said, clock)
}

/// What is missing without a row that would say so.
fn unnamed(state: &State) -> String {
    match state.coverage.misunderstood() {
        0 => state.coverage.unnamed().map_or("", |_| UNNAMED).to_owned(),
        1 => "  ✗ 1 entry not read".to_owned(),
        n => format!("  ✗ {n} entries not read"),
    }
}

/// What stands at the left, each name in at most so many columns.
fn left(state: &State, most: usize) -> String {
    let mut parts = vec![" quell".to_owned(), state.mode.word().to_owned()];
    match &state.identity {
        None if state.offline.is_some() => parts.push("files, not AWS".to_owned()),
        None if state.fatal.is_some() => parts.push("not signed in".to_owned()),
        None => match &state.presumed {
            None => parts.push("signing in …".to_owned()),
            Some(last) => {
                // Where room is short this is worth more than the account's name.
                parts.push("caller not confirmed".to_owned());
                if most == SHORT {
                    parts.push(cut(&name(last), most).into_owned());
                } else {
                    who(state, last, most, &mut parts);
                }
            }
        },
        Some(identity) => who(state, identity, most, &mut parts),
    }
    parts.join(" · ")
}

/// Where it all goes to and who one is there.
fn who(state: &State, identity: &Identity, most: usize, parts: &mut Vec<String>) {
    // What is not AWS must not be taken for it, so it stands before the name.
    if let Some(endpoint) = &identity.endpoint {
        parts.push(format!("not AWS: {}", Untrusted::new(endpoint.as_str())));
    }
    let account = state.account_label(&identity.account);
    parts.push(format!("{}/{}", cut(&account, most), cut(&name(identity), most)));
}

/// The last part of the caller's ARN.
fn name(identity: &Identity) -> String {
    let name = identity.arn.rsplit(['/', ':']).next().unwrap_or_default();
    Untrusted::new(name).shown()
}

/// How much of the coverage is said, from all of it to only what is missing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Gaps,
    States,
    Extent,
    All,
}

/// How much could be read: `4 accounts × 2 regions  ● 15 ok ◐ 1 partial`. From counts that are kept up to date row by row.
fn coverage(state: &State, detail: Detail) -> String {
    let tally = state.coverage.tally();
    if tally.total() == 0 {
        return String::new();
    }
    let mut out = String::new();
    if detail >= Detail::Extent {
        let (accounts, regions) = state.coverage.extent();
        out = format!(
            "{accounts} account{} × {regions} region{} ",
            plural(accounts),
            plural(regions)
        );
    }
    let disabled = if detail == Detail::All { "not enabled" } else { "off" };
    let whole = state.coverage.gaps() + tally.of(CoverageState::Reading) == 0;
    for (wanted, word, from) in [
        (CoverageState::Complete, "ok", Detail::States),
        (CoverageState::Partial, "partial", Detail::Gaps),
        (CoverageState::Refused, "refused", Detail::Gaps),
        (CoverageState::Stale, "stale", Detail::Gaps),
        (CoverageState::Reading, "reading", Detail::Gaps),
        (CoverageState::Disabled, disabled, Detail::All),
    ] {
        let n = tally.of(wanted);
        if n > 0 && (detail >= from || whole) {
            let _ = write!(out, " {} {n} {word}", describe::coverage_glyph(wanted));
        }
    }
    out.trim_start().to_owned()
}

/// Only what is missing, in as little room as possible.
fn gaps(state: &State) -> String {
    let tally = state.coverage.tally();
    match (state.coverage.gaps(), tally.of(CoverageState::Reading)) {
        (0, 0) if tally.total() == 0 => String::new(),
        (0, 0) => {
            let mut out = format!("● {}", tally.of(CoverageState::Complete));
            let off = tally.of(CoverageState::Disabled);
            if off > 0 {
                let _ = write!(out, " {} {off}", describe::coverage_glyph(CoverageState::Disabled));
            }
            out
        }
        (0, reading) => format!("◌ {reading} reading"),
        (gaps, _) => format!("✗ {gaps} gap{}", plural(gaps)),
    }
}

/// The letter that makes a word one of many.
pub fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
