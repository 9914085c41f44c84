//! Arguments in, exit status out; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    pikc::cli::run(std::env::args_os())
}
