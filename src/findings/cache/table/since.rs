//! What came before and what came since, told by a counter in the file.
//!
//! Owns: the counter of each world. Must never: ask a clock, which may go back: what was received after a read began would then seem
//! to be from before it.

use std::collections::BTreeSet;

use rusqlite::params;

use super::{Kept, Run, Tables, kept, spot};
use crate::domain::{AccountId, Region};
use crate::findings::{Place, Source};

impl Tables<'_> {
    /// The run that what is stored now belongs to.
    pub(super) fn run(&self) -> rusqlite::Result<i64> {
        self.sql
            .prepare_cached("SELECT run FROM worlds WHERE world = ?1")?
            .query_row([self.world], |row| row.get(0))
    }

    /// Begins the next run, later than `after` too: a file that was begun anew has not counted along.
    pub fn begin(&self, after: i64) -> rusqlite::Result<Run> {
        self.sql
            .prepare_cached("UPDATE worlds SET run = max(run, ?1) + 1 WHERE world = ?2 RETURNING run")?
            .query_row([after, self.world], |row| row.get(0))
            .map(Run)
    }

    /// Where there are findings that were last received before a run.
    pub fn older(&self, before: Run) -> rusqlite::Result<BTreeSet<(AccountId, Region, Source)>> {
        let mut asked = self.sql.prepare_cached(
            "SELECT DISTINCT source, account, region FROM findings WHERE world = ?1 AND gone = 0 AND run < ?2",
        )?;
        let found = asked.query_map(params![self.world, before.0], spot)?;
        found.collect()
    }

    /// Marks and gives what was last received before a run. Where something that was received since could not be stored, its row looks
    /// as if it had not come again: then nothing is taken for gone.
    pub fn gone(&self, place: &Place, source: Source, before: Run, limit: usize) -> rusqlite::Result<Vec<Kept>> {
        if before.0 <= self.failed {
            return Ok(Vec::new());
        }
        let mut asked = self.sql.prepare_cached(
            "SELECT source, account, region, id, raw, seen, product, told, first, worse, row FROM findings JOIN raws USING(row)
             WHERE world = ?1 AND source = ?2 AND account = ?3 AND region = ?4 AND gone = 0 AND run < ?5 LIMIT ?6",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (source, account, region) = (source.word(), place.account.as_str(), place.region.as_str());
        let found = asked.query_map(params![self.world, source, account, region, before.0, limit], |row| {
            Ok((kept(row)?, row.get::<_, i64>(10)?))
        })?;
        let all: Vec<(Kept, i64)> = found.collect::<rusqlite::Result<_>>()?;
        if !all.is_empty() {
            let together = self.sql.unchecked_transaction()?;
            let mut mark = self.sql.prepare_cached("UPDATE findings SET gone = 1 WHERE row = ?1")?;
            for (_, number) in &all {
                mark.execute([number])?;
            }
            together.commit()?;
        }
        Ok(all.into_iter().map(|(kept, _)| kept).collect())
    }

    /// At most `limit` findings that a source told since the run `from` and before the run `before`, in the order of their rows and
    /// after the row `after`, and the row of the last.
    pub fn since(
        &self,
        source: Source,
        (from, before): (Run, Run),
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<(Vec<Kept>, Option<i64>)> {
        let mut asked = self.sql.prepare_cached(
            "SELECT source, account, region, id, raw, seen, product, told, first, worse, row FROM findings JOIN raws USING(row)
             WHERE world = ?1 AND source = ?2 AND gone = 0 AND run >= ?3 AND run < ?4 AND row > ?5 ORDER BY row LIMIT ?6",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let wanted = params![self.world, source.word(), from.0, before.0, after, limit];
        let (mut page, mut last) = (Vec::new(), None);
        for found in asked.query_map(wanted, |row| Ok((kept(row)?, row.get(10)?)))? {
            let (kept, row) = found?;
            last = Some(row);
            page.push(kept);
        }
        Ok((page, last))
    }
}
