//! The order of a playbook's steps: which are ready, which do not apply, and how they look as a tree with branches.
//!
//! Must never: start anything. What is done comes from the journal, what is next is the responder's word.

use super::{PlayStep, Playbook, Situation};

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was done.
    Done,
    /// Its condition does not hold.
    NotApplicable,
    /// Everything before it is done or does not apply.
    Ready,
    /// Something before it is still to be done.
    Waiting,
}

/// A step in the outline of a playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in `Playbook::steps`.
    pub step: usize,
    /// How many branches it stands in.
    pub depth: usize,
    /// It is the first of one of several branches that go side by side: which, and of how many. Counts from 1.
    pub branch: Option<(usize, usize)>,
}

impl Playbook {
    /// How each step stands, in the order of the steps. `done` says of a step whether it was done.
    ///
    /// A step that does not apply holds nobody up by itself, but what it would have waited for does: a branch that is left out is
    /// not a way past what comes before it.
    #[must_use]
    pub fn standings(&self, situation: &Situation<'_>, done: impl Fn(&PlayStep) -> bool) -> Vec<Standing> {
        let steps = self.steps();
        let mut standings = vec![Standing::Waiting; steps.len()];
        let mut settled = vec![false; steps.len()];
        for at in order(steps) {
            let step = &steps[at];
            let free = step.after.iter().all(|before| settled[*before]);
            standings[at] = if done(step) {
                Standing::Done
            } else if !step.applies(situation) {
                Standing::NotApplicable
            } else if free {
                Standing::Ready
            } else {
                Standing::Waiting
            };
            settled[at] = match standings[at] {
                Standing::Done => true,
                Standing::NotApplicable => free,
                Standing::Ready | Standing::Waiting => false,
            };
        }
        standings
    }

    /// The steps as a tree: each comes after what it waits for, branches that go side by side are indented below the step that
    /// they part from, and the step that joins them stands again where they parted.
    #[must_use]
    pub fn outline(&self) -> Vec<Row> {
        let steps = self.steps();
        let above = dominators(steps);
        let mut rows = Vec::with_capacity(steps.len());
        // What is still to be written out, the next one last.
        let mut waiting: Vec<Row> = below(steps, &above, None, 0);
        while let Some(row) = waiting.pop() {
            rows.push(row);
            waiting.extend(below(steps, &above, Some(row.step), row.depth));
        }
        rows
    }
}

/// The steps right below one in the tree, the first one last. Those that wait for nothing else are its branches; the others join
/// branches and come after them.
pub(super) fn below(steps: &[PlayStep], above: &[Option<usize>], parent: Option<usize>, depth: usize) -> Vec<Row> {
    let own: Vec<usize> = order(steps).into_iter().filter(|at| above[*at] == parent).collect();
    let parts = |at: &usize| steps[*at].after.len() <= 1;
    let branches: Vec<usize> = own.iter().copied().filter(parts).collect();
    let several = branches.len() > 1;
    let mut rows: Vec<Row> = branches
        .iter()
        .enumerate()
        .map(|(place, at)| Row {
            step: *at,
            depth: depth + usize::from(several),
            branch: several.then_some((place + 1, branches.len())),
        })
        .collect();
    rows.extend(own.iter().filter(|at| !parts(at)).map(|at| Row {
        step: *at,
        depth,
        branch: None,
    }));
    rows.reverse();
    rows
}

/// For each step the last one that every way to it goes through; none where there is no such step.
pub(super) fn dominators(steps: &[PlayStep]) -> Vec<Option<usize>> {
    let depths = depths(steps).unwrap_or_else(|| vec![0; steps.len()]);
    let mut above: Vec<Option<usize>> = vec![None; steps.len()];
    for at in order(steps) {
        let mut ways = steps[at].after.iter().map(|before| Some(*before));
        let first = ways.next().flatten();
        above[at] = ways.fold(first, |one, other| meet(one, other, &above, &depths));
    }
    above
}

fn meet(mut one: Option<usize>, mut other: Option<usize>, above: &[Option<usize>], depths: &[usize]) -> Option<usize> {
    // Every step up leads to a smaller depth, so that this ends.
    while one != other {
        let (a, b) = (one?, other?);
        if depths[a] >= depths[b] {
            one = above[a];
        } else {
            other = above[b];
        }
    }
    one
}

/// The steps so that each comes after what it waits for, and otherwise as in the file. Steps in a ring are left out.
pub fn order(steps: &[PlayStep]) -> Vec<usize> {
    let mut done = vec![false; steps.len()];
    let mut order = Vec::with_capacity(steps.len());
    let ready = |at: &usize, done: &[bool]| !done[*at] && steps[*at].after.iter().all(|before| done[*before]);
    while let Some(next) = (0..steps.len()).find(|at| ready(at, &done)) {
        done[next] = true;
        order.push(next);
    }
    order
}

/// For each step how many come before it on its longest way, itself counted; none when steps wait for each other.
pub fn depths(steps: &[PlayStep]) -> Option<Vec<usize>> {
    let order = order(steps);
    if order.len() < steps.len() {
        return None;
    }
    let mut depths = vec![0; steps.len()];
    for at in order {
        depths[at] = 1 + steps[at]
            .after
            .iter()
            .map(|before| depths[*before])
            .max()
            .unwrap_or_default();
    }
    Some(depths)
}

/// Steps that wait for each other, each after the next one; empty when there are none.
pub fn ring(steps: &[PlayStep]) -> Vec<usize> {
    let free = order(steps);
    let stuck = |at: &usize| !free.contains(at);
    let mut way: Vec<usize> = (0..steps.len()).find(stuck).into_iter().collect();
    // A step that is stuck waits for another one that is, so the way comes back to itself.
    while let Some(next) = way
        .last()
        .and_then(|last| steps[*last].after.iter().copied().find(stuck))
    {
        if let Some(begin) = way.iter().position(|at| *at == next) {
            return way.split_off(begin);
        }
        way.push(next);
    }
    Vec::new()
}

#[cfg(test)]
#[path = "flow_tests.rs"]
mod tests;
