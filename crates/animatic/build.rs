//! Warns when `nasm` is missing, because the bundled H.264 encoder is then built without its fast paths.

use std::process::{Command, Stdio};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=PATH");
    let found = Command::new("nasm")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        println!(
            "cargo:warning=`nasm` was not found: the H.264 encoder is built about three times slower; \
             install it (Debian: apt-get install nasm) and rebuild openh264-sys2 with `cargo clean -p openh264-sys2`"
        );
    }
}
