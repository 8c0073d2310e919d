//! quell: a terminal console for incident response on AWS.

pub mod domain;
pub mod drill;
pub mod range;
