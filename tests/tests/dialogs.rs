//! The console's dialogs in a real browser on a real gateway: what is pressed there is true at the desk afterwards. Once as at a
//! desk, once in German on a phone at night.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::elements::Element;
use mayday_tests::browser::Browser;
use mayday_tests::folder::Folder;
use mayday_tests::gateway::{Gateway, OWNER, OWNER_NAME, PASSWORD};
use mayday_tests::rest::{Created, Rest};
use mayday_tests::wait;
use mayday_tests::world::PATIENCE;
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "another horse battery";
/// The shortest expiration is a minute.
const EXPIRES: Duration = Duration::from_secs(90);

struct Look {
    name: &'static str,
    language: &'static str,
    scheme: &'static str,
    size: (u32, u32),
}

const DESK: Look = Look {
    name: "dialogs-desk",
    language: "en",
    scheme: "light",
    size: (1440, 900),
};
const PHONE: Look = Look {
    name: "dialogs-phone",
    language: "de",
    scheme: "dark",
    size: (390, 844),
};

struct Office {
    look: Look,
    base: String,
    owner: Rest,
    channel: String,
    browser: Browser,
    gateway: Gateway,
    // Dropped last: the others write into it.
    folder: Folder,
}

impl Office {
    async fn open(look: Look) -> Self {
        let folder = Folder::new(look.name).unwrap();
        let logs = folder.join("logs");
        let gateway = Gateway::start(&folder.join("gateway"), &logs, None).unwrap();
        let owner = gateway.owner().unwrap();
        for (name, email) in [("Ben", "ben@example.com"), ("Cleo", "cleo@example.com")] {
            gateway
                .hire(&owner, name, email, "technician_manager")
                .unwrap();
        }
        owner
            .patch("/me", &json!({"language": look.language}))
            .unwrap();
        let channel = json!({"name": "Printers", "description": "", "expiration_s": 86400});
        let channel = owner.post("/channels", &channel).unwrap();
        let browser = Browser::start(
            &folder.join("profile"),
            &folder.join("downloads"),
            &[],
            &logs,
        )
        .await
        .unwrap();
        browser.resize(look.size.0, look.size.1).await.unwrap();
        Self {
            base: gateway.listening.http_loopback.clone(),
            channel: text(&channel, "id"),
            look,
            owner,
            browser,
            gateway,
            folder,
        }
    }

    async fn sign_in(&self) {
        let theme = format!(
            "localStorage.setItem('mayday-theme', '{}')",
            self.look.scheme
        );
        self.browser.open(&self.base).await.unwrap();
        self.browser.script(&theme).await.unwrap();
        self.browser.client.refresh().await.unwrap();
        self.fill("sign-in-email", OWNER).await;
        self.fill("sign-in-password", PASSWORD).await;
        self.click("sign-in-submit").await;
        self.browser.find("nav").await.unwrap();
    }

    fn session(&self, name: &str) -> Created {
        self.owner.new_session(name).unwrap()
    }

    async fn go(&self, path: &str) {
        self.browser
            .open(&format!("{}{path}", self.base))
            .await
            .unwrap();
    }

    /// Opens the session's page and chooses this from its menu.
    async fn choose(&self, session: &str, action: &str) {
        self.go(&format!("/sessions/{session}")).await;
        self.click("action-menu").await;
        self.click(&format!("action-{action}")).await;
    }

    /// In the dialog about to whom or where: types the name and takes what is found.
    async fn to(&self, name: &str) {
        let field = self.find("destination").await;
        field.click().await.unwrap();
        field.send_keys(name).await.unwrap();
        let option = format!("//*[@role='option'][normalize-space(.)='{name}']");
        let option = self.browser.find_xpath(&option).await.unwrap();
        self.picture(&format!("to-{name}")).await;
        option.click().await.unwrap();
        self.click("confirm").await;
    }

    async fn find(&self, id: &str) -> Element {
        let css = format!("[data-testid={id}]");
        // What is still moving cannot be pressed.
        let visible = Locator::Css(&css);
        let found = self.browser.client.wait().at_most(PATIENCE);
        let found = found.for_element(visible).await;
        found.unwrap_or_else(|error| panic!("no {id}: {error}"))
    }

