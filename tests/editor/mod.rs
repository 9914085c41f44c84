//! What an editor asks about a spec, without a server: pages with cursors and answers, and properties at every place of every spec.

mod ask;
mod choices;
mod everywhere;
