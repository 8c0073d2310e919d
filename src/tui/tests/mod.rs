//! Every screen, drawn and looked at.

mod fixture;
mod hostile;
mod screens;
mod scrolling;
mod words;
mod work;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::theme::Theme;
use crate::app::State;

/// The sizes that every screen is drawn at.
const SIZES: [(u16, u16); 2] = [(80, 24), (120, 36)];

/// Draws the state as `Terminal::draw` does, and gives back the cells and where the cursor is.
fn drawn(state: &mut State, (width, height): (u16, u16)) -> (Buffer, Option<(u16, u16)>) {
    let theme = Theme::load("plain").unwrap();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut furthest = 0;
    terminal
        .draw(|frame| furthest = super::draw(frame, state, &theme))
        .unwrap();
    state.furthest = furthest;
    state.size = (width, height);
    let cursor = terminal.backend().cursor_visible().then(|| {
        let at = terminal.get_cursor_position().unwrap();
        (at.x, at.y)
    });
    (terminal.backend().buffer().clone(), cursor)
}

/// The cells as text, one line a row. What a wide character covers is left out, as a terminal does.
fn shown(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(buffer) {
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = String> {
    let area = buffer.area;
    (0..area.height).map(move |y| {
        let mut line = String::new();
        let mut covered = 0;
        for x in 0..area.width {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            covered = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        line
    })
}
