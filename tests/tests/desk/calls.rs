//! An SOS Call from the manager who makes it to the manager who deletes it: its form in the downloaded agent's window, the queue, who
//! takes it, who gives up waiting, and a pause that reaches who has the form open.

use mayday_tests::agent::WINDOW;
use mayday_tests::desktop::keysym;
use mayday_tests::rest::Rest;
use mayday_tests::technician::{LIGHT, PHONE, Technician};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::{Value, json};

use crate::end_user::{ACCENT, EndUser, download};

const NAME: &str = "Help with printing";

struct Scene {
    mara: Technician,
    ben: Technician,
    channel: String,
    /// The card of the call.
    card: String,
    link: String,
    world: World,
}

impl Scene {
    async fn open() -> Self {
        let world = World::with_download("desk-call").unwrap();
        let channel = json!({"name": "Printers", "description": "", "expiration_s": 86400});
        let channel = id(&world.owner.post("/channels", &channel).unwrap());
        for (name, email, role) in [
            ("Mara", "mara@example.com", "channel_manager"),
            ("Ben Becker", "ben@example.com", "channel_technician"),
        ] {
            let hired = world.gateway.hire(&world.owner, name, email, role);
            let (person, rest) = hired.unwrap();
            let member = format!("/channels/{channel}/members/{person}");
            world.owner.put(&member, &json!({})).unwrap();
            let language = if name == "Mara" { "en" } else { "de" };
            let language = json!({ "language": language });
            rest.patch("/me", &language).unwrap();
        }
        let (gateway, folder) = (&world.gateway, &world.folder);
        let mara = Technician::arrive(gateway, folder, "mara@example.com", LIGHT);
        let ben = Technician::arrive(gateway, folder, "ben@example.com", PHONE);
        let (mara, ben) = tokio::join!(mara, ben);
        Self {
            mara: mara.unwrap(),
            ben: ben.unwrap(),
            channel,
            card: String::new(),
            link: String::new(),
            world,
        }
    }

    /// The manager makes it in the console, with a question to be answered and a choice.
    async fn made(&mut self) {
        let mara = &self.mara;
        mara.go(&format!("/channels/{}/calls", self.channel))
            .await
            .unwrap();
        mara.click("new-call").await.unwrap();
        mara.fill("call-name", NAME).await.unwrap();
        mara.click("call-add-field").await.unwrap();
        mara.fill("call-label-0", "Room").await.unwrap();
        mara.click("call-required-0").await.unwrap();
        mara.click("call-add-field").await.unwrap();
        mara.fill("call-label-1", "Building").await.unwrap();
        mara.choose("call-kind-1", "Choice").await.unwrap();
        mara.fill("call-options-1", "North\nSouth").await.unwrap();
        mara.picture("form").await.unwrap();
        mara.click("call-save").await.unwrap();
        self.link = mara.text("call-link").await.unwrap();
        mara.picture("made").await.unwrap();
        let calls = format!("/channels/{}/calls", self.channel);
        let calls = self.world.owner.get(&calls).unwrap();
        self.card = format!("[data-testid=\"call-{}\"]", id(&calls[0]));
        assert_eq!(calls[0]["fields"][1]["options"], json!(["North", "South"]));
    }

    async fn in_its_menu(&self, action: &str) {
        let menu = format!("{} [data-testid=call-actions]", self.card);
        self.mara.click_css(&menu).await.unwrap();
        self.mara.click(action).await.unwrap();
    }

    fn request(&self, issue: &str) -> Value {
        wait::until(&format!("the request “{issue}”"), PATIENCE, || {
            let all = self.world.owner.get("/sessions?sort=created")?;
            let all = all["items"].as_array().cloned().unwrap_or_default();
            Ok(all.into_iter().find(|one| one["request"]["issue"] == issue))
        })
        .unwrap()
    }

