//! Which key means which command. Help and hints are generated from it, so they cannot be wrong.

use std::collections::BTreeMap;

use super::command::{Command, Place};
use super::key::{BadKey, Code, Key};
use crate::domain::nearest;

/// The default keys: those that hands know from k9s and vim.
const DEFAULTS: &[(Command, &[&str])] = &[
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
    (Command::Refresh, &["r", "Ctrl-r"]),
    (Command::Copy, &["y"]),
    (Command::CopyResource, &["Y"]),
    (Command::Link, &["o"]),
    (Command::Sort, &["s"]),
    (Command::Reverse, &["S"]),
    (Command::Mark, &["Space"]),
    (Command::Unmark, &["U"]),
    (Command::View(1), &["1"]),
    (Command::View(2), &["2"]),
    (Command::View(3), &["3"]),
    (Command::View(4), &["4"]),
    (Command::View(5), &["5"]),
    (Command::View(6), &["6"]),
    (Command::View(7), &["7"]),
    (Command::View(8), &["8"]),
    (Command::View(9), &["9"]),
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
    (Command::Choices, &["Ctrl-x"]),
    (Command::Verify, &["V"]),
    (Command::Tick, &["Space"]),
    (Command::Playbook, &["P"]),
    (Command::Split, &["|"]),
    (Command::Merge, &["&"]),
    (Command::Mute, &["M"]),
    (Command::Suspend, &["Ctrl-z"]),
    (Command::Quit, &["q", "Ctrl-c"]),
];

/// Keys by command and back.
#[derive(Clone, Debug)]
pub struct KeyMap {
    /// More than one command only where they mean something at different places.
    by_key: BTreeMap<Key, Vec<Command>>,
}

/// A key of the config cannot be used. Each names the action whose line is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBinding {
    #[error("there is no action {0:?}{near}; the actions are {all}", near = near(.0), all = actions())]
    NoCommand(String),
    #[error("{1}")]
    Key(String, BadKey),
    #[error("Ctrl-c always quits and cannot mean {0:?}")]
    Reserved(String),
    #[error(
        "the key {key} is given to {name:?} while it is {other:?}'s; choose another, or give {other:?} another key here"
    )]
    Taken {
        key: Key,
        name: String,
        other: &'static str,
    },
}

impl BadBinding {
    /// The action as the file writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::NoCommand(name) | Self::Key(name, _) | Self::Reserved(name) | Self::Taken { name, .. } => name,
        }
    }

    /// Whether the action's name is at fault, and not the key that it gets.
    #[must_use]
    pub fn is_of_the_name(&self) -> bool {
        matches!(self, Self::NoCommand(_))
    }
}

fn near(name: &str) -> String {
    nearest(name, Command::ALL.iter().map(|command| command.name()))
        .map(|known| format!(", did you mean {known:?}"))
        .unwrap_or_default()
}

fn actions() -> String {
    let names: Vec<&str> = Command::ALL.iter().map(|command| command.name()).collect();
    names.join(", ")
}

impl Default for KeyMap {
    fn default() -> Self {
        let mut map = Self {
            by_key: BTreeMap::new(),
        };
        for (command, keys) in DEFAULTS {
            for key in keys.iter().filter_map(|text| text.parse().ok()) {
                map.bind(key, *command);
            }
        }
        map
    }
}

