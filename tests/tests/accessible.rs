//! Every page of the console, its dialogs and the invite page before axe, in a real browser, light and dark, at a desk and on a phone:
//! what keeps somebody out who sees little, or uses no mouse, fails the test, and so do words that break out of their place.

use std::path::Path;
use std::time::Duration;

use mayday_tests::browser::Browser;
use mayday_tests::folder::Folder;
use mayday_tests::gateway::{Gateway, OWNER, PASSWORD};
use mayday_tests::rest::{Created, Rest};
use mayday_tests::world::PATIENCE;
use serde_json::{Value, json};

/// Of its findings, the serious and critical ones, each with the first places.
const LOOK: &str = "
const done = arguments[arguments.length - 1];
const places = (nodes) => nodes.slice(0, 4).map((node) => node.target.join(' ') + ': ' + node.failureSummary);
axe.run(document, { resultTypes: ['violations'] }).then(
  ({ violations, passes }) => done({
    passed: passes.length,
    found: violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => ({ id, help, places: places(nodes) })),
  }),
  (error) => done({ passed: 0, found: [{ id: String(error) }] }),
);";

/// What is wider than its place: the page, words that stick out or are cut off without a sign of it, and, cut or not, the words of buttons.
const BREAKS_OUT: &str = "
const found = [];
const page = document.documentElement;
if (page.scrollWidth > page.clientWidth + 1) found.push(`the page: ${page.scrollWidth} > ${page.clientWidth}`);
const isHidden = (one) => one && (getComputedStyle(one).clipPath !== 'none' || one.clientWidth === 1 || isHidden(one.parentElement));
for (const one of document.body.querySelectorAll('*')) {
  const style = getComputedStyle(one);
  const says = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!says || style.display === 'inline' || one.closest('svg') || one.scrollWidth <= one.clientWidth + 1) continue;
  if (['auto', 'scroll'].includes(style.overflowX) || !one.checkVisibility({ visibilityProperty: true }) || isHidden(one)) continue;
  if (style.textOverflow === 'ellipsis' && !one.closest('button, [role=tab], label, .mantine-Badge-root')) continue;
  found.push(`${one.tagName} “${one.textContent.trim().slice(0, 60)}”: ${one.scrollWidth} > ${one.clientWidth}`);
}
return found;";

/// Nothing is loading, and nothing moves that will come to rest: colours in between are nobody's choice.
const AT_REST: &str = "
const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
return document.readyState === 'complete' && moving.length === 0 && !document.querySelector('main .mantine-Loader-root');";

struct Office {
    browser: Browser,
    gateway: Gateway,
    axe: String,
    channel: String,
    session: Created,
    findings: Vec<String>,
    pages: usize,
    folder: Folder,
}

impl Office {
    async fn open(name: &str, language: &str, size: (u32, u32)) -> Self {
        let folder = Folder::new(name).unwrap();
        let logs = folder.join("logs");
        let gateway = Gateway::start(&folder.join("gateway"), &logs, None).unwrap();
        let owner = gateway.owner().unwrap();
        let (channel, session) = furnish(&gateway, &owner, language);
        let (profile, downloads) = (folder.join("profile"), folder.join("downloads"));
        let browser = Browser::start(&profile, &downloads, &[], &logs).await;
        let browser = browser.unwrap();
        browser.resize(size.0, size.1).await.unwrap();
        Self {
            browser,
            gateway,
            axe: axe(),
            channel,
            session,
            findings: Vec::new(),
            pages: 0,
            folder,
        }
    }

    async fn go(&self, path: &str) {
        let base = &self.gateway.listening.http_loopback;
        self.browser.open(&format!("{base}{path}")).await.unwrap();
    }

    /// What axe has to say about what is shown now.
    async fn look(&mut self, name: &str) {
        let rest = self
            .browser
            .script_until(name, AT_REST, PATIENCE, |value| value == &Value::Bool(true));
        rest.await.unwrap();
        let picture = self.folder.join(format!("pictures/{name}.png"));
        self.browser.screenshot(picture).await.unwrap();
        self.browser.script(&self.axe).await.unwrap();
        let said = self.browser.client.execute_async(LOOK, Vec::new()).await;
        let said = said.unwrap();
        assert!(said["passed"].as_u64() > Some(5), "axe saw nothing: {said}");
        for finding in said["found"].as_array().unwrap() {
            self.findings.push(format!("{name}: {finding:#}"));
        }
        let broken = self.browser.script(BREAKS_OUT).await.unwrap();
        for words in broken.as_array().unwrap() {
            self.findings.push(format!("{name} breaks out: {words}"));
        }
        self.pages += 1;
    }

