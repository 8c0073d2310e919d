//! What the tests stand on.

pub mod desk;
pub mod ground;
pub mod moto;
pub mod people;
pub mod python;
pub mod room;
pub mod served;
pub mod tamper;