impl KeyMap {
    /// The defaults with changes: each command named gets exactly the keys given, separated by spaces.
    pub fn with<'a>(changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, BadBinding> {
        let mut map = Self::default();
        let mut named = Vec::new();
        for (name, keys) in changes {
            let command = Command::from_name(name).ok_or_else(|| BadBinding::NoCommand(name.to_owned()))?;
            map.unbind(command);
            named.push((name, command, keys));
        }
        // Only now, so that two actions may change their keys with each other.
        for (name, command, keys) in named {
            for text in keys.split_whitespace() {
                let key: Key = text.parse().map_err(|bad| BadBinding::Key(name.to_owned(), bad))?;
                if key == Key::ctrl('c') && command != Command::Quit {
                    return Err(BadBinding::Reserved(name.to_owned()));
                }
                if let Some(other) = map.holder(key, command) {
                    let (name, other) = (name.to_owned(), other.name());
                    return Err(BadBinding::Taken { key, name, other });
                }
                map.bind(key, command);
            }
        }
        map.bind(Key::ctrl('c'), Command::Quit);
        Ok(map)
    }

    /// The other command that a key has where this one would have it.
    fn holder(&self, key: Key, command: Command) -> Option<Command> {
        let overlaps = |c: &&Command| **c != command && c.place().overlaps(command.place());
        self.by_key.get(&key)?.iter().find(overlaps).copied()
    }

    /// Gives a key to a command. Whatever it meant at the same place before, it means no longer.
    fn bind(&mut self, key: Key, command: Command) {
        let meant = self.by_key.entry(key).or_default();
        meant.retain(|c| !c.place().overlaps(command.place()));
        meant.push(command);
    }

    fn unbind(&mut self, command: Command) {
        for meant in self.by_key.values_mut() {
            meant.retain(|c| *c != command);
        }
        self.by_key.retain(|_, meant| !meant.is_empty());
    }

    /// What a key means at a place: `Place::List` or `Place::Beyond`.
    #[must_use]
    pub fn command(&self, key: Key, place: Place) -> Option<Command> {
        let meant = self.by_key.get(&key)?;
        let here = |command: &&Command| command.place().overlaps(place);
        // A key that means something only elsewhere still says what it is there for.
        meant.iter().find(here).or(meant.first()).copied()
    }

    /// The keys of a command, the shortest first.
    #[must_use]
    pub fn keys(&self, command: Command) -> Vec<Key> {
        let mut keys: Vec<Key> = self
            .by_key
            .iter()
            .filter(|(_, meant)| meant.contains(&command))
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
    fn every_command_has_a_key_and_no_key_two_commands_at_one_place() {
        let map = KeyMap::default();
        for command in Command::ALL {
            assert!(map.hint(*command).is_some(), "{command:?}");
        }
        let written: usize = DEFAULTS.iter().map(|(_, keys)| keys.len()).sum();
        assert_eq!(map.by_key.values().map(Vec::len).sum::<usize>(), written);
    }

    #[test]
    fn a_key_may_mean_one_thing_on_the_list_and_another_beyond_it() {
        let map = KeyMap::default();
        assert_eq!(map.command(Key::char('s'), Place::List), Some(Command::Sort));
        assert_eq!(map.command(Key::char('s'), Place::Beyond), Some(Command::Snapshot));
        let map = KeyMap::with([("sort", "z"), ("snapshot", "w")]).unwrap();
        assert_eq!(map.command(Key::char('z'), Place::List), Some(Command::Sort));
        assert_eq!(map.command(Key::char('w'), Place::List), Some(Command::Snapshot));
        assert_eq!(map.command(Key::char('s'), Place::List), None);
    }

    #[test]
    fn the_config_changes_keys_but_never_takes_the_way_out() {
        let map = KeyMap::with([("quit", "Q"), ("down", "n Down"), ("search-next", "")]).unwrap();
        let on_list = |key| map.command(key, Place::List);
        assert_eq!(on_list(Key::char('Q')), Some(Command::Quit));
        assert_eq!(on_list(Key::char('q')), None);
        assert_eq!(on_list(Key::char('n')), Some(Command::Down));
        assert_eq!(on_list(Key::ctrl('c')), Some(Command::Quit));
        assert!(KeyMap::with([("down", "Ctrl-c")]).is_err());
        assert!(KeyMap::with([("fly", "x")]).is_err());
        let freed = KeyMap::with([("quit", "s"), ("sort", "q"), ("snapshot", "z")]).unwrap();
        assert_eq!(freed.command(Key::char('s'), Place::List), Some(Command::Quit));
        assert_eq!(freed.command(Key::char('q'), Place::List), Some(Command::Sort));
    }

    #[test]
    fn a_key_of_two_actions_and_an_action_that_is_none_are_named() {
        let said = |name, keys| KeyMap::with([(name, keys)]).unwrap_err().to_string();
        let taken = said("quit", "s");
        assert!(
            taken.contains("key s") && taken.contains("\"quit\"") && taken.contains("\"sort\""),
            "{taken}"
        );
        let none = said("qiut", "x");
        assert!(
            none.contains("did you mean \"quit\"; the actions are down, up, "),
            "{none}"
        );
        assert!(!said("flyaway", "x").contains("did you mean"));
    }
}
