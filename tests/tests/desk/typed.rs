//! Nothing that a person typed is lost: by a reload, by going elsewhere and coming back, or by a gateway that dies in the middle of it. In
//! the console's forms and in the agent's window.

use mayday_tests::agent::WINDOW;
use mayday_tests::desktop::keysym;
use mayday_tests::rest::Created;
use mayday_tests::technician::{LIGHT, Technician};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::{Value, json};

use crate::end_user::{ACCENT, EndUser, joined};

/// `agent/ui/colours.slint`, light.
const CHAT: u32 = 0xe2_eb_e8;
const CHAT_FIELD: &str = "chat-write-end_user";

/// A place in the console where something is typed: the page, what opens the form, and what goes into which field.
struct Form {
    page: String,
    opens: &'static [&'static str],
    typed: &'static [(&'static str, &'static str)],
}

struct Scene {
    olivia: Technician,
    rosa: EndUser,
    eva: EndUser,
    channel: String,
    created: Created,
    world: World,
}

impl Scene {
    async fn open() -> Self {
        let world = World::new("desk-typed").unwrap();
        world
            .owner
            .patch("/me", &json!({"language": "en"}))
            .unwrap();
        let channel = json!({"name": "Printers", "description": "", "expiration_s": 86400});
        let channel = text(&world.owner.post("/channels", &channel).unwrap(), "id");
        let calls = format!("/channels/{channel}/calls");
        let call = world
            .owner
            .post(&calls, &json!({"name": "Help", "fields": []}));
        let link = text(&call.unwrap(), "link");
        let created = world.owner.new_session("Printer").unwrap();
        let rosa = joined(&world, "rosa", &created.pin);
        let gateway = world.gateway.for_agents();
        let arguments = ["--gateway", &gateway, "--call", &link];
        let eva = EndUser::start(&world.folder, "eva", None, &arguments);
        let (gateway, folder) = (&world.gateway, &world.folder);
        let olivia = Technician::arrive(gateway, folder, "owner@example.com", LIGHT);
        Self {
            olivia: olivia.await.unwrap(),
            rosa,
            eva,
            channel,
            created,
            world,
        }
    }

    fn session(&self) -> String {
        format!("/sessions/{}", self.created.id)
    }

    fn forms(&self) -> Vec<Form> {
        let channel = format!("/channels/{}", self.channel);
        let form = |page: &str, opens, typed| Form {
            page: page.to_owned(),
            opens,
            typed,
        };
        vec![
            form(
                &self.session(),
                &[],
                &[
                    (CHAT_FIELD, "please wait"),
                    ("chat-write-technicians", "not sure about this"),
                    ("note-write", "drum is worn out"),
                    ("session-note", "second floor"),
                    ("session-name", "Printer, second floor"),
                ],
            ),
            form(
                "/",
                &["new-session"],
                &[
                    ("new-session-name", "Scanner"),
                    ("new-session-note", "third floor"),
                ],
            ),
            form(
                "/",
                &["enter-code"],
                &[
                    ("session-code", "123 456 789"),
                    ("session-code-name", "Udo"),
                ],
            ),
            form(
                &format!("{channel}/settings"),
                &[],
                &[
                    ("channel-name", "Printers and scanners"),
                    ("channel-description", "all floors"),
                ],
            ),
            form(
                &format!("{channel}/calls"),
                &["new-call", "call-add-field"],
                &[("call-name", "Printing"), ("call-label-0", "Which floor?")],
            ),
            form(
                "/channels",
                &["new-channel"],
                &[
                    ("channel-name", "Tablets"),
                    ("channel-description", "new ones"),
                ],
            ),
            form(
                "/technicians",
                &["add-technician"],
                &[
                    ("technician-name", "Dora"),
                    ("technician-email", "dora@example.com"),
                ],
            ),
            form(
                "/technicians?tab=groups",
                &["add-group"],
                &[("group-name", "Early shift")],
            ),
            form("/account", &[], &[("my-name", "Olivia O.")]),
        ]
    }

    async fn open_form(&self, form: &Form, how_many: usize) {
        self.olivia.go(&form.page).await.unwrap();
        for name in form.opens.iter().take(how_many) {
            self.olivia.click(name).await.unwrap();
        }
    }

    async fn type_into_all(&self) {
        for form in self.forms() {
            self.open_form(&form, usize::MAX).await;
            for (field, words) in form.typed {
                self.olivia.fill(field, words).await.unwrap();
            }
        }
    }

