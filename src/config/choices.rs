//! What is chosen about actions unless a plan says otherwise: `[choices.isolate-instance]`.
//!
//! Owns: the check of these keys against what each action knows. Must never: let an unknown choice pass.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::action::{ActionName, Choices};

/// A choice as the file may write it: text, or true and false for yes and no.
struct Written(String);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Written;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes, true or false")
            }

            fn visit_bool<E: Error>(self, yes: bool) -> Result<Written, E> {
                Ok(Written(if yes { "yes" } else { "no" }.to_owned()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Written, E> {
                Ok(Written(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The table of choices by action.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<ActionName, Choices>, D::Error> {
    let written = BTreeMap::<ActionName, BTreeMap<String, Written>>::deserialize(deserializer)?;
    let mut all = BTreeMap::new();
    for (action, choices) in written {
        let known = action.action().choices();
        let mut chosen = Choices::new();
        for (name, Written(value)) in choices {
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
