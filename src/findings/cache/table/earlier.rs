//! Events of an operational incident that are not its latest one: once their messages are deleted nothing else has them.
//!
//! Owns: how many are kept, and reading them back. Must never: write one of a source that can be read again.

use bytes::Bytes;
use rusqlite::{OptionalExtension, params};

use super::{Tables, product};
use crate::findings::FindingKey;

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

    /// How many events of an incident are kept beside its latest one.
    pub fn count_earlier(&self, key: &FindingKey) -> rusqlite::Result<usize> {
        let Some((row, latest)) = self.latest(key)? else {
            return Ok(0);
        };
        let count: i64 = self
            .sql
            .prepare_cached("SELECT count(*) FROM earlier WHERE row = ?1 AND digest <> ?2")?
            .query_row([row, latest], |found| found.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// What names them among all that are kept, what came last first.
    pub fn earlier_numbers(&self, key: &FindingKey) -> rusqlite::Result<Vec<i64>> {
        let Some((row, latest)) = self.latest(key)? else {
            return Ok(Vec::new());
        };
        self.sql
            .prepare_cached("SELECT number FROM earlier WHERE row = ?1 AND digest <> ?2 ORDER BY number DESC")?
            .query_map([row, latest], |found| found.get(0))?
            .collect()
    }

    /// One by its number. None where it is not kept any more.
    pub fn earlier_of(&self, number: i64) -> rusqlite::Result<Option<Bytes>> {
        self.sql
            .prepare_cached("SELECT raw FROM earlier WHERE number = ?1")?
            .query_row([number], |found| found.get::<_, Vec<u8>>(0).map(Bytes::from))
            .optional()
    }

    /// One of them as it was sent. None where it is not kept any more.
    pub fn earlier_raw(&self, key: &FindingKey, digest: u64) -> rusqlite::Result<Option<Bytes>> {
        let Some((row, _)) = self.latest(key)? else {
            return Ok(None);
        };
        self.sql
            .prepare_cached("SELECT raw FROM earlier WHERE row = ?1 AND digest = ?2")?
            .query_row([row, digest.cast_signed()], |found| {
                found.get::<_, Vec<u8>>(0).map(Bytes::from)
            })
            .optional()
    }

    /// An incident's row, and the digest of its latest event, which may be kept among the earlier ones too where it was told again.
    fn latest(&self, key: &FindingKey) -> rusqlite::Result<Option<(i64, i64)>> {
        self.sql
            .prepare_cached(
                "SELECT row, digest FROM findings
                 WHERE world = ?1 AND source = ?2 AND account = ?3 AND region = ?4 AND id = ?5 AND product = ?6",
            )?
            .query_row(
                params![
                    self.world,
                    key.source.word(),
                    key.account.as_str(),
                    key.region.as_str(),
                    key.id.raw(),
                    product(key)
                ],
                |found| Ok((found.get(0)?, found.get(1)?)),
            )
            .optional()
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
    use crate::findings::event::Brief;
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

    fn briefs(tables: &Tables<'_>) -> Vec<(String, bool)> {
        let key = event("2026-03-01T10:00:00Z", "db-1").key;
        let found = tables.earlier_numbers(&key).unwrap();
        assert_eq!(tables.count_earlier(&key).unwrap(), found.len());
        let told = found.into_iter().map(|number| {
            let raw = tables.earlier_of(number).unwrap().unwrap();
            let event = Brief::read(&raw, &samples::place());
            let opened = tables.earlier_raw(&key, event.digest).unwrap();
            assert_eq!(opened, Some(raw), "the listed one is opened");
            (event.time.unwrap().to_string(), event.over)
        });
        told.collect()
    }

    #[test]
    fn the_earlier_events_are_listed_without_the_latest() {
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch(SCHEMA).unwrap();
        sql.execute(
            "INSERT INTO worlds(world, name, opened) VALUES(1, 'w', 0), (2, 'v', 0)",
            [],
        )
        .unwrap();
        let of = |world| Tables {
            sql: &sql,
            world,
            failed: 0,
        };
        let (tables, other) = (of(1), of(2));
        assert!(briefs(&tables).is_empty(), "nothing was told");
        let at = Time::from_second(5).unwrap();
        for time in ["2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T11:00:00Z"] {
            tables.store(&event(time, "db-1"), at).unwrap();
        }
        let told = |time: &str| (time.to_owned(), false);
        assert_eq!(
            briefs(&tables),
            [told("2026-03-01T11:00:00Z"), told("2026-03-01T10:00:00Z")]
        );
        assert!(briefs(&other).is_empty(), "another world sees nothing of it");
        let key = event("2026-03-01T10:00:00Z", "db-1").key;
        assert!(tables.earlier_raw(&key, 7).unwrap().is_none());
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
