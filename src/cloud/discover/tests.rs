//! Each way to the findings, against the range.

mod administrator;
mod gathered;
mod organisation;

pub(in crate::cloud) use gathered::told;
