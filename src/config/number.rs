//! Numbers of the configuration and their limits.
//!
//! Owns: one sentence for a number outside its limits and for what is no number. Must never: take the nearest end instead.

use std::fmt;
use std::ops::RangeInclusive;

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};

/// A whole number within these limits.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D, limits: RangeInclusive<u32>) -> Result<u32, D::Error> {
    deserializer.deserialize_u32(Whole(limits))
}

/// A severity's number, from 0 to 10.
pub(super) fn score<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    deserializer.deserialize_f64(Score)
}

struct Whole(RangeInclusive<u32>);

impl Visitor<'_> for Whole {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {}", self.0.start(), self.0.end())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u32, E> {
        u32::try_from(number)
            .ok()
            .filter(|number| self.0.contains(number))
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u32, E> {
        u32::try_from(number)
            .ok()
            .filter(|number| self.0.contains(number))
            .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

struct Score;

impl Visitor<'_> for Score {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 10")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        if (0.0..=10.0).contains(&number) {
            return Ok(number);
        }
        Err(E::invalid_value(Unexpected::Float(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
        match u8::try_from(number) {
            Ok(small @ 0..=10) => Ok(f64::from(small)),
            _ => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }
}
