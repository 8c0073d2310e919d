//! Text on its way to the screen: cleaned, wrapped, cut, and put into lines.
//!
//! Owns: the last gate before the frame. Whatever is drawn goes through `clean`, however safe it claims to be. Must never: cut
//! text without a sign that it was cut.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::Untrusted;
use crate::findings::output::{cut, fit};

/// The form that may be shown. Text that was cleaned before stays as it is.
pub fn clean(text: &str) -> String {
    Untrusted::new(text).shown()
}

/// A span of text, cleaned.
pub fn span(text: impl AsRef<str>, style: Style) -> Span<'static> {
    Span::styled(clean(text.as_ref()), style)
}

/// A cell of a table: cleaned, cut or filled to exactly `width` columns.
pub fn cell(text: impl AsRef<str>, width: usize, style: Style) -> Span<'static> {
    Span::styled(fit(&clean(text.as_ref()), width), style)
}

/// An id in a narrow column, cut in its middle: both ends tell ids apart, the middle does not.
pub fn short_id(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.width() <= width || width < 7 {
        return cut(&text, width).into_owned();
    }
    let tail_width = (width - 1) * 3 / 5;
    let mut tail: Vec<&str> = Vec::new();
    let mut used = 0;
    for grapheme in text.graphemes(true).rev() {
        if used + grapheme.width() > tail_width {
            break;
        }
        used += grapheme.width();
        tail.push(grapheme);
    }
    tail.reverse();
    let mut out = String::new();
    let mut left = width - 1 - used;
    for grapheme in text.graphemes(true) {
        if grapheme.width() > left {
            break;
        }
        left -= grapheme.width();
        out.push_str(grapheme);
    }
    format!("{out}…{}", tail.concat())
}

/// A name in a narrow column. Names of one house often begin alike, so where there is no room for both ends its end is kept.
pub fn short_name(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.width() <= width || width >= 7 || width == 0 {
        return short_id(&text, width);
    }
    let mut from = text.len();
    for (at, _) in text.grapheme_indices(true).rev() {
        if text[at..].width() >= width {
            break;
        }
        from = at;
    }
    format!("…{}", text[from..].trim_start())
}

/// Where the text breaks into lines of at most `width` columns: at spaces, or inside a word that is longer than a line.
/// There is always at least one line.
pub fn breaks(text: &str, width: usize) -> Vec<Range<usize>> {
    let width = width.max(2);
    let mut lines = Vec::new();
    let (mut start, mut used, mut space) = (0, 0, None::<usize>);
    for (at, grapheme) in text.grapheme_indices(true) {
        let cells = grapheme.width();
        if grapheme == " " && used >= width {
            // The line is full and a space follows: the space is where it ends.
            lines.push(start..at);
            (start, used, space) = (at + 1, 0, None);
            continue;
        }
        if used + cells > width {
            let (end, next) = match space {
                Some(space) if space > start => (space, space + 1),
                _ => (at, at),
            };
            lines.push(start..end);
            start = next;
            used = text[start..at].width();
            space = None;
        }
        if grapheme == " " {
            space = Some(at);
        }
        used += cells;
    }
    if start < text.len() || lines.is_empty() {
        lines.push(start..text.len());
    }
    lines
}

/// The text in lines of at most `width` columns, cleaned. Line ends in the text are kept.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    text.lines()
        .map(clean)
        .flat_map(|line| {
            breaks(&line, width)
                .into_iter()
                .map(|range| line[range].to_owned())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// A label in its own column, and text that wraps beside it.
pub fn labelled(lines: &mut Vec<Line<'static>>, label: (&str, usize, Style), text: &str, width: usize, style: Style) {
    let (word, column, label_style) = label;
    for (number, part) in wrap(text, width.saturating_sub(column)).into_iter().enumerate() {
        let head = if number == 0 { word } else { "" };
        lines.push(Line::from(vec![
            cell(head, column, label_style),
            Span::styled(part, style),
        ]));
    }
}

/// Puts the lines from `first` on into the area, and says how far they could be scrolled.
pub fn put(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>], first: usize) -> usize {
    let height = usize::from(area.height);
    let furthest = lines.len().saturating_sub(height);
    for (row, line) in area.rows().zip(lines.iter().skip(first.min(furthest))) {
        frame.buffer_mut().set_line(row.x, row.y, line, row.width);
    }
    furthest
}

/// Puts one line at the top of the area.
pub fn put_line(frame: &mut Frame<'_>, area: Rect, line: &Line<'_>) {
    if area.height > 0 {
        frame.buffer_mut().set_line(area.x, area.y, line, area.width);
    }
}

/// One line with something at its left and something at its right. Where both do not fit, the left is cut, with a sign.
pub fn edges(left: Vec<Span<'static>>, right: Vec<Span<'static>>, width: usize) -> Line<'static> {
    let right_width: usize = right.iter().map(Span::width).sum();
    let room = width.saturating_sub(right_width + usize::from(right_width > 0));
    let mut spans = clip(left, room);
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::raw(" ".repeat(width.saturating_sub(right_width + used))));
    spans.extend(right);
    Line::from(spans)
}

/// Spans cut to at most `width` columns; what was cut ends in `…`.
pub fn clip(spans: Vec<Span<'static>>, width: usize) -> Vec<Span<'static>> {
    let mut left = width;
    let mut out = Vec::with_capacity(spans.len());
    let total: usize = spans.iter().map(Span::width).sum();
    if total <= width {
        return spans;
    }
    for span in spans {
        let cells = span.width();
        if cells < left {
            left -= cells;
            out.push(span);
            continue;
        }
        // Something follows or this one is too long: either way the sign stands here.
        let kept = match cut(&span.content, left) {
            Cow::Borrowed(all) => cut(&format!("{all}…"), left).into_owned(),
            Cow::Owned(kept) => kept,
        };
        out.push(Span::styled(kept, span.style));
        break;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_asked_and_no_word_is_lost() {
        let text = "The instance i-0ab12cd34ef567890 은 한국어 이름을 가진 서버이다 and x".repeat(4);
        for width in 2..90 {
            let lines = wrap(&text, width);
            assert!(lines.iter().all(|l| l.width() <= width), "{width}: {lines:?}");
            let squeeze = |s: &str| s.replace(' ', "");
            assert_eq!(squeeze(&lines.concat()), squeeze(&text), "{width}");
        }
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn ids_keep_both_ends() {
        assert_eq!(short_id("i-0ab12cd34ef567890", 12), "i-0ab…567890");
        assert_eq!(short_id("web", 12), "web");
        assert!(short_id("데이터-창고-버킷-이름", 12).width() <= 12);
    }

    #[test]
    fn names_that_begin_alike_stay_apart_in_narrow_columns() {
        assert_eq!(short_name("acme-prod", 6), "…-prod");
        assert_eq!(short_name("acme-data", 6), "…-data");
        assert_eq!(short_name("acme-management", 9), "acme…ment");
        assert_eq!(short_name("prod", 6), "prod");
        assert_eq!(short_name("개발 계정", 6), "…계정");
        assert_eq!(short_name("prod", 1), "…");
        assert_eq!(short_name("prod", 0), "");
    }

    #[test]
    fn edges_fill_the_line_and_cut_the_left() {
        let line = |left: &str| edges(vec![Span::raw(left.to_owned())], vec![Span::raw("right")], 16).to_string();
        assert_eq!(line("left"), "left       right");
        assert_eq!(line("a longer left side"), "a longer … right");
    }
}
