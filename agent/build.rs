//! Compiles the window's slint files. Nothing else happens at build time.

fn main() {
    let style = slint_build::CompilerConfiguration::new().with_style("fluent".into());
    slint_build::compile_with_config("ui/windows.slint", style)
        .expect("the window's slint files compile");
}
