//! Messages that are no events: nothing else has them once they are deleted from their queue.

use rusqlite::params;

use super::{Aside, Asides, Tables};

use crate::domain::Time;

/// So many bytes of a message's text are told.
const BEGINNING: usize = 120;

/// How a text begins, on one line. What is cut off is counted.
fn beginning(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let end = text.floor_char_boundary(BEGINNING);
    let more = match text.len() - end {
        0 => String::new(),
        more => format!("… and {more} more bytes"),
    };
    format!("{}{more}", &text[..end])
}

impl Tables<'_> {
    /// Keeps a message that is no event. One that is received again was stored when it first came.
    pub fn put_aside(&self, aside: &Aside, at: Time) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached(
                "INSERT INTO aside(world, id, why, body, at) VALUES(?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT(world, id) DO UPDATE SET why = excluded.why, body = excluded.body",
            )?
            .execute(params![
                self.world,
                aside.id,
                aside.why,
                aside.body.as_ref(),
                at.as_millisecond()
            ])?;
        Ok(())
    }

    /// How many there are and since when, and the last ones: why each is no event, and how its text begins.
    pub fn asides(&self, limit: usize) -> rusqlite::Result<Asides> {
        let (count, since, latest): (i64, Option<i64>, Option<i64>) = self.sql.query_row(
            "SELECT count(*), min(at), max(at) FROM aside WHERE world = ?1",
            [self.world],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let time = |at: Option<i64>| at.and_then(|at| Time::from_millisecond(at).ok());
        let mut asked = self
            .sql
            .prepare_cached("SELECT id, why, body FROM aside WHERE world = ?1 ORDER BY at DESC, id LIMIT ?2")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let last = asked.query_map(params![self.world, limit], |row| {
            let (why, body): (String, Vec<u8>) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, format!("{why}: {}", beginning(&body))))
        })?;
        Ok(Asides {
            count: count.unsigned_abs(),
            since: time(since),
            latest: time(latest),
            last: last.collect::<rusqlite::Result<_>>()?,
        })
    }
}