    /// A pause reaches who has the form open and who starts an agent that was downloaded before; what was typed is there after it.
    async fn paused_and_gone(&self, person: impl Fn(&'static str, &[&str]) -> EndUser) {
        let eva = person("eva", &[]);
        eva.at("form");
        eva.fill_in(&["eva", "paper jam"]);
        finish(&eva);
        let calls = format!("/channels/{}/calls", self.channel);
        self.mara.go(&calls).await.unwrap();
        self.in_its_menu("call-pause").await;
        self.mara.sees(&self.card, "Paused").await.unwrap();
        self.mara.picture("paused").await.unwrap();
        assert_eq!(self.page().0, 503);
        send(&eva);
        eva.agent.said("sentence=call-paused", PATIENCE).unwrap();
        eva.picture("paused");
        let late = person("late", &[]);
        late.agent.said("sentence=call-paused", PATIENCE).unwrap();
        late.picture("paused");
        drop(late);

        self.in_its_menu("call-resume").await;
        self.mara.sees(&self.card, "Takes requests").await.unwrap();
        assert_eq!(self.page().0, 200);
        send(&eva);
        eva.back_at("waiting");
        let third = self.request("paper jam");
        assert_eq!(third["request"]["answers"][3]["value"], "South");

        self.in_its_menu("call-delete").await;
        self.mara.find("confirm").await.unwrap();
        self.mara.picture("delete").await.unwrap();
        self.mara.browser.press("Cancel").await.unwrap();
        self.mara.sees(&self.card, NAME).await.unwrap();
        assert_eq!(self.page().0, 200);
        self.in_its_menu("call-delete").await;
        self.mara.click("confirm").await.unwrap();
        self.mara.sees("main", "No SOS Call yet").await.unwrap();
        assert_eq!(self.page().0, 404);
        let stays = self.request("paper jam");
        assert_eq!(stays["status"], "in_queue");
    }

    /// What the page behind the link answers.
    fn page(&self) -> (u16, String) {
        let path = self.link.splitn(4, '/').nth(3).unwrap();
        let base = &self.world.gateway.listening.http_loopback;
        Rest::anonymous(base)
            .page(&format!("/{path}?lang=en"))
            .unwrap()
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

fn row(session: &Value) -> String {
    format!("[data-testid=\"session-row-{}\"]", id(session))
}

/// From the question that was left out on.
fn finish(person: &EndUser) {
    person.desktop.type_text("12").unwrap();
    person.tab();
    // North, and on to South.
    person.tab();
    person.desktop.chord(&[keysym::SPACE]).unwrap();
}

fn send(person: &EndUser) {
    let click = person.desktop.click_colour(WINDOW, ACCENT, PATIENCE);
    click.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sos_call_from_its_form_to_the_queue_to_a_technician_and_its_pause_and_end() {
    let mut scene = Scene::open().await;
    scene.made().await;
    let file = download(&scene.world.gateway, &scene.link, &scene.world.folder);
    let person = |name, more: &[&str]| EndUser::start(&scene.world.folder, name, Some(&file), more);
    let list = format!("/channels/{}", scene.channel);
    scene.ben.go(&list).await.unwrap();

    // What must be answered is answered before anything is sent.
    let rosa = person("rosa", &[]);
    rosa.at("form");
    rosa.fill_in(&["rosa", "no paper"]);
    send(&rosa);
    rosa.agent
        .said("sentence=answer-missing", PATIENCE)
        .unwrap();
    rosa.picture("missing");
    scene.ben.sees_no("main", "no paper").await.unwrap();
    finish(&rosa);
    rosa.picture("filled-in");
    send(&rosa);
    rosa.back_at("waiting");
    let first = scene.request("no paper");
    let answers = first["request"]["answers"].as_array().unwrap();
    let answers: Vec<_> = answers.iter().map(|one| one["value"].clone()).collect();
    assert_eq!(answers, ["rosa", "no paper", "12", "South"]);
    scene.ben.sees(&row(&first), "no paper").await.unwrap();
    rosa.picture("in-the-queue");

    let udo = person("udo", &["--lang", "de"]);
    udo.at("form");
    udo.fill_in(&["udo", "too slow"]);
    finish(&udo);
    send(&udo);
    udo.back_at("waiting");
    let second = scene.request("too slow");
    scene.ben.sees(&row(&second), "too slow").await.unwrap();
    scene.ben.picture("queue").await.unwrap();
    udo.picture("number-two");

    // Taken on the phone: the end user sees by whom, the next one that they are next, the manager both.
    scene.mara.go(&list).await.unwrap();
    scene.mara.sees(&row(&first), "no paper").await.unwrap();
    scene.mara.picture("queue").await.unwrap();
    let (was_first, was_second) = (rosa.window(), udo.window());
    let take = format!("{} [data-testid=action-take]", row(&first));
    scene.ben.click_css(&take).await.unwrap();
    scene.mara.sees(&row(&first), "Ben Becker").await.unwrap();
    rosa.changed_from(&was_first);
    rosa.picture("taken");
    udo.changed_from(&was_second);
    udo.picture("next");
    let page = format!("/sessions/{}", id(&first));
    scene.ben.go(&page).await.unwrap();
    scene
        .ben
        .sees("[data-testid=request-answers]", "South")
        .await
        .unwrap();
    scene.ben.picture("request").await.unwrap();

    // Who gives up is asked once, and is gone from every list.
    let waiting = udo.window();
    udo.alt('v');
    udo.changed_from(&waiting);
    udo.picture("sure");
    scene.mara.sees(&row(&second), "too slow").await.unwrap();
    udo.alt('v');
    scene.mara.sees_no("main", "too slow").await.unwrap();
    drop(udo);

    scene.paused_and_gone(person).await;
    scene.ben.leave().await.unwrap();
    scene.mara.leave().await.unwrap();
}
