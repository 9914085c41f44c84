//! Arguments in, exit status out; nothing else.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// pikc makes very many small values and drops them: with the C library's allocator, a third of what a node costs is allocating.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    pikc::cli::run(std::env::args_os())
}
