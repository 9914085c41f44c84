//! The catalogue of ways in which such clusters fail in the field (`tests/rules/*.md`), with what pikc does about each. A row
//! without a verdict fails, and so does one that names a code, a test or a step that does not exist. `docs/rules.md` is generated
//! from it. The tests for what is right by construction are in the files here.

mod catalogue;
mod control_planes;
mod machines;
mod made;
mod networks;
mod packages;
mod routes;
mod tree;
mod validation;
