//! The codes that people read out to each other: nine digits from the end user's window into the console, and the four by which both know
//! that they mean each other, compared or typed.

use mayday_tests::agent::{WINDOW, colour};
use mayday_tests::desktop::keysym;
use mayday_tests::digits::Digits;
use mayday_tests::technician::{LIGHT, Technician};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::json;

use crate::end_user::EndUser;

const BACKSPACE: u32 = 0xff08;
/// The prompt is deaf in its first second.
const DEAF: std::time::Duration = std::time::Duration::from_millis(1200);

struct Scene {
    olivia: Technician,
    rosa: EndUser,
    digits: Digits,
    channel: String,
    session: String,
    world: World,
}

impl Scene {
    async fn open() -> Self {
        let world = World::new("desk-codes").unwrap();
        world
            .owner
            .patch("/me", &json!({"language": "en"}))
            .unwrap();
        let channels = world.owner.get("/channels").unwrap();
        let channels = channels.as_array().unwrap();
        let default = channels.iter().find(|one| one["kind"] == "default");
        let channel = default.unwrap()["id"].as_str().unwrap().to_owned();
        let gateway = world.gateway.for_agents();
        let rosa = EndUser::start(&world.folder, "rosa", None, &["--gateway", &gateway]);
        let (gateway, folder) = (&world.gateway, &world.folder);
        let olivia = Technician::arrive(gateway, folder, "owner@example.com", LIGHT);
        Self {
            olivia: olivia.await.unwrap(),
            rosa,
            digits: Digits::default(),
            channel,
            session: String::new(),
            world,
        }
    }

    /// The digits look the same where a PIN is typed.
    fn learn_digits(&mut self) {
        self.rosa.at("enter_pin");
        for typed in ["012345", "678901"] {
            self.rosa.desktop.type_text(typed).unwrap();
            let learned = self.digits.learn(&self.rosa.window(), typed);
            assert!(learned, "no six digits in the window");
            for _ in 0..6 {
                self.rosa.desktop.chord(&[BACKSPACE]).unwrap();
            }
        }
    }

    fn reads(&self, count: usize) -> String {
        let mut read = None;
        let seen = wait::until("digits in the window", PATIENCE, || {
            read = self.digits.read(&self.rosa.window(), count);
            Ok(read.clone())
        });
        seen.unwrap()
    }

    async fn session_code(&mut self) {
        self.rosa.alt('c');
        self.rosa.at("code");
        self.rosa.picture("code");
        let code = self.reads(9);
        let olivia = &self.olivia;
        olivia.go("/").await.unwrap();
        olivia.click("enter-code").await.unwrap();
        // One digit heard wrong is told in a sentence, and what was typed is still there.
        let last = code.as_bytes()[8];
        let wrong = format!("{}{}", &code[..8], if last == b'0' { '1' } else { '0' });
        olivia.fill("session-code", &wrong).await.unwrap();
        olivia.fill("session-code-name", "Rosa").await.unwrap();
        olivia.click("session-code-enter").await.unwrap();
        let wrong = "[role=dialog] .mantine-TextInput-error";
        olivia.sees(wrong, ".").await.unwrap();
        olivia.picture("wrong-code").await.unwrap();
        assert_eq!(olivia.value("session-code-name").await.unwrap(), "Rosa");
        olivia.fill("session-code", &code).await.unwrap();
        olivia.click("session-code-enter").await.unwrap();
        olivia.find("action-ask").await.unwrap();
        olivia.sees("h1", "Rosa").await.unwrap();
        olivia
            .sees("[data-testid=session-began]", "session code")
            .await
            .unwrap();
        self.rosa.back_at("waiting");
        let url = olivia.browser.client.current_url().await.unwrap();
        self.session = url.path().rsplit('/').next().unwrap().to_owned();
        self.world
            .until(&self.session, "active", |now| now["status"] == "active")
            .unwrap();
    }

