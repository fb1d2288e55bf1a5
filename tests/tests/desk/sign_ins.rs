//! Where somebody is signed in, and what becomes of the other browsers when one of them, or all, are signed out from here.

use mayday_tests::folder::Folder;
use mayday_tests::gateway::{Gateway, PASSWORD};
use mayday_tests::rest::Rest;
use mayday_tests::technician::{DARK, PHONE, Technician};
use serde_json::json;

const BEN: &str = "ben@example.com";
const ROWS: &str = "return document.querySelectorAll('[data-testid=sign-in]').length";

struct Scene {
    here: Technician,
    there: Technician,
    /// Signed in, too, and no browser.
    tool: Rest,
    _gateway: Gateway,
    // Dropped last: the others write into it.
    _folder: Folder,
}

impl Scene {
    async fn open(name: &str) -> Self {
        let folder = Folder::new(name).unwrap();
        let gateway = Gateway::start(&folder.join("gateway"), &folder.join("logs"), None).unwrap();
        let owner = gateway.owner().unwrap();
        let (_, tool) = gateway
            .hire(&owner, "Ben Becker", BEN, "technician_manager")
            .unwrap();
        tool.patch("/me", &json!({"language": "en"})).unwrap();
        let (desk, phone) = (folder.join("sign-ins-here"), folder.join("sign-ins-there"));
        let here = Technician::arrive(&gateway, &desk, BEN, DARK);
        let there = Technician::arrive(&gateway, &phone, BEN, PHONE);
        let (here, there) = tokio::join!(here, there);
        Self {
            here: here.unwrap(),
            there: there.unwrap(),
            tool,
            _gateway: gateway,
            _folder: folder,
        }
    }

    async fn listed(&self, rows: usize) {
        let exactly = format!("{ROWS} === {rows}");
        self.here.until("the sign-ins", &exactly).await.unwrap();
    }

    /// The other browser shows why it is where it is.
    async fn told(&self, picture: &str) {
        self.there.find("sign-in-email").await.unwrap();
        self.there.sees("main", "signed out").await.unwrap();
        self.there.picture(picture).await.unwrap();
    }

    async fn signs_in_again(&self) {
        self.there.fill("sign-in-email", BEN).await.unwrap();
        let password = self.there.fill("sign-in-password", PASSWORD);
        password.await.unwrap();
        self.there.click("sign-in-submit").await.unwrap();
        let where_it_was = "return location.pathname === '/account'";
        self.there
            .until("the page of before", where_it_was)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_from_elsewhere_reads_so_and_goes_on_where_they_were() {
    let scene = Scene::open("desk-sign-ins").await;
    let (here, there) = (&scene.here, &scene.there);
    there.go("/account").await.unwrap();
    there.fill("my-name", "Ben B.").await.unwrap();
    here.go("/account").await.unwrap();
    // Both browsers, and who set up the account and signed in without one.
    scene.listed(4).await;
    let first = "[data-testid=sign-in]:first-child";
    here.sees(first, "This one").await.unwrap();
    here.picture("four").await.unwrap();

    // The other browser, and not the tool.
    let phone = "//li[@data-testid='sign-in'][not(@data-this)][contains(., 'Chrome')]//button";
    let phone = here.browser.find_xpath(phone).await.unwrap();
    phone.click().await.unwrap();
    scene.told("signed-out").await;
    scene.listed(3).await;

    // Nothing was asked there, and what had not been saved is still there for who signs in again.
    scene.signs_in_again().await;
    assert_eq!(there.value("my-name").await.unwrap(), "Ben B.");
    scene.listed(4).await;

    here.click("sign-out-others").await.unwrap();
    here.find("confirm-sign-out-others").await.unwrap();
    here.picture("others").await.unwrap();
    here.click("confirm-sign-out-others").await.unwrap();
    scene.told("with-all-others").await;
    scene.listed(1).await;
    assert!(scene.tool.get("/me").is_err());
    here.reload().await.unwrap();
    scene.listed(1).await;
    here.picture("alone").await.unwrap();
    here.sees_no("main", "everywhere else").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_is_not_told_of_it() {
    let scene = Scene::open("desk-sign-out").await;
    scene.here.go("/account").await.unwrap();
    scene.here.click("sign-out-here").await.unwrap();
    scene.here.find("sign-in-email").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let page = "return location.href.includes('ended')";
    let page = scene.here.browser.script(page).await.unwrap();
    assert_eq!(page, json!(false));
}
