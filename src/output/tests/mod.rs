//! Tests of the floor, with its insides at hand.

mod card;
mod decide;
mod fixture;
mod kill;
mod text;
mod traps;
