//! Whose findings a file holds, and what of it has had its time.
//!
//! Owns: the numbers of the worlds. Must never: drop what nothing else has, events and messages set aside, or give a world's number to
//! another: a console that runs for days stores under its number, whatever others open meanwhile.

use rusqlite::{Connection, params};

use super::Tables;
use crate::domain::Time;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Days after which what is gone is dropped, and what was not received again.
const GONE_DAYS: i64 = 30;
const OLD_DAYS: i64 = 90;
/// Of so many worlds what can be read again is kept: of those who use one machine with several organisations in turn.
const WORLDS: i64 = 4;

impl Tables<'_> {
    /// Enters a world by its name, and drops of all of them what has had its time and can be read again.
    pub fn enter(sql: &Connection, name: &str, now: Time) -> rusqlite::Result<i64> {
        let now = now.as_millisecond();
        sql.execute(
            "INSERT INTO worlds(name, opened) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET opened = excluded.opened",
            params![name, now],
        )?;
        let world = sql.query_row("SELECT world FROM worlds WHERE name = ?1", [name], |row| row.get(0))?;
        let beyond = "world <> ?1 AND world NOT IN (SELECT world FROM worlds ORDER BY opened DESC LIMIT ?2)";
        for table in [
            "findings WHERE source <> 'eventbridge' AND",
            "coverage WHERE",
            "names WHERE",
        ] {
            sql.execute(&format!("DELETE FROM {table} {beyond}"), params![world, WORLDS])?;
        }
        sql.execute(
            "DELETE FROM findings WHERE source <> 'eventbridge' AND (gone = 1 AND seen < ?1 OR seen < ?2)",
            params![now - GONE_DAYS * DAY, now - OLD_DAYS * DAY],
        )?;
        sql.execute("DELETE FROM coverage WHERE at < ?1", [now - OLD_DAYS * DAY])?;
        sql.execute("DELETE FROM raws WHERE row NOT IN (SELECT row FROM findings)", [])?;
        Ok(world)
    }

    /// Notes that the world is in use, so that another's start does not take it for one that nobody looks at any more.
    pub fn in_use(&self, at: Time) -> rusqlite::Result<()> {
        let at = at.as_millisecond();
        self.sql
            .prepare_cached("UPDATE worlds SET opened = ?1 WHERE world = ?2 AND opened < ?3")?
            .execute([at, self.world, at - HOUR])?;
        Ok(())
    }
}
