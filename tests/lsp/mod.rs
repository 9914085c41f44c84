//! The language server, through its protocol.

mod client;
mod lifecycle;
mod marks;
mod odd;
