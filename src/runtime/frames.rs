//! When the screen is drawn.
//!
//! Owns: the pause between two frames of what streams in, so that a list that is being loaded is not held up by its own drawing.
//! Must never: keep a key waiting, or leave the last that was told undrawn. It looks at no clock; the time is given.

use std::time::Duration;

use tokio::time::Instant;

/// What streams in is drawn at most this often.
const FRAME: Duration = Duration::from_millis(50);

/// How soon what changed is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draw {
    /// Nothing changed that is seen.
    Not,
    /// With the next frame.
    Soon,
    Now,
}

/// The frames.
#[derive(Debug)]
pub(super) struct Frames {
    last: Instant,
    owed: bool,
}

impl Frames {
    /// The first frame was drawn.
    pub fn begin(now: Instant) -> Self {
        Self { last: now, owed: false }
    }

    /// Whether to draw at once. What is not drawn now is owed.
    pub fn wants(&mut self, draw: Draw, now: Instant) -> bool {
        self.owed |= draw == Draw::Soon;
        draw == Draw::Now || self.owed && now.duration_since(self.last) >= FRAME
    }

    /// When a frame is to be drawn though nothing more happens.
    pub fn due(&self) -> Option<Instant> {
        self.owed.then(|| self.last + FRAME)
    }

    /// A frame was drawn, which shows everything.
    pub fn drawn(&mut self, now: Instant) {
        (self.last, self.owed) = (now, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told at each of these milliseconds; gives when it was drawn, also when nothing more is told.
    fn drawn(told: impl IntoIterator<Item = (u64, Draw)>) -> Vec<u64> {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let (mut frames, mut drawn) = (Frames::begin(begin), Vec::new());
        let mut draw = |frames: &mut Frames, now: Instant| {
            frames.drawn(now);
            drawn.push(u64::try_from((now - begin).as_millis()).unwrap());
        };
        for (ms, what) in told {
            if let Some(due) = frames.due().filter(|due| *due <= at(ms)) {
                draw(&mut frames, due);
            }
            if frames.wants(what, at(ms)) {
                draw(&mut frames, at(ms));
            }
        }
        if let Some(due) = frames.due() {
            draw(&mut frames, due);
        }
        assert_eq!(frames.due(), None);
        drawn
    }

    #[test]
    fn what_streams_in_is_drawn_twenty_times_a_second_and_its_end_is_seen() {
        let frames = drawn((1..=401).map(|ms| (ms, Draw::Soon)));
        assert_eq!(frames, [50, 100, 150, 200, 250, 300, 350, 400, 450]);
        assert_eq!(drawn([(10, Draw::Soon)]), [50]);
        assert!(drawn([(10, Draw::Not), (90, Draw::Not)]).is_empty());
    }

    #[test]
    fn keys_and_what_comes_alone_are_drawn_at_once() {
        assert_eq!(drawn((1..=5).map(|ms| (ms, Draw::Now))), [1, 2, 3, 4, 5]);
        assert_eq!(drawn([(70, Draw::Soon)]), [70]);
        // What streamed in before a key is on the key's frame, so it is owed no more.
        assert_eq!(drawn([(10, Draw::Soon), (20, Draw::Now), (30, Draw::Not)]), [20]);
    }
}
