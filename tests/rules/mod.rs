//! The catalogue of ways in which such clusters fail in the field (`tests/rules/*.md`): for each, what became of it. A row
//! without a verdict fails, and so does one that names a code, a test or a step that there is not. `docs/rules.md` is made from
//! it, with the tests of what is right by construction beside it.

mod catalogue;
mod machines;
mod made;
mod networks;
mod packages;
mod tree;
