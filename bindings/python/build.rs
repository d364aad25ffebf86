//! Tells the linker that a module's symbols come from the running Python.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
