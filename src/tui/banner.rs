//! The first line of every screen: the mode, who one is, where it all goes to, what could be read, and the time.

use std::fmt::Write;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use unicode_width::UnicodeWidthStr;

use super::describe;
use super::text;
use super::theme::Theme;
use crate::app::{Mode, State};
use crate::domain::Untrusted;
use crate::findings::CoverageState;

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
    let left = left(state);
    let clock = describe::clock(state, state.now);
    let room = width.saturating_sub(left.width() + 2);
    // The longest that fits. That something is missing is said in any case; a long name gives way to it.
    let mut said = [Detail::All, Detail::Extent, Detail::States, Detail::Gaps]
        .into_iter()
        .map(|detail| coverage(state, detail));
    let unnamed = state.coverage.unnamed().map_or("", |_| UNNAMED);
    let clock = format!("   {clock} ");
    let right = said.find(|said| said.width() + unnamed.width() + clock.width() <= room);
    let right = match right {
        Some(said) => vec![
            text::span(said, style),
            // On the terminal's own ground, against which the theme chose its red; the banner's may be near to it.
            text::span(unnamed, Style::new().bg(Color::Reset).patch(theme.danger)),
            text::span(clock, style),
        ],
        None => vec![text::span(format!("{}{}", gaps(state), &clock[1..]), style)],
    };
    let line = text::edges(vec![text::span(left, style)], right, width);
    text::put_line(frame, area, &line);
}

fn left(state: &State) -> String {
    let mut parts = vec![" quell".to_owned(), state.mode.word().to_owned()];
    match &state.identity {
        None if state.offline.is_some() => parts.push("files, not AWS".to_owned()),
        None if state.fatal.is_some() => parts.push("not signed in".to_owned()),
        None => parts.push("signing in …".to_owned()),
        Some(identity) => {
            // What is not AWS must not be taken for it, so it stands before the name.
            if let Some(endpoint) = &identity.endpoint {
                parts.push(format!("not AWS: {}", Untrusted::new(endpoint.as_str())));
            }
            let name = identity.arn.rsplit(['/', ':']).next().unwrap_or_default();
            parts.push(format!(
                "{}/{}",
                state.account_label(&identity.account),
                Untrusted::new(name)
            ));
        }
    }
    parts.join(" · ")
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
    let whole = state.coverage.gaps() + tally.of(CoverageState::Reading) == 0;
    for (wanted, word, from) in [
        (CoverageState::Complete, "ok", Detail::States),
        (CoverageState::Partial, "partial", Detail::Gaps),
        (CoverageState::Refused, "refused", Detail::Gaps),
        (CoverageState::Stale, "stale", Detail::Gaps),
        (CoverageState::Reading, "reading", Detail::Gaps),
        (CoverageState::Disabled, "not enabled", Detail::All),
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
        (0, 0) => "● all ok".to_owned(),
        (0, reading) => format!("◌ {reading} reading"),
        (gaps, _) => format!("✗ {gaps} gap{}", plural(gaps)),
    }
}

/// The letter that makes a word one of many.
pub fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
