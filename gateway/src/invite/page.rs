//! The page itself: what it shows for each state of a session and each kind of computer.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::html::{escape, fill, line};
use super::reader::Reader;
use super::texts::{Language, Texts};
use crate::app::App;
use crate::desk::{DeskError, InviteState, InviteView};
use crate::secrets::{hex, random};

const STYLE: &str = include_str!("page.css");
/// The console's mark, without a request.
const MARK: &str = concat!(
    "<svg class=\"mark\" viewBox=\"0 0 32 32\" width=\"26\" height=\"26\" aria-hidden=\"true\">",
    "<rect width=\"32\" height=\"32\" rx=\"8\" fill=\"#0b6a67\"/>",
    "<path d=\"M7 23.5V11.2c0-1.5 1.9-2.1 2.8-.9L16 18.9l6.2-8.6c.9-1.2 2.8-.6 2.8.9v12.3\" fill=\"none\" stroke=\"#fff\" ",
    "stroke-width=\"3.2\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>",
    "<circle cx=\"16\" cy=\"8.2\" r=\"2.7\" fill=\"#ff8a3d\"/></svg>"
);
const SCRIPT: &str = include_str!("page.js");

#[derive(Deserialize)]
pub struct Asked {
    pub(super) lang: Option<String>,
}

/// What the page's link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    Session,
    Call,
}

impl Behind {
    /// The first part of the page's path.
    fn way(self) -> &'static str {
        match self {
            Self::Session => "j",
            Self::Call => "c",
        }
    }
}

/// One page under construction.
pub(super) struct Page<'a> {
    app: &'a App,
    organisation: Arc<str>,
    language: Language,
    texts: &'static Texts,
    body: String,
}

pub async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = Language::choose(asked.lang.as_deref(), &headers);
    let mut page = Page::new(&app, language);
    match app.desk.look_at_invite(&token).await {
        Ok(view) if view.state == InviteState::Open => {
            page.invitation(&token, &view, Reader::of(&headers));
            page.finish(StatusCode::OK)
        }
        other => over(page, other),
    }
}

