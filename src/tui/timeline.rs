//! The small chart above the list: how many findings moved in each of the last 24 hours, and how bad the worst of them was.

use ratatui::style::Modifier;
use ratatui::text::Span;

use super::theme::Theme;
use crate::app::State;
use crate::domain::SeverityLabel;
use crate::findings::timeline::Bar;

/// How many bars there are, and how many hours each stands for, from the widest chart to the narrowest.
const SIZES: [(usize, usize); 4] = [(24, 1), (12, 2), (8, 3), (6, 4)];
const LEGEND: &str = " 24 h  ";
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The widest chart that fits, with its legend: `▁▂▁▁▃▇█▃▂ 24 h`. Nothing where there is no room for any.
pub fn spans(state: &State, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let fits = |(count, _): &&(usize, usize)| count + LEGEND.len() <= room;
    let Some((count, each)) = SIZES.iter().find(fits) else {
        return Vec::new();
    };
    let bars = state.index.timeline().bars(state.now, *count, *each);
    let most = bars.iter().map(|bar| bar.findings).max().unwrap_or_default();
    let mut spans: Vec<Span<'static>> = bars.iter().map(|bar| drawn(*bar, most, theme)).collect();
    spans.push(Span::styled(LEGEND, theme.dim));
    spans
}

/// One bar. Where there is no colour, bars of critical and high findings are told apart by their weight and underline.
fn drawn(bar: Bar, most: u32, theme: &Theme) -> Span<'static> {
    let Some(worst) = bar.worst else {
        return Span::styled("·", theme.dim);
    };
    // Rounded up, so that a single finding beside a thousand is still seen.
    let step = (u64::from(bar.findings) * HEIGHTS.len() as u64).div_ceil(u64::from(most.max(1)));
    let height = usize::try_from(step.saturating_sub(1))
        .unwrap_or(0)
        .min(HEIGHTS.len() - 1);
    let mut style = theme.severity(worst);
    if worst == SeverityLabel::Critical {
        style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    }
    Span::styled(HEIGHTS[height].to_string(), style)
}
