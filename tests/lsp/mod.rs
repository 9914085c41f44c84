//! The language server, through its protocol.

mod client;
mod commands;
mod generated;
mod lifecycle;
mod marks;
mod odd;
mod pages;
mod same_as_check;
mod shared;
mod typing;
mod valid;