    async fn click(&self, id: &str) {
        for _ in 0..50 {
            if self.find(id).await.click().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{id} cannot be clicked");
    }

    async fn fill(&self, id: &str, text: &str) {
        let field = self.find(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// What is shown, once it has stopped moving.
    async fn picture(&self, name: &str) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let file = self.folder.join(format!("pictures/{name}.png"));
        self.browser.screenshot(file).await.unwrap();
    }

    fn until(&self, session: &str, what: &str, ready: impl Fn(&Value) -> bool) -> Value {
        self.owner
            .session_until(session, what, PATIENCE, ready)
            .unwrap()
    }

    async fn assign_and_transfer(&self) {
        let session = self.session("Assign").id;
        self.choose(&session, "assign").await;
        self.to("Ben").await;
        self.until(&session, "assigned to Ben", |now| names(now) == ["Ben"]);

        let session = self.session("Transfer").id;
        self.choose(&session, "transfer_user").await;
        self.to("Cleo").await;
        self.until(&session, "Cleo's", |now| names(now) == ["Cleo"]);

        let session = self.session("To the printers").id;
        self.choose(&session, "transfer_channel").await;
        self.to("Printers").await;
        self.until(&session, "in the channel", |now| {
            now["channel"]["id"] == self.channel
        });

        let session = self.session("Invite").id;
        self.choose(&session, "invite").await;
        self.to("Ben").await;
        self.until(&session, "both", |now| names(now) == [OWNER_NAME, "Ben"]);
    }

    async fn release_take_close_and_delete(&self) {
        let session = self.session("Back and forth").id;
        self.choose(&session, "release").await;
        self.picture("release").await;
        self.click("confirm").await;
        self.until(&session, "in the queue", |now| now["status"] == "in_queue");
        self.click("action-take").await;
        self.until(&session, "taken", |now| names(now) == [OWNER_NAME]);
        self.choose(&session, "close").await;
        self.picture("close").await;
        self.click("confirm").await;
        self.until(&session, "closed", |now| now["status"] == "closed");
        self.choose(&session, "delete").await;
        self.picture("delete").await;
        self.click("confirm").await;
        wait::until("deleted", PATIENCE, || {
            let (status, _) = self.owner.try_get(&format!("/sessions/{session}"))?;
            Ok((status == 404).then_some(()))
        })
        .unwrap();
    }

    async fn link_and_pin(&self) {
        let session = self.session("Link and PIN");
        self.browser
            .devtools(
                "Browser.grantPermissions",
                json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}),
            )
            .await
            .unwrap();
        self.go(&format!("/sessions/{}", session.id)).await;
        assert_eq!(self.shown_pin().await, session.pin);
        self.copy_link(&session).await;
        self.click("action-menu").await;
        self.click("action-show_pin").await;
        self.picture("link-and-pin").await;
        // The page behind the dialog has such a button, too.
        let new_pin = "[role=dialog] [data-testid=new-pin]";
        self.browser.click(new_pin).await.unwrap();
        let mut shown = session.pin.clone();
        for _ in 0..100 {
            shown = self.shown_pin().await;
            if shown != session.pin {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let live = self.owner.get(&format!("/sessions/{}/pin", session.id));
        assert_eq!(live.unwrap()["pin"], shown);
        assert_ne!(shown, session.pin);
    }

    /// The link as the browser's clipboard has it; a waiting session's next step is to copy it.
    async fn copy_link(&self, session: &Created) {
        self.click("action-copy_link").await;
        let read = "return navigator.clipboard.readText()";
        self.browser
            .script_until("the link in the clipboard", read, PATIENCE, |clipboard| {
                *clipboard == json!(session.link)
            })
            .await
            .unwrap();
    }

    async fn shown_pin(&self) -> String {
        let pin = self.find("session-pin").await;
        pin.attr("data-pin").await.unwrap().unwrap()
    }

    /// Somebody new comes by the set-up link, and later has to go.
    async fn technicians(&self) {
        self.go("/technicians").await;
        self.click("add-technician").await;
        self.fill("technician-name", "Dora").await;
        self.fill("technician-email", "dora@example.com").await;
        self.picture("add-technician").await;
        self.click("technician-save").await;
        let link = self.find("setup-link").await.text().await.unwrap();
        self.picture("set-up-link").await;
        self.click("technician-done").await;
        let theirs = self.first_sign_in(&link).await;
        let (id, state) = self.dora();
        assert_eq!(state, "active");

        self.browser
            .click(&format!(
                "[data-testid=technician-row-{id}] [data-testid=technician-menu]"
            ))
            .await
            .unwrap();
        self.click("technician-disable").await;
        self.picture("disable").await;
        self.click("confirm").await;
        wait::until("disabled", PATIENCE, || {
            Ok((self.dora().1 == "disabled").then_some(()))
        })
        .unwrap();
        // Who is disabled is out at once.
        theirs.find("[data-testid=sign-in-email]").await.unwrap();
        assert!(Rest::sign_in(&self.base, "dora@example.com", NEW_PASSWORD).is_err());
    }

    async fn first_sign_in(&self, link: &str) -> Browser {
        let browser = Browser::start(
            &self.folder.join("profile-dora"),
            &self.folder.join("downloads"),
            &[],
            &self.folder.join("logs/dora"),
        )
        .await
        .unwrap();
        let token = link.rsplit('/').next().unwrap();
        let page = format!("{}/setup/{token}", self.base);
        browser.open(&page).await.unwrap();
        for id in ["new-password", "new-password-again"] {
            let css = format!("[data-testid={id}]");
            browser.fill(&css, NEW_PASSWORD).await.unwrap();
        }
        let file = self.folder.join("pictures/set-up.png");
        browser.screenshot(file).await.unwrap();
        let submit = "[data-testid=new-password-submit]";
        browser.click(submit).await.unwrap();
        browser.find("nav").await.unwrap();
        Rest::sign_in(&self.base, "dora@example.com", NEW_PASSWORD).unwrap();
        browser
    }

    /// Id and state of the new technician.
    fn dora(&self) -> (String, String) {
        let all = self.owner.get("/technicians").unwrap();
        let all = all.as_array().unwrap();
        let dora = all.iter().find(|one| one["name"] == "Dora").unwrap();
        (text(dora, "id"), text(dora, "state"))
    }

    async fn extend(&self, session: &str) {
        let over = |now: &Value| now["status"] == "expired";
        self.owner
            .session_until(session, "expired", EXPIRES, over)
            .unwrap();
        self.choose(session, "extend").await;
        self.picture("extend").await;
        self.click("extend-3600").await;
        let now = self.until(session, "extended", |now| now["status"] != "expired");
        assert_eq!(now["status"], "waiting");
        self.picture("extended").await;
    }

    async fn password(&self) {
        self.go("/account").await;
        self.fill("current-password", PASSWORD).await;
        self.fill("new-password", NEW_PASSWORD).await;
        self.fill("new-password-again", NEW_PASSWORD).await;
        self.picture("password").await;
        self.click("new-password-submit").await;
        wait::until("the new password", PATIENCE, || {
            Ok(Rest::sign_in(&self.base, OWNER, NEW_PASSWORD).ok())
        })
        .unwrap();
        assert!(Rest::sign_in(&self.base, OWNER, PASSWORD).is_err());
    }
}

fn names(session: &Value) -> Vec<String> {
    let technicians = session["technicians"].as_array().unwrap();
    technicians.iter().map(|one| text(one, "name")).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

async fn all_dialogs(look: Look) {
    let mut office = Office::open(look).await;
    let minute = json!({"name": "One minute", "description": "", "expiration_s": 60});
    let minute = office.owner.post("/channels", &minute).unwrap();
    let short = json!({"name": "Nobody comes", "note": "", "channel_id": minute["id"]});
    let short = text(&office.owner.post("/sessions", &short).unwrap(), "id");
    office.sign_in().await;
    office.assign_and_transfer().await;
    office.release_take_close_and_delete().await;
    office.link_and_pin().await;
    office.technicians().await;
    office.extend(&short).await;
    office.password().await;
    assert!(office.gateway.process().ended().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pressed_in_the_dialogs_is_true_at_the_desk() {
    all_dialogs(DESK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dialogs_work_on_a_phone_in_german_in_the_dark() {
    all_dialogs(PHONE).await;
}
