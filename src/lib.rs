//! `pikc`: from one file that describes a Kubernetes cluster to the files that build it.
//!
//! ```text
//! text -syntax-> Tree -ast-> Document -schema-> Entities -model-> Model -check-> Checked<Model>
//!      -plan-> Plan -render-> Rendered -output-> files
//! ```

pub mod ast;
pub mod check;
pub mod diagnostic;
pub mod model;
pub mod origin;
pub mod output;
pub mod plan;
pub mod render;
pub mod schema;
pub mod source;
pub mod stdlib;
pub mod syntax;
pub mod value;
