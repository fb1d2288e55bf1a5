//! Text into HTML without a way for the text to become HTML.

use std::fmt::Write;

/// The five characters that mean something in HTML, as what they look like.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A text with its `{names}` replaced, escaped as a whole.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut safe = escape(text);
    for (name, value) in values {
        safe = safe.replace(&format!("{{{name}}}"), &escape(value));
    }
    safe
}

/// Adds a line to a page under construction.
pub fn line(page: &mut String, html: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = page.write_fmt(html);
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        let filled = fill("{name} & co", &[("name", "<script>'\"")]);
        assert_eq!(filled, "&lt;script&gt;&#39;&quot; &amp; co");
    }
}