    /// The manager chooses how codes are used; the technician asks and sees one.
    async fn asked_with(&self, mode: &str) -> String {
        let settings = format!("/channels/{}/settings", self.channel);
        self.olivia.go(&settings).await.unwrap();
        self.olivia
            .choose("channel-verification", mode)
            .await
            .unwrap();
        self.olivia.picture("settings").await.unwrap();
        self.olivia.click("channel-save").await.unwrap();
        let saved = "return document.querySelector('[data-testid=channel-save]').disabled";
        self.olivia.until("saved", saved).await.unwrap();
        self.olivia
            .go(&format!("/sessions/{}", self.session))
            .await
            .unwrap();
        self.olivia.click("action-ask").await.unwrap();
        let shown = self.olivia.text("verification-code").await.unwrap();
        self.rosa.back_at("prompt");
        std::thread::sleep(DEAF);
        shown.chars().filter(char::is_ascii_digit).collect()
    }

    /// How long the end user still has, as the technician's page counts it.
    async fn seconds_left(&self) -> i64 {
        let session = self
            .world
            .owner
            .get(&format!("/sessions/{}", self.session))
            .unwrap();
        let until = session["technicians"][0]["asks_left_until"]
            .as_str()
            .unwrap()
            .to_owned();
        let script = format!("return Math.round((Date.parse('{until}') - Date.now()) / 1000)");
        self.olivia
            .browser
            .script(&script)
            .await
            .unwrap()
            .as_i64()
            .unwrap()
    }

    fn allowable(&self) -> bool {
        self.rosa
            .desktop
            .sees(WINDOW, colour::ALLOW)
            .unwrap()
            .is_some()
    }

    /// Reject has the focus; the code is before it.
    fn to_the_code(&self) {
        self.rosa
            .desktop
            .chord(&[keysym::SHIFT, keysym::TAB])
            .unwrap();
    }

    fn allowed(&self) {
        self.rosa
            .desktop
            .click_colour(WINDOW, colour::ALLOW, PATIENCE)
            .unwrap();
        self.world
            .until(&self.session, "granted", |now| {
                now["technicians"][0]["consent"] == "granted"
            })
            .unwrap();
    }

    /// The end user takes back what they allowed.
    fn stopped(&self) {
        let keys = [keysym::CONTROL, keysym::ALT, keysym::SHIFT, keysym::X];
        self.rosa.desktop.chord(&keys).unwrap();
        self.world
            .until(&self.session, "nothing granted", |now| {
                now["technicians"][0]["consent"] == "idle"
            })
            .unwrap();
    }

    async fn compared(&self) {
        let code = self.asked_with("Both compare").await;
        self.olivia.picture("compare").await.unwrap();
        self.rosa.picture("compare");
        assert_eq!(self.reads(4), code);
        assert!(!self.allowable(), "nothing was compared yet");
        self.to_the_code();
        self.rosa.desktop.chord(&[keysym::SPACE]).unwrap();
        self.allowed();
        self.stopped();
    }

    async fn typed(&self) {
        let code = self.asked_with("The end user types it").await;
        // Read out over the telephone: there is time for it.
        assert!(self.seconds_left().await > 40);
        self.olivia.picture("type").await.unwrap();
        assert!(!self.allowable(), "nothing was typed yet");
        self.to_the_code();
        let wrong = if code == "1234" { "4321" } else { "1234" };
        let before = self.rosa.window();
        self.rosa.desktop.type_text(wrong).unwrap();
        self.rosa.changed_from(&before);
        self.rosa.picture("type-wrong");
        assert!(!self.allowable(), "a wrong code");
        self.rosa.desktop.type_text(&code).unwrap();
        self.rosa
            .desktop
            .see(WINDOW, colour::ALLOW, PATIENCE)
            .unwrap();
        self.rosa.picture("type-right");
        self.allowed();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_read_off_the_window_lead_to_the_session_and_prove_who_asks() {
    let mut scene = Scene::open().await;
    scene.learn_digits();
    scene.session_code().await;
    scene.compared().await;
    scene.typed().await;
    scene.olivia.leave().await.unwrap();
}
