//! Notes what the build was made with, for the report: the compiler, and whether `nasm` was there for the encoder.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=PATH");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = first_line(Command::new(compiler).arg("--version"));
    println!(
        "cargo:rustc-env=BENCH_RUSTC={}",
        version.unwrap_or_else(|| "unknown".to_owned())
    );
    let assembler = first_line(Command::new("nasm").arg("-v"));
    println!(
        "cargo:rustc-env=BENCH_NASM={}",
        assembler.unwrap_or_else(|| "missing".to_owned())
    );
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.lines().next()?.trim().to_owned())
}
