//! Each way to the findings, against the range.

mod gathered;
mod organisation;

pub(in crate::cloud) use gathered::told;
