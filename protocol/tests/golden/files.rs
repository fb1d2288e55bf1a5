//! The golden files: what a test made, compared with what is checked in (written anew with `UPDATE_VECTORS=1`).
//! Owns files and hex, not what the vectors say.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A file of the repository, from its root.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Fails when `path` does not hold exactly `text`.
#[expect(
    clippy::disallowed_methods,
    reason = "the crate is pure, its golden files are not"
)]
pub fn check(path: &str, text: &str) {
    let file = repository(path);
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == text,
        "{path} is not what this build writes; if that is meant, run again with UPDATE_VECTORS=1\n{text}"
    );
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One accepted message: its bytes and what they say.
pub fn vector(name: &str, bytes: &[u8], value: Value) -> Value {
    json!({ "name": name, "hex": hex(bytes), "value": value })
}

/// One message that every reader must refuse.
pub fn refused(name: &str, bytes: &[u8]) -> Value {
    json!({ "name": name, "hex": hex(bytes) })
}

/// Compares `protocol/vectors/NAME.json`.
pub fn check_vectors(name: &str, accepted: Vec<Value>, refused: Vec<Value>) {
    let text = serde_json::to_string_pretty(&json!({ "accepted": accepted, "refused": refused }));
    check(
        &format!("protocol/vectors/{name}.json"),
        &(text.unwrap() + "\n"),
    );
}
