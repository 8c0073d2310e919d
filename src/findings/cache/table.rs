//! The cache's tables: what is written and asked, in SQL.
//!
//! Owns: every statement. Must never: let a row of one world be seen in another.

mod aside;
mod earlier;
mod names;
mod rescue;
mod since;
mod store;
mod upgrade;
mod worlds;

pub use earlier::MOST as MOST_EARLIER;
pub use rescue::rescue;
pub use upgrade::upgrade;

use std::num::NonZeroU32;

use bytes::Bytes;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

use super::{Aside, Asides, Kept, Known, Run, Scope};
use crate::domain::{AccountId, Region, Severity, SeverityLabel, Time, Untrusted};
use crate::findings::version::{Told, Version};
use crate::findings::{Coverage, CoverageState, FindingKey, Seen, Source};

/// Small columns and large ones are kept apart, so that marking a finding as seen does not write its JSON again. `rank` and
/// `age` grow with how little urgent a finding is. `product` is empty where the source has no products. `updated` is the source's own
/// time of update and no other; `told` is `Told`'s number; `first` is since when an event's incident goes on, and `worse`
/// since when it is as bad as it is, in seconds. `earlier` has the events of an incident that are not its latest.
/// `lit` is when a source was last complete, unless it was off since.
/// `names`, what the accounts are called, is of the fourth version too: a file without it gets it empty, and whoever does not know it
/// leaves it alone.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS worlds(world INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, opened INTEGER NOT NULL,
  run INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS findings(
  row INTEGER PRIMARY KEY, world INTEGER NOT NULL, source TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
  id TEXT NOT NULL, updated INTEGER, severity INTEGER NOT NULL, archived INTEGER NOT NULL, digest INTEGER NOT NULL,
  seen INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0, rank INTEGER NOT NULL, age INTEGER NOT NULL,
  run INTEGER NOT NULL DEFAULT 0, product TEXT NOT NULL DEFAULT '', told INTEGER, first INTEGER, worse INTEGER);
CREATE UNIQUE INDEX IF NOT EXISTS finding_key ON findings(world, source, account, region, id, product);
CREATE INDEX IF NOT EXISTS finding_order ON findings(world, gone, rank, age, row);
CREATE TABLE IF NOT EXISTS raws(row INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS coverage(
  world INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, source TEXT NOT NULL, json TEXT NOT NULL,
  at INTEGER NOT NULL, lit INTEGER, PRIMARY KEY(world, account, region, source)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aside(
  world INTEGER NOT NULL, id TEXT NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(world, id));
CREATE INDEX IF NOT EXISTS aside_at ON aside(world, at DESC, id);
CREATE TABLE IF NOT EXISTS earlier(number INTEGER PRIMARY KEY, row INTEGER NOT NULL, digest INTEGER NOT NULL, raw BLOB NOT NULL,
  at INTEGER NOT NULL, UNIQUE(row, digest));
CREATE TABLE IF NOT EXISTS names(world INTEGER NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY(world, account)) WITHOUT ROWID;
";

/// A finding on its way to the disk.
#[derive(Debug)]
pub struct Row {
    key: FindingKey,
    version: Version,
    /// Since when an event's incident goes on.
    first: Option<Time>,
    severity: i64,
    /// Grows with how long ago it was updated.
    age: i64,
    raw: Bytes,
}

impl Row {
    pub fn of(seen: &Seen) -> Self {
        let finding = &seen.finding;
        Self {
            key: finding.key(),
            version: Version::of(finding),
            first: (finding.source == Source::EventBridge)
                .then_some(finding.first_seen)
                .flatten(),
            severity: tenths(finding.severity.score()),
            age: -finding.updated_at.map_or(0, Time::as_millisecond),
            raw: seen.raw.clone(),
        }
    }

    /// How bad it is, and when it became so.
    fn label(&self) -> (SeverityLabel, Option<Time>) {
        let at = Some(-self.age).filter(|at| *at != 0);
        (label(self.severity), at.and_then(|at| Time::from_millisecond(at).ok()))
    }

    /// What it holds in memory, about.
    pub fn bytes(&self) -> usize {
        self.raw.len() + size_of::<Self>()
    }

    /// What is archived comes after everything else.
    fn rank(&self) -> i64 {
        i64::from(self.version.archived) * 1000 + 100 - self.severity
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a severity lies between 0 and 10, so tenths fit"
)]
fn tenths(score: f64) -> i64 {
    (score * 10.0).round() as i64
}

/// A severity as it is kept.
fn severity(tenths: i64) -> Severity {
    let tenths = i32::try_from(tenths).unwrap_or_default();
    Severity::from_score(f64::from(tenths) / 10.0)
}

/// The band of a severity as it is kept.
fn label(tenths: i64) -> SeverityLabel {
    severity(tenths).label()
}

/// A row's place in the order of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    rank: i64,
    age: i64,
    row: i64,
}

/// The tables as one world sees them.
#[derive(Debug)]
pub struct Tables<'c> {
    sql: &'c Connection,
    world: i64,
    /// The latest run in which something that was received could not be stored.
    failed: i64,
}

impl<'c> Tables<'c> {
    /// Those of a world. Whatever began in the run `failed` or before says nothing of what is gone.
    pub fn of(sql: &'c Connection, world: i64, failed: i64) -> Self {
        Self { sql, world, failed }
    }

