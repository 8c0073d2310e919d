//! The playbooks at hand: the built-in ones, and the user's own over them.
//!
//! Owns: the user's directory. Must never: pass over a file there in silence; one that cannot be used is named with its fault.

use std::io::ErrorKind;
use std::path::PathBuf;

use super::desk::Desk;
use crate::config::read_small;
use crate::domain::Untrusted;
use crate::playbook::{Classification, Library, Playbook};

/// The most files that are read from the directory.
const MOST: usize = 200;

/// The user's playbook files: those that end in `.toml`, by name. None where there is no directory and none is configured.
pub fn files(desk: &Desk) -> Result<Vec<PathBuf>, String> {
    let Some((directory, named)) = desk.config.playbooks() else {
        return Ok(Vec::new());
    };
    let told = |why: &dyn std::fmt::Display| {
        let directory = Untrusted::new(directory.display().to_string());
        format!("the playbooks in {directory} cannot be read: {why}")
    };
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if !named && error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(told(&error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| told(&e))?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push(path);
        }
        if files.len() > MOST {
            return Err(told(&format!("there are more than {MOST}")));
        }
    }
    files.sort();
    Ok(files)
}

/// The playbooks at hand. What cannot be used is noted in the library.
pub fn load(desk: &Desk, table: &Classification) -> Library {
    let mut library = Library::built_in();
    let files = match files(desk) {
        Ok(files) => files,
        Err(why) => {
            library.leave_out(why);
            return library;
        }
    };
    let mut names: Vec<(String, String)> = Vec::new();
    for path in files {
        let file = path.display().to_string();
        let text = match read_small(&path) {
            Ok(text) => text,
            Err(error) => {
                library.leave_out(format!("{}: it cannot be read: {error}", Untrusted::new(file)));
                continue;
            }
        };
        match Playbook::lint(&file, &text, table) {
            Ok(playbook) => {
                if let Some((_, other)) = names.iter().find(|(name, _)| *name == playbook.name) {
                    let (file, other) = (Untrusted::new(file), Untrusted::new(other.as_str()));
                    library.leave_out(format!("{file}: {} is the name of {other} already", playbook.name));
                    continue;
                }
                names.push((playbook.name.clone(), file));
                library.add(playbook);
            }
            Err(faults) => faults.iter().for_each(|fault| library.leave_out(fault.to_string())),
        }
    }
    library
}
