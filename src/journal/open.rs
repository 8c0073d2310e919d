//! Opening the data directory safely: ours alone, and no links followed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::FILE_NAME;
use super::error::JournalError;

/// Opens the journal for reading and appending, making it and its directory if they are not there.
pub fn journal(directory: &Path) -> Result<(PathBuf, File), JournalError> {
    let path = directory.join(FILE_NAME);
    let io = |what, source| JournalError::Io {
        path: path.display().to_string(),
        what,
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|e| io("made", e))?;
    safe_directory(directory)?;
    let file = options()
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| io("opened", e))?;
    let meta = file.metadata().map_err(|e| io("opened", e))?;
    if !meta.is_file() || meta.mode() & 0o077 != 0 {
        let why = format!("{FILE_NAME} must be a plain file that only its owner can read (mode 0600)");
        return Err(JournalError::Unsafe {
            path: directory.display().to_string(),
            why,
        });
    }
    // The file's own name must be on the disk too, or a crash could lose the whole journal.
    File::open(directory)
        .and_then(|d| d.sync_all())
        .map_err(|e| io("synced", e))?;
    Ok((path, file))
}

fn safe_directory(directory: &Path) -> Result<(), JournalError> {
    let unsafe_because = |why: String| JournalError::Unsafe {
        path: directory.display().to_string(),
        why,
    };
    let meta = fs::symlink_metadata(directory).map_err(|e| unsafe_because(e.to_string()))?;
    if meta.file_type().is_symlink() {
        return Err(unsafe_because(
            "it is a symbolic link; give the directory itself".to_owned(),
        ));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(unsafe_because("it belongs to another user".to_owned()));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(unsafe_because(
            "others can read or write it; run chmod 700 on it".to_owned(),
        ));
    }
    Ok(())
}

/// Keeps the bytes of an unfinished record in a file of their own, and says its name.
pub fn set_aside(directory: &Path, seq: u64, bytes: &[u8]) -> Result<String, JournalError> {
    for attempt in 0..1000 {
        let name = format!("torn-{seq}-{attempt}");
        let path = directory.join(&name);
        let io = |source| JournalError::Io {
            path: path.display().to_string(),
            what: "written",
            source,
        };
        match options().create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io)?;
                return Ok(name);
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(io(e)),
        }
    }
    let why = "a thousand unfinished records were set aside already".to_owned();
    Err(JournalError::Unsafe {
        path: directory.display().to_string(),
        why,
    })
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    options.read(true).write(true).mode(0o600).custom_flags(no_follow);
    options
}
