//! Which key means which command. Help and hints are generated from it, so they cannot be wrong.

use std::collections::BTreeMap;

use super::command::Command;
use super::key::{BadKey, Code, Key};

/// The default keys: those that hands know from k9s and vim.
const DEFAULTS: [(Command, &[&str]); 33] = [
    (Command::Down, &["j", "Down"]),
    (Command::Up, &["k", "Up"]),
    (Command::PageDown, &["Ctrl-d", "PageDown"]),
    (Command::PageUp, &["Ctrl-u", "PageUp"]),
    (Command::Top, &["g", "Home"]),
    (Command::Bottom, &["G", "End"]),
    (Command::Open, &["Enter"]),
    (Command::Back, &["Esc"]),
    (Command::NextPane, &["Tab", "l", "Right"]),
    (Command::PreviousPane, &["BackTab", "h", "Left"]),
    (Command::Filter, &["/"]),
    (Command::Prompt, &[":"]),
    (Command::SearchNext, &["n"]),
    (Command::SearchPrevious, &["N"]),
    (Command::Help, &["?"]),
    (Command::Journal, &["J"]),
    (Command::Coverage, &["C"]),
    (Command::Refresh, &["r"]),
    (Command::Claim, &["c"]),
    (Command::Release, &["R"]),
    (Command::NoteFindings, &["f"]),
    (Command::Classify, &["v"]),
    (Command::Isolate, &["i"]),
    (Command::Snapshot, &["s"]),
    (Command::Revoke, &["x"]),
    (Command::Notify, &["m"]),
    (Command::Document, &["d"]),
    (Command::Undo, &["u"]),
    (Command::Split, &["|"]),
    (Command::Merge, &["&"]),
    (Command::Mute, &["M"]),
    (Command::Suspend, &["Ctrl-z"]),
    (Command::Quit, &["q", "Ctrl-c"]),
];

/// Keys by command and back.
#[derive(Clone, Debug)]
pub struct KeyMap {
    by_key: BTreeMap<Key, Command>,
}

/// A key of the config cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBinding {
    #[error("there is no command {0:?}; quell's help screen (?) lists them")]
    NoCommand(String),
    #[error("{0}")]
    Key(#[from] BadKey),
    #[error("Ctrl-c always quits and cannot mean {0:?}")]
    Reserved(String),
}

impl Default for KeyMap {
    fn default() -> Self {
        let by_key = DEFAULTS
            .iter()
            .flat_map(|(command, keys)| keys.iter().filter_map(|text| Some((text.parse().ok()?, *command))))
            .collect();
        Self { by_key }
    }
}

impl KeyMap {
    /// The defaults with changes: each command named gets exactly the keys given, separated by spaces.
    pub fn with<'a>(changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, BadBinding> {
        let mut map = Self::default();
        for (name, keys) in changes {
            let command = Command::from_name(name).ok_or_else(|| BadBinding::NoCommand(name.to_owned()))?;
            map.by_key.retain(|_, c| *c != command);
            for text in keys.split_whitespace() {
                let key: Key = text.parse()?;
                if key == Key::ctrl('c') && command != Command::Quit {
                    return Err(BadBinding::Reserved(name.to_owned()));
                }
                map.by_key.insert(key, command);
            }
        }
        map.by_key.insert(Key::ctrl('c'), Command::Quit);
        Ok(map)
    }

    /// What a key means.
    #[must_use]
    pub fn command(&self, key: Key) -> Option<Command> {
        self.by_key.get(&key).copied()
    }

    /// The keys of a command, the shortest first.
    #[must_use]
    pub fn keys(&self, command: Command) -> Vec<Key> {
        let mut keys: Vec<Key> = self
            .by_key
            .iter()
            .filter(|(_, c)| **c == command)
            .map(|(k, _)| *k)
            .collect();
        keys.sort_by_key(|k| (k.to_string().chars().count(), *k));
        keys
    }

    /// The key shown in hints; none where the config took all away.
    #[must_use]
    pub fn hint(&self, command: Command) -> Option<String> {
        let key = self.keys(command).into_iter().next()?;
        Some(if key.code == Code::Enter {
            "↵".to_owned()
        } else {
            key.to_string()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_key_and_no_key_two_commands() {
        let map = KeyMap::default();
        for command in Command::ALL {
            assert!(map.hint(command).is_some(), "{command:?}");
        }
        let written: usize = DEFAULTS.iter().map(|(_, keys)| keys.len()).sum();
        assert_eq!(map.by_key.len(), written);
    }

    #[test]
    fn the_config_changes_keys_but_never_takes_the_way_out() {
        let map = KeyMap::with([("quit", "Q"), ("down", "n Down")]).unwrap();
        assert_eq!(map.command(Key::char('Q')), Some(Command::Quit));
        assert_eq!(map.command(Key::char('q')), None);
        assert_eq!(map.command(Key::char('n')), Some(Command::Down));
        assert_eq!(map.command(Key::ctrl('c')), Some(Command::Quit));
        assert!(KeyMap::with([("down", "Ctrl-c")]).is_err());
        assert!(KeyMap::with([("fly", "x")]).is_err());
    }
}
