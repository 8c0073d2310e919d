//! Deciding what kind of incident it is, how many systems it affects, and how severe it is.
//!
//! Owns: the prompt. It begins with what the findings suggest, or with what was decided before. Must never: decide by itself; what
//! is suggested counts for nothing in the journal until somebody has pressed a key for it.

use super::chosen;
use super::effect::Effect;
use super::key::{Code, Key};
use super::state::{Prompt, Screen, State, Tone};
use crate::domain::SeverityLabel;
use crate::journal::{self, What};
use crate::playbook::Classification;
use crate::playbook::classify::{IncidentType, SEVERITIES, Subtype};

/// More systems than this are not counted.
const MOST_SYSTEMS: u32 = 99_999;

/// A row of the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Type,
    Subtype,
    Systems,
    Severity,
}

impl Field {
    /// Every row, from the top.
    pub const ALL: [Self; 4] = [Self::Type, Self::Subtype, Self::Systems, Self::Severity];

    /// The word before the value.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Subtype => "subtype",
            Self::Systems => "systems",
            Self::Severity => "severity",
        }
    }
}

/// What would be decided.
#[derive(Clone, Debug)]
pub struct Classifying {
    /// The row under the cursor.
    pub field: Field,
    /// By its place in the table.
    pub kind: usize,
    /// By its place in the type.
    pub sub: usize,
    pub systems: u32,
    /// Whether digits go on with the number; the first one begins it.
    pub typing: bool,
    pub severity: SeverityLabel,
    /// Why this is suggested, or what was decided before: safe to show.
    pub why: String,
}

impl Classifying {
    /// The type and subtype as the table has them.
    #[must_use]
    pub fn chosen<'t>(&self, table: &'t Classification) -> Option<(&'t IncidentType, &'t Subtype)> {
        let kind = table.types().get(self.kind)?;
        Some((kind, kind.subtypes.get(self.sub)?))
    }

    /// What the table says of the type, the subtype and the systems.
    #[must_use]
    pub fn by_table(&self, table: &Classification) -> Option<SeverityLabel> {
        let (kind, sub) = self.chosen(table)?;
        table.severity(&kind.name, &sub.name, self.systems)
    }
}

/// Opens the prompt.
pub(super) fn start(state: &mut State) {
    let Some(Screen::Incident(open)) = state.screens.last() else {
        return;
    };
    let incident = &open.incident;
    let suggested = chosen::suggested(state, incident);
    let decided = chosen::decided(state, incident);
    let table = &state.classification;
    let (kind_name, sub_name) = match (decided.and_then(|d| Some((d.incident_type?, d.subtype?))), &suggested) {
        (Some(decided), _) => decided,
        (None, Some(s)) => (s.incident_type.as_str(), s.subtype.as_str()),
        (None, None) => ("", ""),
    };
    let types = table.types();
    let kind = types
        .iter()
        .position(|t| t.name == kind_name)
        .unwrap_or(types.len().saturating_sub(1));
    let subs = types.get(kind).map(|t| t.subtypes.as_slice()).unwrap_or_default();
    let sub = subs.iter().position(|s| s.name == sub_name).unwrap_or_default();
    let mut why = suggested.as_ref().map(|s| s.why.clone()).unwrap_or_default();
    if let Some(decided) = decided {
        let who = super::claim::short_name(decided.who);
        why = format!("{who} decided {} before. {why}", decided.severity);
    }
    let by_label = table.suggest(incident.severity.label());
    let severity = decided.map(|d| d.severity).or(suggested.as_ref().map(|s| s.severity));
    let classifying = Classifying {
        field: Field::Type,
        kind,
        sub,
        systems: decided
            .and_then(|d| d.systems)
            .unwrap_or_else(|| chosen::systems(incident)),
        typing: false,
        severity: severity.unwrap_or(by_label),
        why,
    };
    state.prompt = Some(Prompt::Classify(Box::new(classifying)));
}

