//! The binary: allocator, runtime, exit status. Commands are in `cli/`.

use std::process::ExitCode;

/// Many small bodies and long-lived rows: measured lower and steadier than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    reelway::cli::main()
}
