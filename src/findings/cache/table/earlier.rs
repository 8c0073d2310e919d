//! Events of an operational incident that are not its latest one: once their messages are deleted nothing else has them.
//!
//! Owns: how many are kept. Must never: write one of a source that can be read again.

use rusqlite::params;

use super::Tables;

/// So many of one incident are kept, the last that came: an application may send one a second for years.
pub const MOST: i64 = 1_000;

impl Tables<'_> {
    /// Keeps the event that another is about to take the place of.
    pub fn keep_latest_as_earlier(&self, row: i64, digest: u64, at: i64) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO earlier(row, digest, raw, at) SELECT row, ?2, raw, ?3 FROM raws WHERE row = ?1",
            )?
            .execute(params![row, digest.cast_signed(), at])?;
        self.drop_first(row)
    }

    /// Keeps an event that came after a later one, or in the same second as the one that stays.
    pub fn keep_earlier(&self, row: i64, digest: u64, raw: &[u8], at: i64) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("INSERT OR IGNORE INTO earlier(row, digest, raw, at) VALUES(?1, ?2, ?3, ?4)")?
            .execute(params![row, digest.cast_signed(), raw, at])?;
        self.drop_first(row)
    }

    fn drop_first(&self, row: i64) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached(
                "DELETE FROM earlier WHERE row = ?1 AND number <=
                 (SELECT number FROM earlier WHERE row = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute([row, MOST])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rusqlite::Connection;

    use super::*;
    use crate::domain::Time;
    use crate::findings::cache::table::{Row, SCHEMA};
    use crate::findings::{Seen, event, samples};

    fn event(time: &str, resource: &str) -> Row {
        let raw = format!(
            r#"{{"detail-type":"Outage","source":"acme","id":"e","account":"111122223333","region":"eu-west-1","time":"{time}",
            "detail":{{"id":"p1","resource":"{resource}"}}}}"#
        );
        Row::of(&Seen::read(Bytes::from(raw), |raw| {
            event::parse(raw, &samples::place())
        }))
    }

    fn count(sql: &Connection, text: &str) -> i64 {
        sql.query_row(
            "SELECT (SELECT count(*) FROM earlier WHERE instr(CAST(raw AS TEXT), ?1) > 0)
             + (SELECT count(*) FROM raws WHERE instr(CAST(raw AS TEXT), ?1) > 0)",
            [text],
            |row| row.get(0),
        )
        .unwrap()
    }

    #[test]
    fn no_event_of_an_incident_is_lost_whichever_is_its_latest() {
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch(SCHEMA).unwrap();
        sql.execute("INSERT INTO worlds(world, name, opened) VALUES(1, 'w', 0)", [])
            .unwrap();
        let tables = Tables {
            sql: &sql,
            world: 1,
            failed: 0,
        };
        let at = Time::from_second(5).unwrap();
        let same = "2026-03-01T10:00:00Z";
        for (time, resource) in [
            (same, "db-1"),
            (same, "db-2"),
            ("2026-03-01T11:00:00Z", "db-3"),
            ("2026-03-01T09:00:00Z", "db-4"),
            // SQS gives messages twice.
            (same, "db-1"),
        ] {
            tables.store(&event(time, resource), at).unwrap();
        }
        for resource in ["db-1", "db-2", "db-3", "db-4"] {
            assert_eq!(count(&sql, resource), 1, "{resource}");
        }
        for second in 0..=MOST {
            tables.keep_earlier(1, second.unsigned_abs(), b"more", 1).unwrap();
        }
        assert_eq!(count(&sql, "more"), MOST, "the last ones");
        assert_eq!(count(&sql, "db-1"), 0);
    }
}
