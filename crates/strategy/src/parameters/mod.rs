//! Parameters of strategies: what they are, how raw values are read, how problems are told.
//!
//! Read [`descriptor`] first. A strategy keeps one table of descriptors; validation, defaults, documentation and the
//! TypeScript types come from it.

pub mod descriptor;
pub mod issues;
pub mod nearest;
pub mod place;
pub mod value;

pub use descriptor::{Bound, Initial, Kind, Parameter, Scope};
pub use issues::{Issues, Reason, child};
pub use place::{Given, Place, Values};
pub use value::Reading;
