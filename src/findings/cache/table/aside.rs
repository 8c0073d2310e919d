//! Messages that are no events: nothing else has them once they are deleted from their queue.

use rusqlite::params;

use super::{Aside, Asides, Tables};
use crate::domain::Time;

impl Tables<'_> {
    /// Keeps a message that is no event.
    pub fn put_aside(&self, aside: &Aside, at: Time) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO aside(world, id, why, body, at) VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                self.world,
                aside.id,
                aside.why,
                aside.body.as_ref(),
                at.as_millisecond()
            ])?;
        Ok(())
    }

    /// How many there are, and the last ones.
    pub fn asides(&self, limit: usize) -> rusqlite::Result<Asides> {
        let count: i64 = self
            .sql
            .query_row("SELECT count(*) FROM aside WHERE world = ?1", [self.world], |row| {
                row.get(0)
            })?;
        let mut asked = self
            .sql
            .prepare_cached("SELECT id, why FROM aside WHERE world = ?1 ORDER BY at DESC, id LIMIT ?2")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let last = asked.query_map(params![self.world, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Asides {
            count: count.unsigned_abs(),
            last: last.collect::<rusqlite::Result<_>>()?,
        })
    }
}
