//! Who looks elsewhere is told on the desktop, with a sound, that somebody came into a queue of theirs: once, however many tabs are open,
//! and of no other queue.

use mayday_tests::folder::Folder;
use mayday_tests::gateway::Gateway;
use mayday_tests::rest::Rest;
use mayday_tests::technician::{LIGHT, Technician};
use serde_json::{Value, json};

/// Listens to what the page asks the browser for, and lets it have it.
const LISTEN: &str = "
window.__told = [];
window.__tones = 0;
const shown = [];
window.__press = () => shown.at(-1).onclick();
window.Notification = new Proxy(window.Notification, { construct: (target, [title, options]) => {
  const one = new target(title, options);
  shown.push(one);
  window.__told.push({ title, body: options.body });
  return one;
} });
const tone = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.__tones += 1; return tone.call(this); };";

struct Scene {
    ben: Technician,
    owner: Rest,
    printers: String,
    payroll: String,
    _gateway: Gateway,
    // Dropped last: the others write into it.
    _folder: Folder,
}

impl Scene {
    async fn open() -> Self {
        let folder = Folder::new("desk-notify").unwrap();
        let gateway = Gateway::start(&folder.join("gateway"), &folder.join("logs"), None).unwrap();
        let owner = gateway.owner().unwrap();
        let channel = |name: &str| {
            let body = json!({"name": name, "description": "", "expiration_s": 86400});
            text(&owner.post("/channels", &body).unwrap(), "id")
        };
        let (printers, payroll) = (channel("Printers"), channel("Payroll"));
        let hired = gateway.hire(
            &owner,
            "Ben Becker",
            "ben@example.com",
            "channel_technician",
        );
        let (ben, _) = hired.unwrap();
        let member = format!("/channels/{printers}/members/{ben}");
        owner.put(&member, &json!({})).unwrap();
        let ben = Technician::arrive(&gateway, &folder, "ben@example.com", LIGHT)
            .await
            .unwrap();
        let origin = &gateway.listening.http_loopback;
        let allowed = json!({"permissions": ["notifications"], "origin": origin});
        ben.browser
            .devtools("Browser.grantPermissions", allowed)
            .await
            .unwrap();
        Self {
            ben,
            owner,
            printers,
            payroll,
            _gateway: gateway,
            _folder: folder,
        }
    }

    async fn listen(&self) {
        let script = json!({ "source": LISTEN });
        let command = "Page.addScriptToEvaluateOnNewDocument";
        self.ben.browser.devtools(command, script).await.unwrap();
        self.ben.reload().await.unwrap();
        self.ben.browser.find("nav").await.unwrap();
    }

    /// Somebody comes into this channel's queue; their session.
    fn comes(&self, channel: &str, name: &str) -> String {
        let body = json!({"name": name, "note": "", "channel_id": channel});
        let id = text(&self.owner.post("/sessions", &body).unwrap(), "id");
        self.owner
            .post(&format!("/sessions/{id}/release"), &json!({}))
            .unwrap();
        id
    }

    /// Waits until the open list shows it: by then everything about it was said that will be said.
    async fn in_the_list(&self, name: &str) {
        self.ben.sees("main", name).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }

    /// What the page told so far, and with how many tones.
    async fn told(&self) -> (Vec<String>, u64) {
        let told = "return { told: window.__told.map((one) => one.body), tones: window.__tones }";
        let told = self.ben.browser.script(told).await.unwrap();
        let words = told["told"].as_array().unwrap();
        let words = words.iter().map(|one| one.as_str().unwrap().to_owned());
        (words.collect(), told["tones"].as_u64().unwrap())
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_my_queue_is_told_on_the_desktop_once_and_nobody_elses_queue_is() {
    let scene = Scene::open().await;
    let ben = &scene.ben;
    let list = format!("/channels/{}", scene.printers);
    ben.go(&list).await.unwrap();
    scene.listen().await;
    ben.picture("offer").await.unwrap();
    // Before Ben said yes nothing is told.
    scene.comes(&scene.printers, "Too early");
    scene.in_the_list("Too early").await;
    assert_eq!(scene.told().await, (vec![], 0));
    ben.click("notify-on").await.unwrap();
    ben.sees_no("main", "Be told").await.unwrap();

    scene.comes(&scene.payroll, "Not his");
    let rosa = scene.comes(&scene.printers, "Rosa");
    scene.in_the_list("Rosa").await;
    let only_rosa = vec!["Rosa is waiting in Printers".to_owned()];
    assert_eq!(scene.told().await, (only_rosa, 2));

    // A second tab hears the same: one of them tells.
    let tabs = &ben.browser.client;
    let first = tabs.window().await.unwrap();
    let second = tabs.new_window(true).await.unwrap().handle;
    tabs.switch_to_window(second.clone()).await.unwrap();
    ben.go(&list).await.unwrap();
    scene.listen().await;
    scene.comes(&scene.printers, "Udo");
    scene.in_the_list("Udo").await;
    let in_second = scene.told().await.0.len();
    tabs.close_window().await.unwrap();
    tabs.switch_to_window(first).await.unwrap();
    scene.in_the_list("Udo").await;
    assert_eq!(scene.told().await.0.len() - 1 + in_second, 1);

    // Who is taken and given back by Ben himself is no news to him; a press on a notification opens the session.
    ben.click_css(&format!(
        "[data-testid=\"session-row-{rosa}\"] [data-testid=action-take]"
    ))
    .await
    .unwrap();
    ben.sees(
        &format!("[data-testid=\"session-row-{rosa}\"]"),
        "Ben Becker",
    )
    .await
    .unwrap();
    let before = scene.told().await;
    scene
        .ben
        .browser
        .script("document.activeElement?.blur()")
        .await
        .unwrap();
    let eva = scene.comes(&scene.printers, "Eva");
    scene.in_the_list("Eva").await;
    let after = scene.told().await;
    assert_eq!(after.0.len(), before.0.len() + 1);
    ben.browser.script("window.__press()").await.unwrap();
    let there = format!("return location.pathname === '/sessions/{eva}'");
    ben.until("the session of the notification", &there)
        .await
        .unwrap();
    ben.go(&format!("/sessions/{rosa}")).await.unwrap();
    ben.act("release").await.unwrap();
    ben.click("confirm").await.unwrap();
    ben.find("action-take").await.unwrap();
    assert_eq!(scene.told().await, (vec![], 0));

    // Without the sound, then not at all.
    ben.go("/account").await.unwrap();
    ben.picture("account").await.unwrap();
    ben.click("notify-sound").await.unwrap();
    scene.comes(&scene.printers, "Ida");
    ben.until("a notification", "return window.__told.length === 1")
        .await
        .unwrap();
    assert_eq!(scene.told().await.1, 0);
    ben.click("notify-desktop").await.unwrap();
    scene.comes(&scene.printers, "Olaf");
    ben.browser
        .script(&format!(
            "document.querySelector('nav a[href=\"{list}\"]').click()"
        ))
        .await
        .unwrap();
    scene.in_the_list("Olaf").await;
    assert_eq!(scene.told().await.0.len(), 1);
}
