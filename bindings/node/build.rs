//! Tells the linker that an addon's symbols come from the running Node.

fn main() {
    napi_build::setup();
}
