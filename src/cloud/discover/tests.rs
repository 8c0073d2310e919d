//! Each way to the findings, against the range.

mod administrator;
mod gathered;
mod organisation;
mod own;
mod profiles;
mod shown;

pub(in crate::cloud) use administrator::administered;
pub(in crate::cloud) use gathered::told;
