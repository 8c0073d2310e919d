//! What is chosen about actions unless a plan says otherwise: `[choices.isolate-instance]`.
//!
//! Owns: the check of these keys against what each action knows. Must never: let an unknown choice pass.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::action::{ActionName, Choices};

/// A choice as the file may write it: text, or true and false for yes and no.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Flag(bool),
    Text(String),
}

/// The table of choices by action.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<ActionName, Choices>, D::Error> {
    let written = BTreeMap::<ActionName, BTreeMap<String, Written>>::deserialize(deserializer)?;
    let mut all = BTreeMap::new();
    for (action, choices) in written {
        let known = action.action().choices();
        let mut chosen = Choices::new();
        for (name, value) in choices {
            let value = match value {
                Written::Flag(true) => "yes".to_owned(),
                Written::Flag(false) => "no".to_owned(),
                Written::Text(text) => text,
            };
            let Some(choice) = known.iter().find(|choice| choice.name == name) else {
                let names: Vec<&str> = known.iter().map(|choice| choice.name).collect();
                let knows = if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                };
                return Err(Error::custom(format!(
                    "{action} knows no choice {name:?}; it knows {knows}"
                )));
            };
            choice.accepts(&value).map_err(Error::custom)?;
            chosen.insert(name, value);
        }
        all.insert(action, chosen);
    }
    Ok(all)
}
