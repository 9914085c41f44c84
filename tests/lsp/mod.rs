//! The language server, through its protocol.

mod client;
mod generated;
mod lifecycle;
mod marks;
mod odd;
mod pages;
mod same_as_check;
mod typing;
mod valid;