    async fn page(&mut self, name: &str, path: &str) {
        self.go(path).await;
        self.browser.find("h1").await.unwrap();
        self.look(name).await;
    }

    /// A page with what this opens on it.
    async fn opened(&mut self, name: &str, path: &str, press: &str, shows: &str) {
        self.go(path).await;
        let click =
            format!("const it = document.querySelector('{press}'); it?.click(); return !!it;");
        let done = |value: &Value| value == &Value::Bool(true);
        let pressed = self.browser.script_until(press, &click, PATIENCE, done);
        pressed.await.unwrap();
        self.browser.find(shows).await.unwrap();
        self.look(name).await;
    }

    /// A picture without words and words without room, to know that somebody looks.
    async fn a_fault_is_found(&mut self) {
        self.go("/sign-in").await;
        self.browser.find("h1").await.unwrap();
        let fault = "document.body.append(document.createElement('img')); \
                     document.querySelector('h1').style.cssText = 'width: 8px; overflow-wrap: normal'";
        self.browser.script(fault).await.unwrap();
        self.look("a-fault").await;
        let found = std::mem::take(&mut self.findings).concat();
        assert!(found.contains("image-alt"), "{found}");
        assert!(found.contains("breaks out: \"H1"), "{found}");
    }

    /// Everything once, in one scheme.
    async fn everything(&mut self, scheme: &str) {
        let theme = format!("localStorage.setItem('mayday-theme', '{scheme}')");
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        let media = self.browser.devtools("Emulation.setEmulatedMedia", media);
        media.await.unwrap();
        self.go("/sign-in").await;
        self.browser.script(&theme).await.unwrap();
        self.before_signing_in(scheme).await;
        self.sign_in().await;
        self.pages_of_the_desk(scheme).await;
        self.what_opens(scheme).await;
        self.go("/account").await;
        self.browser.client.delete_all_cookies().await.unwrap();
    }

    async fn before_signing_in(&mut self, scheme: &str) {
        self.page(&format!("sign-in-{scheme}"), "/sign-in").await;
        let ended = "/sign-in?to=%2F&ended=true";
        self.page(&format!("signed-out-{scheme}"), ended).await;
        let invite = self.session.link.clone();
        let (_, token) = invite.split_once("/j/").unwrap();
        self.page(&format!("invite-{scheme}"), &format!("/j/{token}"))
            .await;
        self.page(
            &format!("no-invite-{scheme}"),
            "/j/aaaaaaaaaaaaaaaaaaaaaaaaaa",
        )
        .await;
    }

    async fn sign_in(&self) {
        self.go("/sign-in").await;
        let fill = async |id: &str, text: &str| {
            let css = format!("[data-testid={id}]");
            self.browser.fill(&css, text).await.unwrap();
        };
        fill("sign-in-email", OWNER).await;
        fill("sign-in-password", PASSWORD).await;
        let submit = self.browser.click("[data-testid=sign-in-submit]");
        submit.await.unwrap();
        self.browser.find("nav").await.unwrap();
    }

    async fn pages_of_the_desk(&mut self, scheme: &str) {
        let channel = format!("/channels/{}", self.channel);
        let session = format!("/sessions/{}", self.session.id);
        for (name, path) in [
            ("home", "/".to_owned()),
            ("private", "/private".to_owned()),
            ("channels", "/channels".to_owned()),
            ("channel", channel.clone()),
            ("settings", format!("{channel}/settings")),
            ("people", format!("{channel}/people")),
            ("permissions", format!("{channel}/permissions")),
            ("calls", format!("{channel}/calls")),
            ("session", session.clone()),
            ("remote", format!("{session}/remote")),
            ("technicians", "/technicians".to_owned()),
            ("groups", "/technicians?tab=groups".to_owned()),
            ("reports", "/reports".to_owned()),
            ("audit", "/audit".to_owned()),
            ("account", "/account".to_owned()),
            ("system", "/settings".to_owned()),
            ("nowhere", "/nowhere".to_owned()),
        ] {
            self.page(&format!("{name}-{scheme}"), &path).await;
        }
    }

