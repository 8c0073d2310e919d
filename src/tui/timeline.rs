//! The small chart above the list: how many findings moved in each of the last 24 hours, and how bad the worst of them was.

use ratatui::style::Modifier;
use ratatui::text::Span;

use super::theme::Theme;
use crate::app::State;
use crate::domain::SeverityLabel;
use crate::findings::timeline::Bar;

/// From this width on every hour has a bar of its own; below, two share one.
const WIDE: usize = 110;
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The chart with its legend: `▁▂▁▁▃▇█▃▂ 24 h`.
pub fn spans(state: &State, width: usize, theme: &Theme) -> Vec<Span<'static>> {
    let (count, each) = if width >= WIDE { (24, 1) } else { (12, 2) };
    let bars = state.index.timeline().bars(state.now, count, each);
    let most = bars.iter().map(|bar| bar.findings).max().unwrap_or_default();
    let mut spans: Vec<Span<'static>> = bars.iter().map(|bar| drawn(*bar, most, theme)).collect();
    spans.push(Span::styled(" 24 h  ", theme.dim));
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
