//! Which kind of computer the page is read on, as its browser says: by the user agent and, where that says Linux or nothing, by client
//! hints, because a phone that asks for desktop pages calls itself Linux. Owns no words.

use axum::http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// What the download is for.
    Linux,
    /// A computer that there is no agent for yet, by its name.
    Other(&'static str),
    Phone,
    Unknown,
}

const LINUX_ON_ARM: Reader = Reader::Other("Linux (ARM)");

impl Reader {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| {
            let value = headers.get(name);
            value.and_then(|value| value.to_str().ok()).unwrap_or("")
        };
        let named = by_agent(text(header::USER_AGENT.as_str()));
        let hint = text("sec-ch-ua-platform").trim().trim_matches('"');
        let mobile = text("sec-ch-ua-mobile").trim() == "?1";
        match named {
            Self::Other(_) | Self::Phone => named,
            Self::Linux | Self::Unknown if mobile => Self::Phone,
            Self::Linux | Self::Unknown => by_hint(hint).unwrap_or(named),
        }
    }
}

/// `Sec-CH-UA-Platform`, values of <https://wicg.github.io/ua-client-hints/#sec-ch-ua-platform>.
fn by_hint(platform: &str) -> Option<Reader> {
    match platform {
        "Linux" => Some(Reader::Linux),
        "Windows" => Some(Reader::Other("Windows")),
        "macOS" => Some(Reader::Other("macOS")),
        "Chrome OS" | "Chromium OS" => Some(Reader::Other("ChromeOS")),
        "Android" | "iOS" => Some(Reader::Phone),
        _ => None,
    }
}

fn by_agent(agent: &str) -> Reader {
    let has = |word| agent.contains(word);
    if has("Android") || has("iPhone") || has("iPad") {
        Reader::Phone
    } else if has("Windows") {
        Reader::Other("Windows")
    } else if has("Macintosh") || has("Mac OS X") {
        Reader::Other("macOS")
    } else if has("CrOS") {
        Reader::Other("ChromeOS")
    } else if has("Linux") && (has("aarch64") || has("armv")) {
        LINUX_ON_ARM
    } else if has("Linux") {
        Reader::Linux
    } else {
        Reader::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    fn read_by(agent: &'static str, hints: &[(&'static str, &'static str)]) -> Reader {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, agent.parse().unwrap());
        for (name, value) in hints {
            headers.insert(*name, value.parse().unwrap());
        }
        Reader::of(&headers)
    }

    #[test]
    fn the_operating_system_is_recognised_by_the_user_agent() {
        assert_eq!(read_by(LINUX, &[]), Reader::Linux);
        let arm = "Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 Chrome/140";
        assert_eq!(read_by(arm, &[]), LINUX_ON_ARM);
        let android = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140";
        assert_eq!(read_by(android, &[]), Reader::Phone);
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140";
        assert_eq!(read_by(windows, &[]), Reader::Other("Windows"));
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605";
        assert_eq!(read_by(mac, &[]), Reader::Other("macOS"));
        assert_eq!(read_by("curl/8.0", &[]), Reader::Unknown);
    }

    #[test]
    fn client_hints_count_where_the_user_agent_says_linux_or_nothing() {
        let platform = |name| [("sec-ch-ua-platform", name)];
        assert_eq!(
            read_by(LINUX, &platform("\"Windows\"")),
            Reader::Other("Windows")
        );
        assert_eq!(read_by("", &platform("\"Linux\"")), Reader::Linux);
        assert_eq!(read_by(LINUX, &platform("\"\"")), Reader::Linux);
        let arm = "Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 Chrome/140";
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140";
        assert_eq!(
            read_by(windows, &platform("\"Linux\"")),
            Reader::Other("Windows")
        );
        assert_eq!(read_by(arm, &platform("\"Linux\"")), LINUX_ON_ARM);
        let mobile = [
            ("sec-ch-ua-platform", "\"Linux\""),
            ("sec-ch-ua-mobile", "?1"),
        ];
        assert_eq!(read_by(LINUX, &mobile), Reader::Phone);
    }
}
