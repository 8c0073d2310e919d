//! What hangs on the resource, as a tree from the resource outwards. A reason to look closer is marked with `!`.

use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::context::{self, Node};
use crate::app::incident::IncidentScreen;
use crate::app::scroll::Scroll;
use crate::tui::theme::Theme;
use crate::tui::{rule, text};

/// Draws the tree. `seen` says whether the cursor is in this pane.
pub fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    zone: &TimeZone,
    open: &IncidentScreen,
    scroll: Scroll,
    seen: bool,
    theme: &Theme,
) {
    let tree = context::tree(&open.incident, &open.facts, zone);
    let width = usize::from(area.width).saturating_sub(1);
    let branches = branches(&tree.nodes);
    let rows: Vec<Vec<Line<'static>>> = tree
        .nodes
        .iter()
        .zip(branches)
        .map(|(node, branch)| node_lines(node, &branch, width, theme))
        .collect();
    let cursor = scroll.cursor.min(rows.len().saturating_sub(1));
    let total: usize = rows.iter().map(Vec::len).sum();
    // Where not all of it fits, the last row says so.
    let over = u16::from(total > usize::from(area.height));
    let [body, last] = Layout::vertical([Constraint::Min(0), Constraint::Length(over)]).areas(area);
    let first = window(&rows, cursor, usize::from(body.height));
    let above: usize = rows[..first].iter().map(Vec::len).sum();
    if over > 0 {
        let end = (above + usize::from(body.height)).min(total);
        rule(frame, last, &format!("lines {}–{end} of {total}", above + 1), theme);
    }
    let lines = rows[first..]
        .iter()
        .enumerate()
        .flat_map(|(place, lines)| lines.iter().map(move |line| (first + place, line)));
    for ((place, line), row) in lines.zip(body.rows()) {
        text::put_line(frame, row, line);
        if seen && place == cursor {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
    if !tree.missing.is_empty()
        && let Some(row) = body.rows().nth(total - above)
    {
        text::put_line(frame, row, &Line::styled("   reading more …", theme.dim));
    }
}

/// The first row such that the row under the cursor is seen whole, near the middle where it can be.
fn window(rows: &[Vec<Line<'_>>], cursor: usize, height: usize) -> usize {
    let total: usize = rows.iter().map(Vec::len).sum();
    if total <= height {
        return 0;
    }
    let mut above = (height / 2).min(height.saturating_sub(rows[cursor].len()));
    let mut first = cursor;
    while first > 0 && rows[first - 1].len() <= above {
        first -= 1;
        above -= rows[first].len();
    }
    // At the end the window is filled from below.
    let mut left: usize = rows[first..].iter().map(Vec::len).sum();
    while first > 0 && left + rows[first - 1].len() <= height {
        first -= 1;
        left += rows[first].len();
    }
    first
}

/// The lines that join each node to its parent: what stands before it, and before the lines that continue it.
fn branches(nodes: &[Node]) -> Vec<(String, String)> {
    let last_of_its_kin = |place: usize| {
        let depth = nodes[place].depth;
        nodes[place + 1..]
            .iter()
            .find(|n| n.depth <= depth)
            .is_none_or(|n| n.depth < depth)
    };
    // For every depth, whether the ancestor there has younger siblings, so that its line goes on downwards.
    let mut open: Vec<bool> = Vec::new();
    let mut out = Vec::with_capacity(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        let last = last_of_its_kin(place);
        open.resize(node.depth, false);
        let mut before: String = open.iter().skip(1).map(|on| if *on { "│  " } else { "   " }).collect();
        let mut after = before.clone();
        if node.depth > 0 {
            before.push_str(if last { "└─ " } else { "├─ " });
            after.push_str(if last { "   " } else { "│  " });
        }
        out.push((before, after));
        open.push(!last);
    }
    out
}

fn node_lines(node: &Node, branch: &(String, String), width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let style = if node.marked { theme.danger } else { theme.text };
    let sign = if node.marked { "! " } else { "  " };
    let head = format!("{} {}", node.kind, node.id);
    let said = if node.note.is_empty() {
        head.clone()
    } else {
        format!("{head}  {}", node.note)
    };
    let room = width.saturating_sub(3 + Span::raw(branch.0.as_str()).width());
    text::wrap(&said, room)
        .into_iter()
        .enumerate()
        .map(|(number, part)| {
            let (sign, branch) = if number == 0 {
                (sign, &branch.0)
            } else {
                ("  ", &branch.1)
            };
            let mut spans = vec![
                Span::styled(format!(" {sign}"), style),
                Span::styled(branch.clone(), theme.rule),
            ];
            // The note is told apart from the id by its look, where all of the id is on this line.
            match part.strip_prefix(head.as_str()).filter(|_| number == 0 && !node.marked) {
                Some(note) => {
                    spans.push(Span::styled(head.clone(), theme.text));
                    spans.push(Span::styled(note.to_owned(), theme.dim));
                }
                None => spans.push(Span::styled(part, style)),
            }
            Line::from(spans)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_join_children_to_parents() {
        let node = |depth| Node {
            depth,
            kind: "x",
            id: String::new(),
            note: String::new(),
            marked: false,
        };
        let nodes: Vec<Node> = [0, 1, 2, 2, 1, 2, 0].into_iter().map(node).collect();
        let drawn: Vec<String> = branches(&nodes).into_iter().map(|(b, _)| b).collect();
        assert_eq!(drawn, ["", "├─ ", "│  ├─ ", "│  └─ ", "└─ ", "   └─ ", ""]);
    }

    #[test]
    fn the_row_under_the_cursor_is_always_in_the_window() {
        let rows: Vec<Vec<Line<'_>>> = (0..20).map(|n| vec![Line::default(); 1 + n % 3]).collect();
        for height in 3..30 {
            for cursor in 0..20 {
                let first = window(&rows, cursor, height);
                let until: usize = rows[first..=cursor].iter().map(Vec::len).sum();
                assert!(first <= cursor && until <= height, "{height} {cursor}");
            }
        }
    }
}