/// "I don't know this person".
pub async fn not_me(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = Language::choose(asked.lang.as_deref(), &headers);
    let page = Page::new(&app, language);
    match app.desk.disown(&token).await {
        Ok(()) => {
            let texts = page.texts;
            page.message(StatusCode::OK, texts.disowned_title, texts.disowned)
        }
        Err(DeskError::Store(_) | DeskError::Read(_)) => {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => {
            let looked = app.desk.look_at_invite(&token).await;
            over(page, looked)
        }
    }
}

/// What is said when there is nothing to download; used for the download's address too.
pub fn nothing_here(
    app: &App,
    headers: &HeaderMap,
    looked: Result<InviteView, DeskError>,
) -> Response {
    let language = Language::choose(None, headers);
    over(Page::new(app, language), looked)
}

fn over(page: Page<'_>, looked: Result<InviteView, DeskError>) -> Response {
    let texts = page.texts;
    match looked.map(|view| view.state) {
        Ok(InviteState::Closed) => page.message(StatusCode::GONE, texts.closed_title, texts.closed),
        Ok(InviteState::Expired) => {
            page.message(StatusCode::GONE, texts.expired_title, texts.expired)
        }
        Err(DeskError::TryLater { .. }) => page.message(
            StatusCode::TOO_MANY_REQUESTS,
            texts.later_title,
            texts.later,
        ),
        Ok(InviteState::Open) | Err(_) => {
            page.message(StatusCode::NOT_FOUND, texts.missing_title, texts.missing)
        }
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(app: &'a App, language: Language) -> Self {
        Self {
            app,
            organisation: Arc::clone(&app.settings.now().organisation),
            language,
            texts: language.texts(),
            body: String::new(),
        }
    }

    fn invitation(&mut self, token: &str, view: &InviteView, reader: Reader) {
        let (texts, body) = (self.texts, &mut self.body);
        let organisation = [("organisation", &*self.organisation)];
        line(
            body,
            format_args!("<h1>{}</h1>", fill(texts.title, &organisation)),
        );
        let who = match &view.technician {
            Some(name) => fill(texts.invited_by, &[("technician", name.as_str())]),
            None => escape(texts.invited),
        };
        line(body, format_args!("<p class=\"who\">{who}</p>"));
        self.how_to_start(Behind::Session, token, reader);
        self.way_out(token);
    }

    /// What an SOS Call is for, and how to start its agent.
    pub(super) fn call(&mut self, name: &str, promise: &str, token: &str, reader: Reader) {
        let (texts, body) = (self.texts, &mut self.body);
        let organisation = [("organisation", &*self.organisation)];
        let title = fill(texts.title, &organisation);
        line(body, format_args!("<h1>{title}</h1>"));
        line(body, format_args!("<p class=\"who\">{}</p>", escape(name)));
        line(body, format_args!("<p>{}</p>", escape(promise)));
        self.how_to_start(Behind::Call, token, reader);
    }

    /// The download and its steps, or where else to open the link.
    fn how_to_start(&mut self, behind: Behind, token: &str, reader: Reader) {
        let texts = self.texts;
        let token = escape(&token.to_lowercase());
        match (self.app.agents.file(), reader) {
            (None, _) => {
                let words = escape(texts.no_agent);
                line(
                    &mut self.body,
                    format_args!("<p class=\"note\">{words}</p>"),
                );
            }
            (Some(_), Reader::Linux | Reader::Unknown) => self.steps(behind, &token),
            (Some(_), Reader::Other(system)) => {
                let system = [("system", system)];
                let title = fill(texts.other_title, &system);
                self.elsewhere(behind, &token, &title, &fill(texts.other_system, &system));
            }
            (Some(_), Reader::Phone) => {
                let title = escape(texts.phone_title);
                self.elsewhere(behind, &token, &title, &escape(texts.phone));
            }
        }
    }

    /// There is no agent for this computer: what to do instead, and the steps for those whose browser says the wrong thing.
    fn elsewhere(&mut self, behind: Behind, token: &str, title: &str, words: &str) {
        let (texts, body) = (self.texts, &mut self.body);
        line(
            body,
            format_args!("<div class=\"note\"><h2>{title}</h2><p>{words}</p></div>"),
        );
        let link = format!("{}/{}/{token}", self.app.site.public_url, behind.way());
        line(
            body,
            format_args!("<p>{}</p>", escape(texts.other_computer)),
        );
        self.copyable("link", &link);
        if behind == Behind::Session {
            let words = escape(texts.by_pin);
            line(
                &mut self.body,
                format_args!("<p class=\"quiet\">{words}</p>"),
            );
        }
        let question = escape(texts.are_you_linux);
        line(
            &mut self.body,
            format_args!("<details id=\"linux\"><summary>{question}</summary>"),
        );
        self.steps(behind, token);
        self.body.push_str("</details>");
    }

    /// A line of text with a button that copies it.
    fn copyable(&mut self, id: &str, text: &str) {
        line(
            &mut self.body,
            format_args!(
                "<div class=\"command\"><code id=\"{id}\" tabindex=\"0\">{}</code>\
                 <button class=\"copy\" type=\"button\" hidden data-copy=\"{id}\" data-done=\"{}\">{}</button></div>",
                escape(text),
                escape(self.texts.copied),
                escape(self.texts.copy)
            ),
        );
    }

    fn steps(&mut self, behind: Behind, token: &str) {
        let (texts, way) = (self.texts, behind.way());
        let file = format!("mayday-sos-{token}");
        line(
            &mut self.body,
            format_args!(
                "<p class=\"quiet\">{} {}</p>\
                 <ol><li><div><h2>{}</h2><p><a class=\"button\" id=\"download\" href=\"/{way}/{token}/{file}\" download=\"{file}\">{}</a></p>\
                 <p class=\"quiet\">{}</p></div></li>",
                escape(texts.what_happens),
                escape(texts.control),
                escape(texts.step_download),
                escape(texts.download),
                escape(texts.download_note)
            ),
        );
        self.start(&file);
        line(
            &mut self.body,
            format_args!(
                "<li><div><h2>{}</h2><p>{}</p></div></li></ol>",
                escape(texts.step_allow),
                escape(texts.step_allow_note)
            ),
        );
    }

    /// The step that starts the downloaded file, wherever the browser has put it.
    fn start(&mut self, file: &str) {
        let texts = self.texts;
        line(
            &mut self.body,
            format_args!(
                "<li><div><h2>{}</h2><p>{}</p><p>{}</p>",
                escape(texts.step_start),
                escape(texts.by_file_manager),
                escape(texts.by_terminal),
            ),
        );
        let here = format!("cd \"$(xdg-user-dir DOWNLOAD)\" && chmod +x {file} && ./{file}");
        self.copyable("command", &here);
        line(
            &mut self.body,
            format_args!(
                "<details class=\"aside\"><summary>{}</summary><p>{}</p>",
                escape(texts.nowhere),
                escape(texts.nowhere_note)
            ),
        );
        let anywhere = format!("find ~ -name {file} -exec chmod +x {{}} \\; -exec {{}} \\; -quit");
        self.copyable("anywhere", &anywhere);
        self.body.push_str("</details></div></li>\n");
    }

    fn way_out(&mut self, token: &str) {
        let (texts, body) = (self.texts, &mut self.body);
        let organisation = [("organisation", &*self.organisation)];
        line(
            body,
            format_args!(
                "<details id=\"not-me\"><summary>{}</summary><p>{}</p>\
                 <form method=\"post\" action=\"/j/{}/not-me?lang={}\"><button class=\"button danger\" type=\"submit\">{}</button></form></details>",
                escape(texts.unknown_person),
                fill(texts.unknown_explained, &organisation),
                escape(&token.to_lowercase()),
                self.language.tag(),
                escape(texts.unknown_confirm)
            ),
        );
    }

    pub(super) fn message(mut self, status: StatusCode, title: &str, words: &str) -> Response {
        let organisation = [("organisation", &*self.organisation)];
        line(&mut self.body, format_args!("<h1>{}</h1>", escape(title)));
        line(
            &mut self.body,
            format_args!("<p>{}</p>", fill(words, &organisation)),
        );
        self.finish(status)
    }

    pub(super) fn finish(self, status: StatusCode) -> Response {
        let nonce = hex(&random::<16>());
        let (site, texts) = (&self.app.site, self.texts);
        let page = format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
             <style nonce=\"{nonce}\">{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <header>{MARK}<b>{organisation}</b>{languages}</header>\n\
             <section class=\"card\">\n{body}</section>\n\
             <footer><p>{warning}</p><p>{gateway}</p></footer>\n</main>\n\
             <script nonce=\"{nonce}\">{SCRIPT}</script>\n</body>\n</html>\n",
            lang = self.language.tag(),
            title = fill(texts.title, &[("organisation", &*self.organisation)]),
            organisation = escape(&self.organisation),
            languages = languages(self.language),
            body = self.body,
            warning = escape(texts.warning),
            gateway = fill(texts.gateway, &[("host", &site.public_url.authority())]),
        );
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        let policy = HeaderValue::from_str(&policy).ok();
        let headers = policy.map(|policy| [(header::CONTENT_SECURITY_POLICY, policy)]);
        match headers {
            Some(headers) => (status, headers, Html(page)).into_response(),
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// The languages to choose from, each in its own words; folded away behind the one that is spoken.
fn languages(spoken: Language) -> String {
    let mut html = format!(
        "<details class=\"languages\"><summary>{}</summary><ul>",
        escape(spoken.name())
    );
    for one in Language::ALL.into_iter().filter(|one| *one != spoken) {
        let (tag, name) = (one.tag(), escape(one.name()));
        line(
            &mut html,
            format_args!(
                "<li><a href=\"?lang={tag}\" hreflang=\"{tag}\" lang=\"{tag}\">{name}</a></li>"
            ),
        );
    }
    html.push_str("</ul></details>");
    html
}
