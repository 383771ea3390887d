//! Rebuilds when a migration or a page changes: both are compiled in.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=src/web");
}
