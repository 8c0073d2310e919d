//! What cannot be read again, taken over from a file that was set aside: events from a queue, and messages that were none.
//!
//! Owns: the way from one file to the other, row by row. Must never: change the old file, or say that all of it came over where a part
//! of it could not be read.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row as SqlRow, Transaction, params};

use crate::domain::{AccountId, Region};
use crate::findings::Source;

/// What did not come over, those that a queue brought among them: nobody else has them where a source cannot be asked.
const FINDINGS: &str = "Findings of GuardDuty and Security Hub are read again where they can be.";

/// What came over.
#[derive(Debug, Default)]
pub struct Rescued {
    events: u64,
    /// Events that an incident had before its latest one.
    earlier: u64,
    asides: u64,
    /// Why that may not be all.
    trouble: Option<String>,
}

impl Rescued {
    /// In a sentence. `kept` is the old file's name.
    pub fn told(&self, kept: &str) -> String {
        let Self {
            events,
            earlier,
            asides,
            trouble,
        } = self;
        let came = format!(
            "{events} of its operational incidents from a queue with {earlier} of their earlier events, and {asides} of its messages that are no events were taken over"
        );
        match trouble {
            None => format!("{came}, which is all of these. {FINDINGS}"),
            Some(why) => format!("{came}; if there are more, they are only in {kept} ({why}). {FINDINGS}"),
        }
    }
}

/// Takes over what the old file has of it. What goes wrong is part of the answer.
pub fn rescue(old: &Path, application: i64, new: &mut Connection) -> Rescued {
    let mut rescued = Rescued::default();
    let done = take(old, application, new, &mut rescued);
    if let Err(error) = done {
        // Nothing of a transaction that did not end came over.
        rescued = Rescued {
            trouble: Some(error.to_string()),
            ..Rescued::default()
        };
    }
    rescued
}

fn take(old: &Path, application: i64, new: &mut Connection, rescued: &mut Rescued) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let old = Connection::open_with_flags(old, flags)?;
    old.pragma_update(None, "trusted_schema", false)?;
    let mark: i64 = old.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if mark != application {
        rescued.trouble = Some("it is another program's database".to_owned());
        return Ok(());
    }
    let new = new.transaction()?;
    let worlds = worlds(&old, &new)?;
    rescued.asides = each(&old, "aside", ASIDES, &mut rescued.trouble, |row| {
        aside(row, &new, &worlds)
    })?;
    let events = events(&old)?;
    rescued.events = each(&old, "findings", &events, &mut rescued.trouble, |row| {
        event(row, &new, &worlds)
    })?;
    // The first versions kept the latest event alone.
    if old.table_exists(None, "earlier")? {
        rescued.earlier = each(&old, "earlier", EARLIER, &mut rescued.trouble, |row| {
            earlier(row, &new, &worlds)
        })?;
    }
    new.commit()
}

/// The new numbers of the old worlds.
fn worlds(old: &Connection, new: &Transaction<'_>) -> rusqlite::Result<HashMap<i64, i64>> {
    let mut asked = old.prepare("SELECT world, name, opened FROM worlds")?;
    let mut rows = asked.query([])?;
    let mut worlds = HashMap::new();
    while let Some(row) = rows.next()? {
        let (name, opened): (String, i64) = (row.get(1)?, row.get(2)?);
        new.execute(
            "INSERT INTO worlds(name, opened) VALUES(?1, ?2) ON CONFLICT(name) DO NOTHING",
            params![name, opened],
        )?;
        let number = new.query_row("SELECT world FROM worlds WHERE name = ?1", [name], |row| row.get(0))?;
        worlds.insert(row.get(0)?, number);
    }
    Ok(worlds)
}

const ASIDES: &str = "SELECT world, id, why, body, at FROM aside NOT INDEXED ORDER BY rowid";

/// Each with its incident, whose row has another number in the new file.
const EARLIER: &str = "SELECT f.world, f.account, f.region, f.id, e.number, e.digest, e.raw, e.at
  FROM earlier AS e NOT INDEXED JOIN findings AS f ON f.row = e.row WHERE f.source = 'eventbridge' ORDER BY e.number";

/// The question for the events, in the words of the old file's version: the first two knew no `told` and no `first`, and the third
/// no `worse`.
fn events(old: &Connection) -> rusqlite::Result<String> {
    let version: i64 = old.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let later = match version {
        ..=2 => "NULL, f.updated, NULL",
        3 => "f.told, f.first, NULL",
        _ => "f.told, f.first, f.worse",
    };
    Ok(format!(
        "SELECT f.world, f.source, f.account, f.region, f.id, f.updated, f.severity, f.archived, f.digest, f.seen, f.gone,
         f.rank, f.age, r.raw, {later} FROM findings AS f NOT INDEXED JOIN raws AS r ON r.row = f.row
         WHERE f.source = 'eventbridge' ORDER BY f.row"
    ))
}

