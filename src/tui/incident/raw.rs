//! The finding's JSON, indented, with what was searched for marked.

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::earlier;
use crate::app::State;
use crate::app::earlier::Shown;
use crate::app::incident::IncidentScreen;
use crate::tui::text::{self, breaks, clean};
use crate::tui::theme::Theme;

/// Draws the JSON around the cursor. Long lines are wrapped; only what is seen is formatted.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, open: &IncidentScreen, theme: &Theme) {
    let area = earlier::head(frame, area, state, open, theme);
    if open.earlier.shown == Shown::List {
        return earlier::draw(frame, area, state, open, theme);
    }
    let height = usize::from(area.height);
    let (lines, scroll) = (open.json(), open.json_scroll());
    if lines.is_empty() {
        text::put_line(frame, area, &Line::styled(" ◌ Fetching what AWS sent …", theme.caution));
        return;
    }
    let cursor = scroll.cursor.min(lines.len().saturating_sub(1));
    let digits = lines.len().to_string().len();
    let room = usize::from(area.width).saturating_sub(digits + 3);
    let mut first = scroll.first(height, lines.len());
    // Wrapped lines above may push the cursor out of the window; then the window begins later.
    while first < cursor && (first..=cursor).map(|at| breaks(&lines[at], room).len()).sum::<usize>() > height {
        first += 1;
    }
    let mut y = area.y;
    for (number, line) in lines.iter().enumerate().skip(first) {
        let line = clean(line);
        let found = found(&line, &open.search);
        for (part, range) in breaks(&line, room).into_iter().enumerate() {
            if y >= area.bottom() {
                return;
            }
            let row = Rect { y, height: 1, ..area };
            let head = if part == 0 {
                (number + 1).to_string()
            } else {
                String::new()
            };
            let mut spans = vec![Span::styled(format!(" {head:>digits$}  "), theme.dim)];
            spans.extend(marked(&line, &range, &found, theme.text, theme.found));
            text::put_line(frame, row, &Line::from(spans));
            if number == cursor {
                frame.buffer_mut().set_style(row, theme.selected);
                repaint(frame, row, &line, &range, &found, digits, theme);
            }
            y += 1;
        }
    }
}

/// The cursor's own look must not hide what was found.
fn repaint(
    frame: &mut Frame<'_>,
    row: Rect,
    line: &str,
    range: &Range<usize>,
    found: &[Range<usize>],
    digits: usize,
    theme: &Theme,
) {
    let mut x = row.x + u16::try_from(digits + 3).unwrap_or_default();
    for span in marked(line, range, found, theme.text.patch(theme.selected), theme.found) {
        let width = u16::try_from(span.width()).unwrap_or_default();
        let cells = Rect { x, width, ..row }.intersection(row);
        frame.buffer_mut().set_style(cells, span.style);
        x = x.saturating_add(width);
    }
}

/// The spans of one part of a line.
fn marked(line: &str, part: &Range<usize>, found: &[Range<usize>], plain: Style, hit: Style) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut at = part.start;
    for place in found {
        let (start, end) = (place.start.clamp(at, part.end), place.end.clamp(at, part.end));
        if start < end {
            spans.push(Span::styled(line[at..start].to_owned(), plain));
            spans.push(Span::styled(line[start..end].to_owned(), hit));
            at = end;
        }
    }
    spans.push(Span::styled(line[at..part.end].to_owned(), plain));
    spans
}

/// Where the wanted text stands in the line, in any case. The same rule as the search itself: lower case on both sides.
fn found(line: &str, wanted: &str) -> Vec<Range<usize>> {
    let wanted = wanted.to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut out: Vec<Range<usize>> = Vec::new();
    for (start, _) in line.char_indices() {
        if out.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let mut left = wanted.as_str();
        for (at, c) in line[start..].char_indices() {
            let lower: String = c.to_lowercase().collect();
            match left.strip_prefix(lower.as_str()) {
                Some("") => {
                    let end = start + at + c.len_utf8();
                    out.push(start..end);
                    break;
                }
                Some(rest) => left = rest,
                None => break,
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_found_in_any_case_and_script() {
        assert_eq!(found("Deploy-Bot deploy-bot", "deploy-bot"), [0..10, 11..21]);
        assert_eq!(found("서버 이름: 서버", "서버"), [0..6, 15..21]);
        assert!(found("abc", "").is_empty());
    }

    #[test]
    fn a_hit_across_a_break_is_marked_on_both_sides() {
        let (plain, hit) = (Style::new(), Style::new().bold());
        let spans = marked("abcdef", &(0..3), &[2..5, 5..6], plain, hit);
        assert_eq!(
            spans.iter().map(|s| s.content.as_ref()).collect::<Vec<_>>(),
            ["ab", "c", ""]
        );
        let spans = marked("abcdef", &(3..6), &[2..4, 5..6], plain, hit);
        assert_eq!(
            spans.iter().map(|s| s.content.as_ref()).collect::<Vec<_>>(),
            ["", "d", "e", "f", ""]
        );
    }
}
