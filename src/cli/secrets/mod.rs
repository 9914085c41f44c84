//! `pikc secrets`: the encrypted file with what a cluster's machines trust each other by, and with the values that its spec names.

mod change;
mod check;
mod init;
mod list;
mod subject;

use clap::Subcommand;

use super::shared::console::Console;
use super::shared::exit::Outcome;
use subject::{CheckArgs, InitArgs, ListArgs, RotateArgs, SetArgs};

/// `pikc secrets`
#[derive(Debug, Subcommand)]
pub(super) enum SecretsCommand {
    /// Make a cluster's certificate authorities, keys and token, once, in an encrypted file next to the spec
    Init(InitArgs),
    /// List what the file holds and since when; never a value
    List(ListArgs),
    /// Set the value of a secret that the spec names: from the terminal, standard input or a file
    Set(SetArgs),
    /// Replace one of the cluster's own secrets, and say what has to be rolled out again
    Rotate(RotateArgs),
    /// Check the file: does it belong to this spec, is it complete, what ends when
    Check(CheckArgs),
}

pub(super) fn run(command: &SecretsCommand, console: &Console) -> Outcome {
    match command {
        SecretsCommand::Init(args) => init::run(args, console),
        SecretsCommand::List(args) => list::run(args, console),
        SecretsCommand::Set(args) => change::set(args, console),
        SecretsCommand::Rotate(args) => change::rotate(args, console),
        SecretsCommand::Check(args) => check::run(args, console),
    }
}
