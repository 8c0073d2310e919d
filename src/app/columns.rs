//! The columns of the list, by the names that the configuration and the prompt use.

use std::fmt;
use std::str::FromStr;

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The time that is left to respond, or how long it is overdue.
    Sla,
    /// The band of severity.
    Sev,
    /// The score, 0 to 10.
    Score,
    /// How long ago it last moved.
    Age,
    /// What happened, and how many findings it holds.
    Incident,
    /// The finding's type.
    Type,
    /// Account and region.
    Where,
    /// What it is about.
    Resource,
    /// Who claimed it.
    Who,
    /// The principal that the finding names.
    Principal,
    /// Where it was read.
    Source,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 11] = [
        Self::Sla,
        Self::Sev,
        Self::Score,
        Self::Age,
        Self::Incident,
        Self::Type,
        Self::Where,
        Self::Resource,
        Self::Who,
        Self::Principal,
        Self::Source,
    ];

    /// Those that are shown unless others were chosen. Where the screen is narrow, the last ones give way.
    pub const DEFAULT: [Self; 7] = [
        Self::Sla,
        Self::Sev,
        Self::Age,
        Self::Incident,
        Self::Where,
        Self::Resource,
        Self::Who,
    ];

    /// The name that is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sla => "sla",
            Self::Sev => "sev",
            Self::Score => "score",
            Self::Age => "age",
            Self::Incident => "incident",
            Self::Type => "type",
            Self::Where => "where",
            Self::Resource => "resource",
            Self::Who => "who",
            Self::Principal => "principal",
            Self::Source => "source",
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The text names no column, or a list of them names none or one twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadColumn {
    #[error("there is no column {name:?}; there are {}", all())]
    Unknown { name: String },
    #[error("the column {0} is named twice")]
    Twice(Column),
    #[error("at least one column is needed; there are {}", all())]
    None,
}

fn all() -> String {
    Column::ALL.map(Column::word).join(", ")
}

impl FromStr for Column {
    type Err = BadColumn;

    fn from_str(text: &str) -> Result<Self, BadColumn> {
        let wanted = text.trim().to_ascii_lowercase();
        let found = Self::ALL.into_iter().find(|c| c.word() == wanted);
        found.ok_or_else(|| BadColumn::Unknown {
            name: text.trim().chars().take(40).collect(),
        })
    }
}

/// Columns from their names, separated by commas or spaces.
pub fn parse(text: &str) -> Result<Vec<Column>, BadColumn> {
    let names = text.split([',', ' ']).filter(|name| !name.is_empty());
    let mut columns = Vec::new();
    for name in names {
        let column: Column = name.parse()?;
        if columns.contains(&column) {
            return Err(BadColumn::Twice(column));
        }
        columns.push(column);
    }
    if columns.is_empty() {
        return Err(BadColumn::None);
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_as_they_are_written() {
        let words = Column::ALL.map(Column::word).join(",");
        assert_eq!(parse(&words).unwrap(), Column::ALL);
        assert_eq!(parse(" SEV, incident ").unwrap(), [Column::Sev, Column::Incident]);
        assert_eq!(parse("sev,sev"), Err(BadColumn::Twice(Column::Sev)));
        assert_eq!(parse(" , "), Err(BadColumn::None));
        assert!(parse("sevv").unwrap_err().to_string().contains("principal"));
    }
}
