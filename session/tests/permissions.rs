//! docs/permissions.md is what the code says.

use std::path::Path;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test of a document has to read it"
)]
fn the_documented_truth_table_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/permissions.md");
    let table = mayday_session::permission::truth_table();
    if std::env::var_os("MAYDAY_WRITE_DOCS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let documented = std::fs::read_to_string(&path).unwrap();
    assert!(
        documented == table,
        "docs/permissions.md is not what the code says; MAYDAY_WRITE_DOCS=1 writes it anew"
    );
}
