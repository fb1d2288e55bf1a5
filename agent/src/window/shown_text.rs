//! Makes text from others safe to look at: what cannot be seen becomes visible, what is too long ends in an ellipsis. Owns no layout.

/// Names and organisations longer than this are cut.
const LONGEST: usize = 48;

/// Longer than any host name with its port can be (RFC 1035, 2.3.4): the end of a host says whose it is and must be seen.
const LONGEST_HOST: usize = 260;

/// `text` as it may be shown: no control characters, no invisible or direction-changing ones, no more than [`LONGEST`] characters.
#[must_use]
pub fn shown(text: &str) -> String {
    visible(text, LONGEST)
}

/// The same for a host name, uncut.
#[must_use]
pub fn shown_host(host: &str) -> String {
    visible(host, LONGEST_HOST)
}

fn visible(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len().min(4 * longest));
    for (index, character) in text.trim().chars().enumerate() {
        if index == longest {
            out.push('…');
            break;
        }
        if is_deceptive(character) {
            out.push('\u{FFFD}');
        } else {
            out.push(character);
        }
    }
    out
}

/// Up to two letters that stand for a name without a picture.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

/// Controls, bidi marks and overrides (Unicode UAX 9), zero-width and other characters without a picture of their own.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_direction_or_cannot_be_seen_becomes_visible() {
        assert_eq!(shown("Anna\u{202E}gro.live"), "Anna\u{FFFD}gro.live");
        assert_eq!(shown("a\u{200B}b\nc\u{7}"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}");
        assert_eq!(shown("Jürgen Groß 山田"), "Jürgen Groß 山田");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(shown(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn the_end_of_a_host_is_never_cut() {
        let host = format!("help.contoso.example.{}.evil.example", "x".repeat(60));
        assert_eq!(shown_host(&host), host);
    }

    #[test]
    fn initials_are_the_first_and_the_last() {
        assert_eq!(initials("Anna Maria Berger"), "AB");
        assert_eq!(initials("cher"), "C");
        assert_eq!(initials("  "), "");
    }
}
