//! PLACEHOLDER until the rules arrive.
use crate::diagnostic::Diagnostics;
use crate::model::Model;
/// Checked.
#[derive(Debug, Clone)]
pub struct Checked<T>(T);
impl<'a> Checked<&'a Model> {
    /// The value.
    pub fn get(&self) -> &'a Model {
        self.0
    }
}
/// Checks.
pub fn check(_model: &Model, _out: &mut Diagnostics) {}
/// Passed.
pub fn passed<'a>(model: &'a Model, out: &Diagnostics) -> Option<Checked<&'a Model>> {
    (!out.has_errors()).then_some(Checked(model))
}
