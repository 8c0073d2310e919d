//! Rows that changed are taken out and put where they belong now.

use crate::domain::Time;
use crate::findings::index::Slot;

use super::List;
use super::order;
use super::view::View;

impl List {
    /// Takes rows out and puts rows in. Costs the sorting of those that are put in, and one copy of the list.
    pub(super) fn merge(&mut self, out: impl Iterator<Item = Slot>, into: impl Iterator<Item = Slot>, view: &View<'_>) {
        let (out, mut new): (Vec<Slot>, Vec<Slot>) = (out.collect(), into.collect());
        self.note(&out, &new);
        self.ranks.resize(view.index.len(), u64::MAX);
        let mut gone = vec![false; view.index.len()];
        for row in out {
            self.leave(row, &mut gone);
        }
        for row in &new {
            self.leave(*row, &mut gone);
        }
        let is_gone = |row: &Slot| gone[*row as usize];
        let before = self.judged;
        self.judged -= self.all[..before].iter().filter(|row| is_gone(row)).count();
        self.all.retain(|row| !is_gone(row));
        self.visible.retain(|row| !is_gone(row));
        for row in &new {
            self.rank(*row, view);
        }
        let (how, kind) = ((self.sort, self.reversed), self.kind);
        let ranks = &self.ranks;
        let compare = |a: Slot, b: Slot| order::compare(a, b, ranks, how, kind, view);
        new.sort_unstable_by(|a, b| compare(*a, *b));
        // What comes before the first row that the filter was not asked about is asked about now; the others have their turn.
        let frontier = self.all.get(self.judged).copied();
        let due = new.partition_point(|row| frontier.is_none_or(|f| compare(*row, f).is_lt()));
        let shown: Vec<Slot> = {
            let mut matches = view.matcher(&self.filter, kind, &mut self.refused);
            new[..due].iter().copied().filter(|row| matches(*row)).collect()
        };
        self.visible = woven(&self.visible, &shown, compare);
        self.all = woven(&self.all, &new, compare);
        self.judged += due;
        self.find_cursor(view);
    }

    fn leave(&mut self, row: Slot, gone: &mut [bool]) {
        if let Some(gone) = gone.get_mut(row as usize)
            && !*gone
        {
            *gone = true;
            let rank = self.ranks[row as usize];
            let rank = if self.reversed { !rank } else { rank };
            if let Some(due) = order::due_of(rank, self.sort) {
                self.due.remove(&(due, row));
            }
        }
    }

    /// The rows that have become overdue.
    pub(super) fn late(&mut self, now: Time) -> Vec<Slot> {
        let now = u32::try_from(now.as_second().max(0)).unwrap_or(u32::MAX);
        let mut late = Vec::new();
        while let Some(first) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.due.remove(&first);
            late.push(first.1);
        }
        late
    }
}

/// Two sorted lists as one. The places of the few are searched for in the many.
fn woven(many: &[Slot], few: &[Slot], compare: impl Fn(Slot, Slot) -> std::cmp::Ordering) -> Vec<Slot> {
    let mut all = Vec::with_capacity(many.len() + few.len());
    let mut from = 0;
    for row in few {
        let to = from + many[from..].partition_point(|other| compare(*other, *row).is_lt());
        all.extend_from_slice(&many[from..to]);
        all.push(*row);
        from = to;
    }
    all.extend_from_slice(&many[from..]);
    all
}
