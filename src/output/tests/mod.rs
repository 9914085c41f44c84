//! Tests of this floor that use its internals.

mod card;
mod decide;
mod fixture;
mod kill;
mod text;
mod traps;
