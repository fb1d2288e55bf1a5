//! The gateway's settings as its owner changes them in the console: what open consoles, invite pages and new channels make of them, and
//! two owners at once.

use mayday_tests::folder::Folder;
use mayday_tests::gateway::Gateway;
use mayday_tests::rest::Rest;
use mayday_tests::technician::{DARK, LIGHT, PHONE, Technician};
use mayday_tests::wait;
use mayday_tests::world::PATIENCE;
use serde_json::json;

const SETTINGS: &str = "/settings";

struct Scene {
    olivia: Technician,
    ben: Technician,
    owner: Rest,
    gateway: Gateway,
    // Dropped last: the others write into it.
    _folder: Folder,
}

impl Scene {
    async fn open(name: &str) -> Self {
        let folder = Folder::new(name).unwrap();
        let gateway = Gateway::start(&folder.join("gateway"), &folder.join("logs"), None).unwrap();
        let owner = gateway.owner().unwrap();
        owner.patch("/me", &json!({"language": "en"})).unwrap();
        let (_, ben) = gateway
            .hire(&owner, "Ben Becker", "ben@example.com", "channel_manager")
            .unwrap();
        ben.patch("/me", &json!({"language": "de"})).unwrap();
        let olivia = Technician::arrive(&gateway, &folder, "owner@example.com", DARK);
        let ben = Technician::arrive(&gateway, &folder, "ben@example.com", LIGHT);
        let (olivia, ben) = tokio::join!(olivia, ben);
        Self {
            olivia: olivia.unwrap(),
            ben: ben.unwrap(),
            owner,
            gateway,
            _folder: folder,
        }
    }

    /// Waits until the gateway has this name.
    fn called(&self, name: &str) {
        wait::until(name, PATIENCE, || {
            let settings = self.owner.get(SETTINGS)?;
            Ok((settings["organisation"] == name).then_some(()))
        })
        .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_changes_is_in_open_consoles_on_the_invite_page_and_in_new_channels() {
    let scene = Scene::open("desk-settings").await;
    let (olivia, ben) = (&scene.olivia, &scene.ben);
    olivia.go(SETTINGS).await.unwrap();
    olivia
        .fill("settings-organisation", "Contoso IT")
        .await
        .unwrap();
    olivia
        .choose("settings-expiration", "4 hours")
        .await
        .unwrap();
    olivia.picture("unsaved").await.unwrap();
    // Nobody leaves what is not saved without being asked.
    let away = "document.querySelector('nav a[href=\"/channels\"]').click()";
    olivia.browser.script(away).await.unwrap();
    olivia.find("leave-unsaved").await.unwrap();
    olivia.picture("leaving").await.unwrap();
    olivia.browser.press("Stay here").await.unwrap();
    let kept = olivia.value("settings-organisation").await.unwrap();
    assert_eq!(kept, "Contoso IT");
    olivia.click("channel-save").await.unwrap();
    scene.called("Contoso IT");
    ben.sees("nav", "Contoso IT").await.unwrap();

    let link = scene.owner.new_session("Printer").unwrap().link;
    let path = link.splitn(4, '/').nth(3).unwrap();
    let base = &scene.gateway.listening.http_loopback;
    let (_, page) = Rest::anonymous(base).page(&format!("/{path}")).unwrap();
    assert!(page.contains("Contoso IT"), "{page}");
    let channel = json!({"name": "Tablets", "description": ""});
    let channel = scene.owner.post("/channels", &channel).unwrap();
    assert_eq!(channel["expiration_s"], 4 * 3600);

    // Who may not change them does not see them.
    ben.go(SETTINGS).await.unwrap();
    ben.sees("h1", "Hier ist nichts").await.unwrap();
    ben.picture("not-for-managers").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_change_the_name_at_once_one_is_asked() {
    let scene = Scene::open("desk-two-owners").await;
    let olivia = &scene.olivia;
    olivia
        .browser
        .resize(PHONE.size.0, PHONE.size.1)
        .await
        .unwrap();
    olivia.go(SETTINGS).await.unwrap();
    olivia
        .fill("settings-organisation", "Contoso IT")
        .await
        .unwrap();
    scene
        .owner
        .patch(SETTINGS, &json!({"organisation": "Fabrikam"}))
        .unwrap();
    olivia.find("channel-conflict").await.unwrap();
    olivia.picture("conflict").await.unwrap();
    scene.called("Fabrikam");
    olivia.click("channel-mine").await.unwrap();
    olivia.sees_no("main", "changed").await.unwrap();
    olivia.click("channel-save").await.unwrap();
    scene.called("Contoso IT");
}