    async fn what_opens(&mut self, scheme: &str) {
        let channel = format!("/channels/{}", self.channel);
        let session = format!("/sessions/{}", self.session.id);
        let dialog = "[role=dialog] h2, [role=dialog] input";
        for (name, path, press, shows) in [
            ("menu", session.as_str(), "action-menu", "[role=menu]"),
            ("new-channel", "/channels", "new-channel", dialog),
            ("new-technician", "/technicians", "add-technician", dialog),
            ("new-call", &format!("{channel}/calls"), "new-call", dialog),
            ("code", "/", "enter-code", dialog),
            ("others", "/account", "sign-out-others", dialog),
            ("export", "/reports", "report-export", "[role=menu]"),
        ] {
            let press = format!("[data-testid={press}]");
            self.opened(&format!("{name}-{scheme}"), path, &press, shows)
                .await;
        }
        self.go(&session).await;
        self.browser.find("h1").await.unwrap();
        let palette = "const at = (key, ctrlKey) => document.documentElement.dispatchEvent(new KeyboardEvent('keydown', \
                       { key, code: 'KeyK', ctrlKey, bubbles: true })); at('k', true);";
        self.browser.script(palette).await.unwrap();
        self.browser.find("[role=dialog] input").await.unwrap();
        self.look(&format!("palette-{scheme}")).await;
    }

    fn nothing_serious(self) {
        assert!(self.pages > 56, "only {} pages", self.pages);
        let pictures = self.folder.join("pictures");
        let pictures = pictures.display();
        let findings = self.findings.join("\n");
        assert!(findings.is_empty(), "see {pictures}\n{findings}");
    }
}

/// A channel with a request's way in, a session with words in it, another in the queue, a group.
fn furnish(gateway: &Gateway, owner: &Rest, language: &str) -> (String, Created) {
    let (ben, _) = gateway
        .hire(owner, "Ben", "ben@example.com", "channel_technician")
        .unwrap();
    let post = |path: &str, body: Value| owner.post(path, &body).unwrap();
    owner.patch("/me", &json!({"language": language})).unwrap();
    let channel = json!({"name": "Printers", "description": "All floors", "expiration_s": 86400});
    let channel = post("/channels", channel);
    let channel = channel["id"].as_str().unwrap().to_owned();
    let members = format!("/channels/{channel}/members/{ben}");
    owner.put(&members, &json!({})).unwrap();
    post(
        &format!("/channels/{channel}/calls"),
        json!({"name": "Help", "fields": []}),
    );
    post("/groups", json!({"name": "Early shift", "member_ids": []}));
    let queued = owner.new_session("Calendar").unwrap().id;
    post(&format!("/sessions/{queued}/release"), json!({}));
    let closed = owner.new_session("Password").unwrap().id;
    post(&format!("/sessions/{closed}/close"), json!({}));
    let session = owner.new_session("New laptop").unwrap();
    let path = format!("/sessions/{}", session.id);
    post(&format!("{path}/notes"), json!({"text": "Called back."}));
    post(
        &format!("{path}/chat"),
        json!({"client_id": "one", "text": "Hello"}),
    );
    (channel, session)
}

fn axe() -> String {
    let file = "../console/node_modules/axe-core/axe.min.js";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run `npm ci` in console/", file.display()))
}

async fn nothing_keeps_anybody_out(name: &str, language: &str, size: (u32, u32)) {
    let mut office = Office::open(name, language, size).await;
    office.a_fault_is_found().await;
    for scheme in ["light", "dark"] {
        let all = tokio::time::timeout(Duration::from_secs(280), office.everything(scheme));
        all.await.expect("within minutes");
    }
    office.nothing_serious();
}

#[tokio::test]
async fn axe_finds_nothing_serious_at_a_desk_in_german_and_no_word_breaks_out() {
    nothing_keeps_anybody_out("accessible-desk", "de", (1440, 900)).await;
}

#[tokio::test]
async fn axe_finds_nothing_serious_on_a_phone_in_german_and_no_word_breaks_out() {
    nothing_keeps_anybody_out("accessible-phone", "de", (390, 844)).await;
}