    /// Every page is loaded anew; nobody saved or sent anything.
    async fn all_is_there(&self) {
        for form in self.forms() {
            // Whatever was added to a form is part of what was typed.
            self.open_form(&form, 1).await;
            for (field, words) in form.typed {
                let value = self.olivia.value(field).await.unwrap();
                assert_eq!(value, *words, "{field} on {}", form.page);
            }
        }
    }

    /// What is sent while nobody is there arrives once it can; what is saved then is told in words and stays.
    async fn while_the_gateway_is_gone(&mut self) {
        self.olivia.go(&self.session()).await.unwrap();
        self.olivia
            .fill("note-write", "drum replaced")
            .await
            .unwrap();
        self.eva.at("form");
        self.eva.fill_in(&["eva", "no ink"]);
        self.rosa
            .desktop
            .click_colour(WINDOW, CHAT, PATIENCE)
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(500));
        self.rosa.desktop.type_text("half a ").unwrap();

        self.world.gateway.process().crash().unwrap();
        self.olivia
            .fill(CHAT_FIELD, "is it better now")
            .await
            .unwrap();
        self.olivia.click("chat-send-end_user").await.unwrap();
        let chat = "[data-testid=chat-end_user]";
        self.olivia.sees(chat, "Sending").await.unwrap();
        self.olivia
            .fill(CHAT_FIELD, "and the second half")
            .await
            .unwrap();
        self.olivia.click("note-add").await.unwrap();
        self.olivia.sees("body", "Reconnecting").await.unwrap();
        self.olivia.picture("gone").await.unwrap();
        self.eva
            .desktop
            .click_colour(WINDOW, ACCENT, PATIENCE)
            .unwrap();
        self.eva
            .agent
            .said("scene=form sentence=", PATIENCE)
            .unwrap();
        self.eva.picture("not-sent");
        self.rosa.picture("gone");
    }

    async fn when_it_is_back(mut self) -> Self {
        self.world.gateway = self.world.gateway.crash_and_restart().unwrap();
        self.world.owner = self.world.gateway.owner().unwrap();
        let chat = "[data-testid=chat-end_user] [role=log]";
        self.olivia.sees_no(chat, "Sending").await.unwrap();
        self.olivia.sees(chat, "is it better now").await.unwrap();
        assert_eq!(
            self.olivia.value(CHAT_FIELD).await.unwrap(),
            "and the second half"
        );
        self.olivia.sees_no("body", "Reconnecting").await.unwrap();
        self.olivia.click("note-add").await.unwrap();
        self.olivia.sees("main", "drum replaced").await.unwrap();
        self.olivia.picture("back").await.unwrap();

        self.eva
            .desktop
            .click_colour(WINDOW, ACCENT, PATIENCE)
            .unwrap();
        self.eva.back_at("waiting");
        wait::until("the request", PATIENCE, || {
            let all = self.world.owner.get("/sessions?sort=created")?;
            let all = all["items"].as_array().cloned().unwrap_or_default();
            Ok(all
                .iter()
                .any(|one| one["request"]["issue"] == "no ink")
                .then_some(()))
        })
        .unwrap();
        self.rosa.picture("back");
        self.rosa.desktop.type_text("word").unwrap();
        self.rosa.desktop.chord(&[keysym::RETURN]).unwrap();
        self.olivia.sees(chat, "half a word").await.unwrap();
        self
    }

    /// Each once, in order.
    fn said_once(&self) {
        let chat = self
            .world
            .owner
            .get(&format!("{}/chat", self.session()))
            .unwrap();
        let messages = chat["messages"].as_array().unwrap();
        let said: Vec<_> = messages.iter().map(|one| text(one, "text")).collect();
        assert_eq!(said, ["is it better now", "half a word"]);
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_typed_is_lost_by_a_reload_or_a_gateway_that_dies() {
    let mut scene = Scene::open().await;
    scene.type_into_all().await;
    scene.all_is_there().await;
    scene.while_the_gateway_is_gone().await;
    let scene = scene.when_it_is_back().await;
    scene.said_once();
    // The others are still as they were typed, and one of them can be sent now.
    scene.olivia.go("/").await.unwrap();
    scene.olivia.click("new-session").await.unwrap();
    assert_eq!(
        scene.olivia.value("new-session-note").await.unwrap(),
        "third floor"
    );
    scene.olivia.click("new-session-create").await.unwrap();
    scene.olivia.find("session-pin").await.unwrap();
    scene.olivia.click("new-session-close").await.unwrap();
    scene.olivia.click("new-session").await.unwrap();
    assert_eq!(scene.olivia.value("new-session-name").await.unwrap(), "");
    scene.olivia.leave().await.unwrap();
}
