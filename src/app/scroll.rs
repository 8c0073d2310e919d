//! A cursor in a list of lines, and the window that shows it.

/// A position among `len` lines. The window follows the cursor; the drawing code says how many lines it can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    pub cursor: usize,
}

impl Scroll {
    /// Moves by lines, staying within `len`.
    pub fn by(&mut self, lines: isize, len: usize) {
        self.cursor = self.cursor.saturating_add_signed(lines).min(len.saturating_sub(1));
    }

    /// To the last line.
    pub fn end(&mut self, len: usize) {
        self.cursor = len.saturating_sub(1);
    }

    /// The first line of a window of `height` lines that has the cursor in it, near the middle once it can be.
    #[must_use]
    pub fn first(&self, height: usize, len: usize) -> usize {
        let cursor = self.cursor.min(len.saturating_sub(1));
        cursor.saturating_sub(height / 2).min(len.saturating_sub(height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_in_the_window() {
        for len in 0..30 {
            for height in 1..12 {
                for cursor in 0..35 {
                    let scroll = Scroll { cursor };
                    let first = scroll.first(height, len);
                    let shown = cursor.min(len.saturating_sub(1));
                    assert!(first <= shown && shown < first + height, "{len} {height} {cursor}");
                    assert!(first + height <= len.max(height));
                }
            }
        }
    }
}