/// A key while it is decided.
pub(super) fn key(state: &mut State, key: Key, mut now: Box<Classifying>) -> Vec<Effect> {
    let by_letter = match key.code {
        Code::Char('c') => Some(SeverityLabel::Critical),
        Code::Char('h') => Some(SeverityLabel::High),
        Code::Char('m') => Some(SeverityLabel::Medium),
        Code::Char('l') => Some(SeverityLabel::Low),
        _ => None,
    };
    if let Some(severity) = by_letter {
        now.severity = severity;
        return decide(state, &now);
    }
    let place = Field::ALL.iter().position(|f| *f == now.field).unwrap_or_default();
    let typing = std::mem::take(&mut now.typing);
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => return decide(state, &now),
        Code::Down | Code::Char('j') | Code::Tab => now.field = Field::ALL[(place + 1) % Field::ALL.len()],
        Code::Up | Code::Char('k') | Code::BackTab => {
            now.field = Field::ALL[(place + Field::ALL.len() - 1) % Field::ALL.len()];
        }
        Code::Right | Code::Char(' ' | '+') => change(&mut now, &state.classification, true),
        Code::Left | Code::Char('-') => change(&mut now, &state.classification, false),
        Code::Char(digit @ '0'..='9') => {
            let digit = digit.to_digit(10).unwrap_or_default();
            // The first digit begins a new number.
            let so_far = if typing { now.systems } else { 0 };
            (now.field, now.typing) = (Field::Systems, true);
            now.systems = so_far.saturating_mul(10).saturating_add(digit).min(MOST_SYSTEMS);
            follow(&mut now, &state.classification);
        }
        Code::Backspace => {
            (now.field, now.typing) = (Field::Systems, true);
            now.systems /= 10;
            follow(&mut now, &state.classification);
        }
        _ => {}
    }
    state.prompt = Some(Prompt::Classify(now));
    Vec::new()
}

/// The next or the last value of the row under the cursor.
fn change(now: &mut Classifying, table: &Classification, up: bool) {
    let turn = |at: usize, len: usize| match (up, len) {
        (_, 0) => 0,
        (true, len) => (at + 1) % len,
        (false, len) => (at + len - 1) % len,
    };
    match now.field {
        Field::Type => {
            now.kind = turn(now.kind, table.types().len());
            let subs = table
                .types()
                .get(now.kind)
                .map(|t| t.subtypes.as_slice())
                .unwrap_or_default();
            now.sub = subs.iter().position(|s| s.assumed).unwrap_or_default();
            follow(now, table);
        }
        Field::Subtype => {
            let subs = table.types().get(now.kind).map_or(0, |t| t.subtypes.len());
            now.sub = turn(now.sub, subs);
            follow(now, table);
        }
        Field::Systems => {
            let one = if up {
                now.systems.saturating_add(1)
            } else {
                now.systems.saturating_sub(1)
            };
            now.systems = one.clamp(1, MOST_SYSTEMS);
            follow(now, table);
        }
        Field::Severity => {
            let at = SEVERITIES.iter().position(|s| *s == now.severity).unwrap_or_default();
            now.severity = SEVERITIES[turn(at, SEVERITIES.len())];
        }
    }
}

/// The severity follows the table until it is chosen by itself.
fn follow(now: &mut Classifying, table: &Classification) {
    if let Some(severity) = now.by_table(table) {
        now.severity = severity;
    }
}

/// Writes down what was decided, and says whom to tell.
fn decide(state: &mut State, now: &Classifying) -> Vec<Effect> {
    let severity = now.severity;
    let level = state.classification.level(severity);
    let response_minutes = level.response_minutes;
    let tell = match level.escalation.join(", ") {
        none if none.is_empty() => String::new(),
        all => format!(" Tell: {all}."),
    };
    let names = now.chosen(&state.classification);
    let names = names.map(|(kind, sub)| (kind.name.clone(), sub.name.clone()));
    let (incident_type, subtype) = names.unzip();
    let what = What::Classified {
        severity,
        response_minutes,
        incident_type,
        subtype,
        systems: Some(now.systems.max(1)),
    };
    let within = journal::minutes(response_minutes);
    state.say(
        Tone::Good,
        format!("Classified {severity}: respond within {within}.{tell}"),
    );
    chosen::note(state, what)
}
