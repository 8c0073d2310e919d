//! What the tests stand on.

pub mod ground;
pub mod room;
