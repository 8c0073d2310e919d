//! Opening the cache's file safely: ours alone, no links followed, and nothing foreign taken for a cache.

use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use rustix::fs::OFlags;

use super::{CacheError, FILE_NAME, table};
use crate::domain::Time;

/// Marks a `SQLite` file as a cache of quell: the letters `quel`.
const APPLICATION: i64 = 0x7175_656c;
/// Pages of the file that are held in memory, 1 MiB: what is written is seldom looked at again, and the system holds the file, too.
const PAGES: i64 = 64;
/// The tables' version. Earlier ones are brought up to this one; any other is set aside.
const VERSION: i64 = 5;

/// An open file, and the number that the world has in it.
pub type Opened = (Connection, i64);

/// Opens or makes the file. The sentence says what was set aside, if anything was.
pub fn open(directory: &Path, world: &str, now: Time) -> Result<(PathBuf, Opened, Option<String>), CacheError> {
    let path = prepare(directory)?;
    match connect(&path, world, now) {
        Ok(opened) => Ok((path, opened, None)),
        Err(unfit) if unfit.is_damage() => {
            let kept = set_aside(&path)?;
            // Made by SQLite, the new file would be for others to read, and the next start would refuse it.
            prepare(directory)?;
            let mut again = connect(&path, world, now).map_err(|e| unusable(&path, e))?;
            let rescued = take_over(&path, &kept, &mut again.0);
            let told =
                format!("The cache was set aside as {kept}, because {unfit}. Everything is read again; {rescued}");
            Ok((path, again, Some(told)))
        }
        Err(unfit) => Err(unusable(&path, unfit)),
    }
}

/// Why a file cannot be opened as a cache.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    #[error("it is another program's or another version's database")]
    Foreign,
    #[error("SQLite says: {0}")]
    Sql(#[from] rusqlite::Error),
}

impl Unfit {
    fn is_damage(&self) -> bool {
        match self {
            Self::Foreign => true,
            Self::Sql(error) => is_damage(error),
        }
    }
}

/// Takes over from the file that was set aside what cannot be read again, and says in a sentence what that was.
pub fn take_over(path: &Path, kept: &str, new: &mut Connection) -> String {
    table::rescue(&path.with_file_name(kept), APPLICATION, new).told(kept)
}

/// Removes the file of an earlier world.
pub fn remove(directory: &Path) -> Result<(), CacheError> {
    for suffix in ["", "-wal", "-shm"] {
        let path = directory.join(format!("{FILE_NAME}{suffix}"));
        match fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(unusable(&path, e)),
            _ => {}
        }
    }
    Ok(())
}

/// A temporary file without a name, which goes with the process.
pub fn private(now: Time) -> Result<Opened, CacheError> {
    let open = || {
        let opened = Connection::open("")?;
        set_up(opened, "private", now)
    };
    open().map_err(|e: rusqlite::Error| CacheError::Database(e.to_string()))
}

/// Whether `SQLite` says that the file is damaged or is none of its own.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Moves a file that is no cache out of the way, and says its new name.
pub fn set_aside(path: &Path) -> Result<String, CacheError> {
    let free = |n: &u32| !path.with_file_name(format!("{FILE_NAME}.set-aside-{n}")).exists();
    let Some(number) = (1..1000).find(free) else {
        return Err(unusable(path, "a thousand of them were set aside already"));
    };
    let name = format!("{FILE_NAME}.set-aside-{number}");
    fs::rename(path, path.with_file_name(&name)).map_err(|e| unusable(path, e))?;
    // What belongs to the old file must not be taken for a part of the new one.
    for suffix in ["-wal", "-shm"] {
        let beside = path.with_file_name(format!("{FILE_NAME}{suffix}"));
        if beside.exists() {
            let to = path.with_file_name(format!("{name}{suffix}"));
            fs::rename(&beside, to).map_err(|e| unusable(path, e))?;
        }
    }
    Ok(name)
}

/// Opens the file at a path that `open` has checked.
pub fn connect(path: &Path, world: &str, now: Time) -> Result<Opened, Unfit> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let opened = Connection::open_with_flags(path, flags)?;
    opened.busy_timeout(std::time::Duration::from_secs(5))?;
    let number = |name: &str| opened.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = opened.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let fresh = (application, version, tables) == (0, 0, 0);
    if !fresh && (application != APPLICATION || !(1..=VERSION).contains(&version)) {
        return Err(Unfit::Foreign);
    }
    // Evidence is a few thousand bytes, so four fit on a page; on SQLite's own pages of 4 KiB each would flow over onto a second.
    // Holds for a new file alone.
    opened.pragma_update(None, "page_size", 16_384)?;
    // A write-ahead log: a reader, such as another quell on the same workspace, does not wait for the writer.
    opened.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    opened.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    opened.pragma_update(None, "cache_size", PAGES)?;
    Ok(set_up(opened, world, now)?)
}

fn set_up(mut opened: Connection, world: &str, now: Time) -> rusqlite::Result<Opened> {
    opened.pragma_update(None, "trusted_schema", false)?;
    let transaction = opened.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    table::upgrade(&transaction, version)?;
    transaction.execute_batch(table::SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    let number = table::Tables::enter(&transaction, world, now)?;
    transaction.commit()?;
    Ok((opened, number))
}

/// Makes the directory and the file where they are missing, and checks that both are ours alone. The path has no links in it.
pub fn prepare(directory: &Path) -> Result<PathBuf, CacheError> {
    let bad = |why: String| unusable(directory, why);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|e| bad(e.to_string()))?;
    let meta = fs::symlink_metadata(directory).map_err(|e| bad(e.to_string()))?;
    let us = rustix::process::geteuid().as_raw();
    if meta.file_type().is_symlink() {
        return Err(bad("it is a symbolic link; give the directory itself".to_owned()));
    }
    if meta.uid() != us || meta.mode() & 0o077 != 0 {
        return Err(bad(
            "others can read or write it, or it is another user's; run chmod 700 on it".to_owned(),
        ));
    }
    let path = directory
        .canonicalize()
        .map_err(|e| bad(e.to_string()))?
        .join(FILE_NAME);
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(no_follow)
        .open(&path)
        .map_err(|e| unusable(&path, e))?;
    let meta = file.metadata().map_err(|e| unusable(&path, e))?;
    if !meta.is_file() || meta.uid() != us || meta.mode() & 0o077 != 0 || meta.nlink() != 1 {
        let why = "it must be a plain file of one name that only its owner can read (mode 0600)";
        return Err(unusable(&path, why));
    }
    Ok(path)
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> CacheError {
    CacheError::Unusable {
        path: path.display().to_string(),
        why: why.to_string(),
    }
}
