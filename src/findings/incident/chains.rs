//! The findings that share one thing, as stretches of time.
//!
//! Owns: which of them are near enough to each other. A stretch holds findings that are all in one group; between two stretches
//! lies more than the window. So a thing that ten thousand findings share costs as much as its stretches, and not as they do.

use crate::findings::index::Slot;

/// A stretch of time without a gap longer than the window, and one of its findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    pub start: u32,
    pub end: u32,
    pub slot: Slot,
}

/// Stretches in the order of time. Most things have one, which then needs no memory of its own.
#[derive(Clone, Debug)]
pub enum Chains {
    One(Chain),
    Many(Box<Vec<Chain>>),
}

impl Chains {
    /// Adds a finding's time, and calls back with a finding of each stretch that it touches.
    pub fn join(&mut self, new: Chain, window: u32, mut near: impl FnMut(Slot)) {
        let touches =
            |old: &Chain| old.start <= new.end.saturating_add(window) && new.start <= old.end.saturating_add(window);
        match self {
            Self::One(old) if touches(old) => {
                near(old.slot);
                *old = both(*old, new);
            }
            Self::One(old) => {
                let mut two = vec![*old, new];
                two.sort_by_key(|c| c.start);
                *self = Self::Many(Box::new(two));
            }
            Self::Many(all) => {
                let from = all.partition_point(|c| c.end.saturating_add(window) < new.start);
                let to = from + all[from..].iter().take_while(|c| touches(c)).count();
                let mut joined = new;
                for old in &all[from..to] {
                    near(old.slot);
                    joined = both(*old, joined);
                }
                all.splice(from..to, [joined]);
            }
        }
    }

    /// Forgets the stretches whose finding passes. True where none is left.
    pub fn forget(&mut self, mut gone: impl FnMut(Slot) -> bool) -> bool {
        match self {
            Self::One(only) => gone(only.slot),
            Self::Many(all) => {
                all.retain(|c| !gone(c.slot));
                all.is_empty()
            }
        }
    }
}

fn both(a: Chain, b: Chain) -> Chain {
    Chain {
        start: a.start.min(b.start),
        end: a.end.max(b.end),
        slot: a.slot,
    }
}
