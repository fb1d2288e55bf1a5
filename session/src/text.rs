//! Text from people and peers, made harmless before it is kept: every character that could not be seen, or that would turn others
//! around, becomes visible. Owns which characters these are; how long a text may be is its reader's business.

/// In one line: a line break becomes visible too.
#[must_use]
pub fn visible_line(text: &str) -> String {
    visible(text, |_| false)
}

/// In several lines: line breaks and tabs stay, every kind of line break becomes one.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    visible(&text, |c| matches!(c, '\n' | '\t'))
}

fn visible(text: &str, stays: impl Fn(char) -> bool) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut clean, c| {
            if is_invisible(c) && !stays(c) {
                clean.push_str(&format!("<U+{:04X}>", u32::from(c)));
            } else {
                clean.push(c);
            }
            clean
        })
}

/// Control, bidirectional and zero-width characters. The joiners that emoji and several scripts are written with stay: they change
/// the shape of their neighbours only.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_seen_is_seen() {
        assert_eq!(visible_line("a\u{202e}b\nc"), "a<U+202E>b<U+000A>c");
        assert_eq!(visible_line("\u{feff}x\u{0}"), "<U+FEFF>x<U+0000>");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(
            visible_lines("a\r\nb\rc\n\td\u{1b}"),
            "a\nb\nc\n\td<U+001B>"
        );
    }

    #[test]
    fn emoji_and_scripts_that_join_stay_whole() {
        let family = "\u{1f468}\u{200d}\u{1f469}";
        assert_eq!(visible_lines(family), family);
        assert_eq!(visible_line("می\u{200c}خواهم"), "می\u{200c}خواهم");
    }
}
