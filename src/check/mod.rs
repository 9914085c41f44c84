//! PLACEHOLDER until the rules arrive.
use crate::diagnostic::Diagnostics;
use crate::model::Model;
/// Checked.
#[derive(Debug, Clone)]
pub struct Checked<T>(T);
impl<T> Checked<T> {
    /// The value.
    pub fn get(&self) -> &T {
        &self.0
    }
}
/// Checks.
pub fn check(model: Model, out: &mut Diagnostics) -> (Option<Checked<Model>>, Option<Model>) {
    if out.has_errors() {
        (None, Some(model))
    } else {
        (Some(Checked(model)), None)
    }
}