    /// Limits the file to so many pages, as a full disk does.
    #[cfg(test)]
    pub fn limit(&self, pages: i64) -> rusqlite::Result<i64> {
        self.sql
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get(0))
    }

    /// A finding's JSON. A key of Security Hub without a product, as earlier versions kept it, gives any product's.
    pub fn raw(&self, key: &FindingKey) -> rusqlite::Result<Option<Bytes>> {
        self.sql
            .prepare_cached(
                "SELECT raw FROM findings JOIN raws USING(row)
                 WHERE world = ?1 AND source = ?2 AND account = ?3 AND region = ?4 AND id = ?5 AND ?6 IN (product, '')
                 ORDER BY product LIMIT 1",
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
                |row| row.get::<_, Vec<u8>>(0).map(Bytes::from),
            )
            .optional()
    }

    pub fn page(
        &self,
        scope: &Scope,
        before: Run,
        after: Option<Order>,
        limit: usize,
    ) -> rusqlite::Result<(Vec<Kept>, Option<Order>)> {
        let after = after.unwrap_or(Order {
            rank: i64::MIN,
            age: i64::MIN,
            row: i64::MIN,
        });
        let mut asked = self.sql.prepare_cached(
            "SELECT source, account, region, id, raw, seen, product, told, first, worse, rank, age, row
             FROM findings JOIN raws USING(row)
             WHERE world = ?1 AND gone = 0 AND (rank, age, row) > (?2, ?3, ?4) AND run < ?5
             ORDER BY rank, age, row LIMIT ?6",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = asked.query_map(
            params![self.world, after.rank, after.age, after.row, before.0, limit],
            |row| {
                let order = Order {
                    rank: row.get(10)?,
                    age: row.get(11)?,
                    row: row.get(12)?,
                };
                Ok((kept(row)?, order))
            },
        )?;
        let (mut page, mut last) = (Vec::new(), None);
        for found in found {
            let (kept, order) = found?;
            last = Some(order);
            if scope.holds(kept.key.account, &kept.key.region) {
                page.push(kept);
            }
        }
        Ok((page, last))
    }

    /// Notes a row. When it was complete last stays, until it is off.
    pub fn cover(&self, row: &Coverage, at: Time) -> rusqlite::Result<()> {
        let (on, off) = (
            row.state == CoverageState::Complete,
            row.state == CoverageState::Disabled,
        );
        let json = serde_json::to_string(row).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
        self.sql
            .prepare_cached(
                "INSERT INTO coverage(world, account, region, source, json, at, lit) VALUES(?1, ?2, ?3, ?4, ?5, ?6, iif(?7, ?6, NULL))
                 ON CONFLICT(world, account, region, source) DO UPDATE
                 SET json = excluded.json, at = excluded.at, lit = iif(?7 OR ?8, excluded.lit, lit)",
            )?
            .execute(params![
                self.world,
                row.account.as_str(),
                row.region.as_str(),
                row.source.word(),
                json,
                at.as_millisecond(),
                on,
                off
            ])?;
        Ok(())
    }

    pub fn coverage(&self) -> rusqlite::Result<Vec<Known>> {
        let mut asked = self
            .sql
            .prepare_cached("SELECT json, at, lit FROM coverage WHERE world = ?1 ORDER BY account, region, source")?;
        let rows = asked.query_map([self.world], |row| {
            let json: String = row.get(0)?;
            let lit: Option<i64> = row.get(2)?;
            Ok(Known {
                row: serde_json::from_str(&json).map_err(|e| unreadable(0, e))?,
                at: time(row, 1)?,
                lit: lit.and_then(|at| Time::from_millisecond(at).ok()),
            })
        })?;
        rows.collect()
    }
}

/// The first ten columns: source, account, region, id, raw, seen, product, told, first, worse.
fn kept(row: &SqlRow<'_>) -> rusqlite::Result<Kept> {
    let (account, region, source) = spot(row)?;
    let product: String = row.get(6)?;
    let first: Option<i64> = row.get(8)?;
    Ok(Kept {
        key: FindingKey {
            source,
            account,
            region,
            product: (!product.is_empty()).then(|| Untrusted::new(product)),
            id: Untrusted::new(row.get::<_, String>(3)?),
        },
        raw: Bytes::from(row.get::<_, Vec<u8>>(4)?),
        seen: time(row, 5)?,
        told: Told::from_code(row.get(7)?),
        first: first.and_then(|at| Time::from_millisecond(at).ok()),
        worsened: row.get::<_, Option<u32>>(9)?.and_then(NonZeroU32::new),
    })
}

/// A key's product as a column.
fn product(key: &FindingKey) -> &str {
    key.product.as_ref().map_or("", Untrusted::raw)
}

/// The first three columns: source, account, region.
fn spot(row: &SqlRow<'_>) -> rusqlite::Result<(AccountId, Region, Source)> {
    let word: String = row.get(0)?;
    let source = Source::ALL.into_iter().find(|source| source.word() == word);
    let (account, region): (String, String) = (row.get(1)?, row.get(2)?);
    Ok((
        account.parse().map_err(|e| unreadable(1, e))?,
        region.parse().map_err(|e| unreadable(2, e))?,
        source.ok_or_else(|| unreadable(0, std::fmt::Error))?,
    ))
}

fn time(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<Time> {
    Time::from_millisecond(row.get(column)?).map_err(|e| unreadable(column, e))
}

fn unreadable(column: usize, why: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(why))
}
