//! Reads a catalogue of texts: the part of TOML that translators need (sections, `key = "text"`, comments). Owns no text and no
//! language.

use std::collections::BTreeMap;

/// Why a catalogue cannot be read: the number of the line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {0} of the catalogue is neither a section, a comment, nor key = \"text\", or names a key twice"
)]
pub struct BadLine(usize);

/// Texts by `section.key`.
pub fn parse(source: &str) -> Result<BTreeMap<String, String>, BadLine> {
    let mut texts = BTreeMap::new();
    let mut section = "";
    for (index, line) in source.lines().enumerate() {
        let line = line.trim();
        let bad = BadLine(index + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = name.strip_suffix(']').ok_or(bad)?;
            continue;
        }
        let (key, value) = line.split_once(" = ").ok_or(BadLine(index + 1))?;
        let text = unquote(value).ok_or(BadLine(index + 1))?;
        if texts.insert(format!("{section}.{key}"), text).is_some() {
            return Err(bad);
        }
    }
    Ok(texts)
}

/// The text between quotes, with `\"`, `\\` and `\n` resolved.
fn unquote(value: &str) -> Option<String> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push(match characters.next()? {
                'n' => '\n',
                quoted @ ('"' | '\\') => quoted,
                _ => return None,
            }),
            '"' => return None,
            plain => text.push(plain),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_comments_and_escapes_are_understood() {
        let texts =
            parse("# a comment\n[one]\nkey = \"say \\\"hi\\\"\\nthere\"\n\n[two]\nkey = \"b\"\n")
                .unwrap();
        assert_eq!(texts["one.key"], "say \"hi\"\nthere");
        assert_eq!(texts["two.key"], "b");
    }

    #[test]
    fn a_line_that_is_nothing_is_named() {
        assert_eq!(parse("[a]\nkey: value"), Err(BadLine(2)));
        assert_eq!(parse("[a]\nkey = \"open"), Err(BadLine(2)));
        assert_eq!(parse("[a]\nkey = \"1\"\nkey = \"2\""), Err(BadLine(3)));
    }
}
