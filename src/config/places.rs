//! Where each key and value of the file stands, and what is checked once all of it is read.
//!
//! Owns: the places, for every fault that is found after the types fit. Must never: change what the configuration says.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Config, read_small};
use crate::app::keymap::KeyMap;
use crate::domain::source_text::why_unread;
use crate::domain::{SourceError, Untrusted};
use crate::findings::filter::Filter;
use crate::tui::theme::{BadTheme, Theme};

/// The text of a configuration with its places.
pub(super) struct Places<'t> {
    file: &'t str,
    text: &'t str,
    /// None where the text is not TOML, which has been said by then.
    table: Option<Spanned<DeTable<'t>>>,
}

impl<'t> Places<'t> {
    pub fn of(file: &'t str, text: &'t str) -> Self {
        let table = DeTable::parse(text).ok();
        Self { file, text, table }
    }

    /// The bytes of a key and of its value. A list is entered by number, from 0.
    fn find(&self, way: &[&str]) -> Option<(Range<usize>, Range<usize>)> {
        let mut table = Some(self.table.as_ref()?.get_ref());
        let mut list: Option<&DeValue<'t>> = None;
        let mut found = None;
        for step in way {
            let (key, value) = match (table, list) {
                (Some(inner), _) => {
                    let (key, value) = inner.iter().find(|(key, _)| key.get_ref() == step)?;
                    (key.span(), value)
                }
                (None, Some(DeValue::Array(items))) => {
                    let item: &Spanned<DeValue<'t>> = items.get(step.parse::<usize>().ok()?)?;
                    (item.span(), item)
                }
                (None, _) => return None,
            };
            table = value.get_ref().as_table();
            list = Some(value.get_ref());
            found = Some((key, value.span()));
        }
        found
    }

    fn key(&self, way: &[&str]) -> Option<Range<usize>> {
        self.find(way).map(|(key, _)| key)
    }

    fn value(&self, way: &[&str]) -> Option<Range<usize>> {
        self.find(way).map(|(_, value)| value)
    }

    /// The word that begins at this character, from 1, of a text. All of it where it is written with escapes.
    fn inside(&self, way: &[&str], value: &str, column: usize) -> Option<Range<usize>> {
        let span = self.value(way)?;
        let Some(begin) = self.text.get(span.clone()).and_then(|raw| raw.find(value)) else {
            return Some(span);
        };
        let before: usize = value.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
        let word = value[before..].split_whitespace().next().map_or(1, str::len);
        let start = span.start + begin + before;
        Some(start..start + word)
    }

    pub fn fault(&self, span: Option<Range<usize>>, what: impl Into<String>) -> SourceError {
        SourceError::at(self.file, self.text, span, what)
    }
}

/// What does not hold in a text whose types fit, without a look at other files.
pub(super) fn check(config: &Config, places: &Places<'_>) -> Result<(), SourceError> {
    for (view, number) in config.view.iter().zip(0_usize..) {
        if let Err(error) = Filter::parse(&view.filter) {
            let way = ["view", &number.to_string(), "filter"];
            let what = format!(
                "the filter of the view {:?} cannot be understood: {}",
                view.name, error.message
            );
            return Err(places.fault(places.inside(&way, &view.filter, error.column), what));
        }
    }
    let keys = config.keys.iter().map(|(name, keys)| (name.as_str(), keys.as_str()));
    if let Err(bad) = KeyMap::with(keys) {
        let way = ["keys", bad.name()];
        let span = if bad.is_of_the_name() {
            places.key(&way)
        } else {
            places.value(&way)
        };
        return Err(places.fault(span, bad.to_string()));
    }
    Ok(())
}

/// What does not hold in the files that the configuration names.
pub(super) fn check_files(config: &Config, places: &Places<'_>) -> Result<(), SourceError> {
    if let Some(name) = &config.theme {
        match Theme::load(name) {
            Ok(_) => {}
            // It is a file of its own, and says its own place.
            Err(BadTheme::File(fault)) => return Err(fault),
            Err(bad @ (BadTheme::Unreadable { .. } | BadTheme::TooLarge(_))) => {
                return Err(places.fault(places.value(&["theme"]), bad.to_string()));
            }
        }
    }
    if let Some(path) = &config.classification
        && let Err(error) = read_small(path)
    {
        let what = format!(
            "the classification table {} cannot be read: {}; mend the path, or leave the key out for the built-in table",
            shown(path),
            why_unread(&error)
        );
        return Err(places.fault(places.value(&["classification"]), what));
    }
    Ok(())
}

fn shown(path: &Path) -> Untrusted {
    Untrusted::new(path.display().to_string())
}