/// Takes each row, from the first on, and where one cannot be read, from the last back: damage in the middle hides neither side.
/// Gives how many came over.
fn each(
    old: &Connection,
    table: &str,
    query: &str,
    trouble: &mut Option<String>,
    mut take: impl FnMut(&SqlRow<'_>) -> Result<u64, Bad>,
) -> rusqlite::Result<u64> {
    let mut count = 0;
    for order in ["ASC", "DESC"] {
        let (found, error) = pass(old, &format!("{query} {order}"), &mut take)?;
        count += found;
        let Some(error) = error else { return Ok(count) };
        *trouble = Some(format!("its {table} could not be read whole: {error}"));
    }
    Ok(count)
}

/// Why a row did not come over.
enum Bad {
    /// The old file does not give it.
    Old(String),
    /// The new file does not take it.
    New(rusqlite::Error),
}

impl From<rusqlite::Error> for Bad {
    fn from(error: rusqlite::Error) -> Self {
        Self::New(error)
    }
}

/// Goes through the rows as far as they can be read. What is wrong with one row keeps no other from coming over.
fn pass(
    old: &Connection,
    query: &str,
    take: &mut impl FnMut(&SqlRow<'_>) -> Result<u64, Bad>,
) -> rusqlite::Result<(u64, Option<String>)> {
    let (mut count, mut bad) = (0, None);
    let mut asked = match old.prepare(query) {
        Ok(asked) => asked,
        Err(error) => return Ok((0, Some(error.to_string()))),
    };
    let mut rows = asked.query([])?;
    loop {
        match rows.next() {
            Ok(Some(row)) => match take(row) {
                Ok(taken) => count += taken,
                Err(Bad::Old(why)) => bad = Some(why),
                Err(Bad::New(error)) => return Err(error),
            },
            Ok(None) => return Ok((count, bad)),
            Err(error) => return Ok((count, Some(error.to_string()))),
        }
    }
}

/// A column as this type, or the old file's fault.
fn read<T: rusqlite::types::FromSql>(row: &SqlRow<'_>, column: usize) -> Result<T, Bad> {
    row.get(column).map_err(|error| Bad::Old(error.to_string()))
}

fn world(row: &SqlRow<'_>, worlds: &HashMap<i64, i64>) -> Result<i64, Bad> {
    let number = worlds.get(&read(row, 0)?);
    number
        .copied()
        .ok_or_else(|| Bad::Old("a row is of no world".to_owned()))
}

fn aside(row: &SqlRow<'_>, new: &Transaction<'_>, worlds: &HashMap<i64, i64>) -> Result<u64, Bad> {
    let (id, why): (String, String) = (read(row, 1)?, read(row, 2)?);
    let (body, at): (Vec<u8>, i64) = (read(row, 3)?, read(row, 4)?);
    let put = new
        .prepare_cached("INSERT OR IGNORE INTO aside(world, id, why, body, at) VALUES(?1, ?2, ?3, ?4, ?5)")?
        .execute(params![world(row, worlds)?, id, why, body, at])?;
    Ok(put as u64)
}

/// An event keeps its place in the order. It is of no run: what was told once is not told as news again.
fn event(row: &SqlRow<'_>, new: &Transaction<'_>, worlds: &HashMap<i64, i64>) -> Result<u64, Bad> {
    let (account, region): (String, String) = (read(row, 2)?, read(row, 3)?);
    let known = (account.parse::<AccountId>().is_ok(), region.parse::<Region>().is_ok());
    if known != (true, true) {
        return Err(Bad::Old("an event is of no account and region".to_owned()));
    }
    let id: String = read(row, 4)?;
    let updated: Option<i64> = read(row, 5)?;
    let mut numbers = [0_i64; 7];
    for (number, column) in numbers.iter_mut().zip(6..) {
        *number = read(row, column)?;
    }
    let [severity, archived, digest, seen, gone, rank, age] = numbers;
    let raw: Vec<u8> = read(row, 13)?;
    let (told, first): (Option<i64>, Option<i64>) = (read(row, 14)?, read(row, 15)?);
    let worse: Option<i64> = read(row, 16)?;
    let put = new
        .prepare_cached(
            "INSERT OR IGNORE INTO findings(world, source, account, region, id, updated, severity, archived, digest, seen, gone, rank, age,
             told, first, worse, run) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0)",
        )?
        .execute(params![
            world(row, worlds)?,
            Source::EventBridge.word(),
            account,
            region,
            id,
            updated,
            severity,
            archived,
            digest,
            seen,
            gone,
            rank,
            age,
            told,
            first,
            worse
        ])?;
    if put > 0 {
        new.prepare_cached("INSERT INTO raws(row, raw) VALUES(?1, ?2)")?
            .execute(params![new.last_insert_rowid(), raw])?;
    }
    Ok(put as u64)
}

/// It stands in its incident's order as before; one whose incident did not come over has nowhere to go.
fn earlier(row: &SqlRow<'_>, new: &Transaction<'_>, worlds: &HashMap<i64, i64>) -> Result<u64, Bad> {
    let (account, region, id): (String, String, String) = (read(row, 1)?, read(row, 2)?, read(row, 3)?);
    let (number, digest): (i64, i64) = (read(row, 4)?, read(row, 5)?);
    let (raw, at): (Vec<u8>, i64) = (read(row, 6)?, read(row, 7)?);
    let put = new
        .prepare_cached(
            "INSERT OR IGNORE INTO earlier(number, row, digest, raw, at) SELECT ?1, row, ?2, ?3, ?4 FROM findings
             WHERE world = ?5 AND source = ?6 AND account = ?7 AND region = ?8 AND id = ?9 AND product = ''",
        )?
        .execute(params![
            number,
            digest,
            raw,
            at,
            world(row, worlds)?,
            Source::EventBridge.word(),
            account,
            region,
            id
        ])?;
    Ok(put as u64)
}
