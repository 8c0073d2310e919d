//! Saved views of the list: a filter with a name, on a digit.
//!
//! Owns: the views, the built-in ones and those of the configuration. Must never: write the configuration. People keep comments
//! and order in that file; a view is shown as text to put there.

use super::columns::Column;

/// The most views there are: one a digit.
pub const MOST: usize = 9;

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub name: String,
    /// A filter that was understood when it was read.
    pub filter: String,
}

impl View {
    fn of(name: &str, filter: &str) -> Self {
        Self {
            name: name.to_owned(),
            filter: filter.to_owned(),
        }
    }

    /// The view as a `[[view]]` of the configuration, which may stand at the end of the file whatever else is in it.
    #[must_use]
    pub fn as_toml(&self) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        format!(
            "[[view]]\nname = {}\nfilter = {}\n",
            text(&self.name),
            text(&self.filter)
        )
    }
}

/// The views of a console whose configuration names none.
#[must_use]
pub fn built_in() -> Vec<View> {
    [
        ("all", "!archived"),
        ("critical and high", "sev>=high !archived"),
        ("last hour", "age<1h !archived"),
        ("people and keys", "type~IAMUser or type~AccessKey !archived"),
        ("operational", "source:eventbridge !archived"),
        ("archived", "archived"),
    ]
    .map(|(name, filter)| View::of(name, filter))
    .to_vec()
}

/// How the list looks to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub views: Vec<View>,
    pub columns: Vec<Column>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            views: built_in(),
            columns: Column::DEFAULT.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::filter::Filter;

    #[test]
    fn the_built_in_views_are_filters() {
        let views = built_in();
        assert!(views.len() <= MOST);
        for view in views {
            assert!(Filter::parse(&view.filter).is_ok(), "{}", view.filter);
        }
    }
}
