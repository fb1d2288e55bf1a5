//! The chat as the window shows it: lines in words, the mark for what is unread. Text of others is made harmless here once more.

use std::time::Duration;

use chrono::TimeZone;
use mayday_session::text::visible_lines;
use slint::{ModelRc, SharedString, VecModel};

use super::Texts;
use super::shown_text::shown;
use super::ui::{AgentWindow, Line};
use crate::face::{ChatLine, ChatView, Delivery};

/// Fills the page.
pub(super) fn fill(main: &AgentWindow, chat: &ChatView, texts: &Texts) {
    let lines: Vec<Line> = chat.lines.iter().map(|line| of(line, texts)).collect();
    let newest = chat.lines.iter().rev().find(|line| line.from.is_some());
    main.set_newest_message(newest.map_or_else(SharedString::new, |line| of(line, texts).spoken));
    main.set_chat_lines(ModelRc::new(VecModel::from(lines)));
}

/// `Chat`, or `Chat (2)`.
pub(super) fn label(unread: u32, texts: &Texts) -> String {
    match unread {
        0 => texts.text("chat.open"),
        unread => texts.with("chat.open-unread", &unread.to_string()),
    }
}

fn of(line: &ChatLine, texts: &Texts) -> Line {
    let text = visible_lines(&line.text);
    let from = line.from.as_deref().map(shown).unwrap_or_default();
    let time = line.at_unix_ms.map(time_of_day).unwrap_or_default();
    let state = match line.delivery {
        Delivery::Arrived => String::new(),
        Delivery::OnItsWay => texts.text("chat.on-its-way"),
        Delivery::Refused => texts.text("chat.refused"),
    };
    let who = if from.is_empty() {
        texts.text("chat.you")
    } else {
        from.clone()
    };
    let spoken = [who, time.clone(), state.clone(), text.clone()];
    let spoken = spoken.iter().filter(|part| !part.is_empty());
    Line {
        spoken: spoken.cloned().collect::<Vec<_>>().join(", ").into(),
        from: from.into(),
        time: time.into(),
        text: text.into(),
        state: state.into(),
        refused: line.delivery == Delivery::Refused,
    }
}

/// Hours and minutes on the end user's clock.
fn time_of_day(unix_ms: u64) -> String {
    let since = Duration::from_millis(unix_ms);
    let seconds = i64::try_from(since.as_secs()).unwrap_or(0);
    let local = chrono::Local.timestamp_opt(seconds, 0).single();
    local
        .map(|at| at.format("%H:%M").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Language;

    #[test]
    fn a_hostile_message_turns_nothing_around() {
        let line = ChatLine {
            from: Some("Ann\u{202e}a".to_owned()),
            at_unix_ms: Some(0),
            text: "pay\u{202e}load\nsecond".to_owned(),
            delivery: Delivery::Arrived,
        };
        let shown = of(&line, &Texts::new(Language::En));
        assert_eq!(shown.text, "pay<U+202E>load\nsecond");
        assert!(!shown.from.contains('\u{202e}') && !shown.spoken.contains('\u{202e}'));
    }

    #[test]
    fn unread_shows() {
        let texts = Texts::new(Language::En);
        assert_eq!(label(0, &texts), "Chat");
        assert_eq!(label(2, &texts), "Chat (2 new)");
    }
}
