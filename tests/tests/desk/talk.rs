//! Two technicians and an end user: what is said to whom before, during and after the remote view, the notes, and the history of session and
//! computer. What technicians whisper never gets to the end user.

use mayday_tests::agent::WINDOW;
use mayday_tests::desktop::keysym;
use mayday_tests::technician::{DARK, LIGHT, Technician};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::{Value, json};

use crate::end_user::{self, EndUser};

/// `agent/ui/colours.slint`, light.
const CHAT: u32 = 0xe2_eb_e8;
const WITH_END_USER: &str = "[data-testid=chat-end_user]";
const AMONG_TECHNICIANS: &str = "[data-testid=chat-technicians]";

struct Scene {
    olivia: Technician,
    ben: Technician,
    rosa: EndUser,
    session: String,
    world: World,
}

impl Scene {
    async fn open() -> Self {
        let world = World::new("desk-talk").unwrap();
        let hired = world.gateway.hire(
            &world.owner,
            "Ben Becker",
            "ben@example.com",
            "technician_manager",
        );
        let (ben, rest) = hired.unwrap();
        rest.patch("/me", &json!({"language": "de"})).unwrap();
        world
            .owner
            .patch("/me", &json!({"language": "en"}))
            .unwrap();
        let created = world.owner.new_session("Printer").unwrap();
        let rosa = end_user::joined(&world, "rosa", &created.pin);
        let invite = format!("/sessions/{}/invite", created.id);
        world
            .owner
            .post(&invite, &json!({"technician_id": ben}))
            .unwrap();
        let (gateway, folder) = (&world.gateway, &world.folder);
        let olivia = Technician::arrive(gateway, folder, "owner@example.com", LIGHT);
        let ben = Technician::arrive(gateway, folder, "ben@example.com", DARK);
        let (olivia, ben) = tokio::join!(olivia, ben);
        let scene = Self {
            olivia: olivia.unwrap(),
            ben: ben.unwrap(),
            rosa,
            session: created.id,
            world,
        };
        for technician in [&scene.olivia, &scene.ben] {
            technician.go(&scene.page("")).await.unwrap();
        }
        scene
    }

    fn page(&self, part: &str) -> String {
        format!("/sessions/{}{part}", self.session)
    }

    /// Waits until the end user's window has got this.
    fn delivered(&self, text: &str) {
        self.reached("delivered", text);
    }

    fn reached(&self, how_far: &str, text: &str) {
        let message = wait::until("the message", PATIENCE, || {
            let chat = self.world.owner.get(&self.page("/chat"))?;
            let messages = chat["messages"].as_array().unwrap();
            Ok(messages.iter().find(|one| one["text"] == text).cloned())
        })
        .unwrap();
        self.world
            .until(&self.session, how_far, |now| {
                now["talk"][how_far] == message["number"]
            })
            .unwrap();
    }

    /// What there is to read in the end user's chat, as the gateway has it.
    fn said_to_end_user(&self) -> Vec<String> {
        let chat = self.world.owner.get(&self.page("/chat")).unwrap();
        let messages = chat["messages"].as_array().unwrap().clone();
        let text = |one: &Value| one["text"].as_str().unwrap().to_owned();
        messages.iter().map(text).collect()
    }

    async fn before_the_remote_view(&self) {
        let untouched = self.rosa.window();
        // First a whisper: had the end user got it, their window would say that something is new.
        write(&self.ben, "technicians", "she is new here").await;
        self.olivia
            .sees(AMONG_TECHNICIANS, "she is new here")
            .await
            .unwrap();
        self.olivia
            .sees_no(WITH_END_USER, "she is new here")
            .await
            .unwrap();
        assert_eq!(
            self.rosa.window(),
            untouched,
            "a whisper got to the end user"
        );
        write(&self.olivia, "end_user", "hello").await;
        self.ben.sees(WITH_END_USER, "hello").await.unwrap();
        self.delivered("hello");
        self.rosa.changed_from(&untouched);
        self.rosa
            .desktop
            .click_colour(WINDOW, CHAT, PATIENCE)
            .unwrap();
        self.reached("read", "hello");
        self.rosa.desktop.type_text("it is slow").unwrap();
        self.rosa.desktop.chord(&[keysym::RETURN]).unwrap();
        for technician in [&self.olivia, &self.ben] {
            technician.sees(WITH_END_USER, "it is slow").await.unwrap();
        }
        self.rosa.picture("chat");
        self.rosa.desktop.chord(&[keysym::ESCAPE]).unwrap();
        for technician in [&self.olivia, &self.ben] {
            technician.picture("chats").await.unwrap();
        }
    }

    /// Olivia looks at the screen; the chats are beside it.
    async fn during_the_remote_view(&self) {
        self.olivia.go(&self.page("/remote")).await.unwrap();
        self.olivia.click("remote-start").await.unwrap();
        self.rosa.allow();
        let state =
            "return document.querySelector('[data-testid=remote-view]')?.dataset.state === 'live'";
        self.olivia.until("a live picture", state).await.unwrap();
        self.olivia.click("remote-chat-toggle").await.unwrap();
        write(&self.olivia, "end_user", "i look at it").await;
        self.delivered("i look at it");
        write(&self.ben, "technicians", "try the other driver").await;
        let unread = "[role=tab][data-audience=technicians]";
        self.olivia.find("unread-technicians").await.unwrap();
        self.olivia.picture("remote-unread").await.unwrap();
        self.olivia.click_css(unread).await.unwrap();
        self.olivia
            .sees(AMONG_TECHNICIANS, "try the other driver")
            .await
            .unwrap();
        write(&self.olivia, "technicians", "good idea").await;
        self.ben.sees(AMONG_TECHNICIANS, "good idea").await.unwrap();
        self.olivia.picture("remote-whispers").await.unwrap();
        self.olivia.click("remote-disconnect").await.unwrap();
        self.olivia.find("action-menu").await.unwrap();
    }

    async fn after_it(&self) {
        self.olivia.go(&self.page("")).await.unwrap();
        write(&self.olivia, "end_user", "it prints again").await;
        self.delivered("it prints again");
        assert_eq!(
            self.said_to_end_user(),
            ["hello", "it is slow", "i look at it", "it prints again"]
        );
    }

    /// Several, each of who wrote it, live for the other, never for the end user.
    async fn notes(&self) {
        self.ben
            .fill("note-write", "replaced the driver")
            .await
            .unwrap();
        self.ben.click("note-add").await.unwrap();
        self.olivia
            .sees("main", "replaced the driver")
            .await
            .unwrap();
        self.olivia.sees_no("main", "Edit").await.unwrap();
        self.ben.click("note-edit").await.unwrap();
        self.ben
            .fill("note-text", "replaced the drum")
            .await
            .unwrap();
        self.ben.click("note-save").await.unwrap();
        self.olivia.sees("main", "replaced the drum").await.unwrap();
        self.ben.picture("notes").await.unwrap();
        // Pressed once it asks.
        self.ben.click("note-delete").await.unwrap();
        self.ben.picture("delete-note").await.unwrap();
        self.olivia.sees("main", "replaced the drum").await.unwrap();
        self.ben.click("note-delete").await.unwrap();
        self.olivia
            .sees_no("main", "replaced the drum")
            .await
            .unwrap();
    }

    /// What has happened stays to be read, here and from the computer's next session.
    async fn history(&self) {
        let history = "[aria-label=History]";
        for words in ["Ben Becker", "End user", "Olivia Owner"] {
            self.olivia.sees(history, words).await.unwrap();
        }
        self.olivia.sees_no(history, "new here").await.unwrap();
        self.olivia.act("close").await.unwrap();
        self.olivia.click("confirm").await.unwrap();
        self.olivia
            .sees(WITH_END_USER, "The session is over")
            .await
            .unwrap();
        self.olivia
            .sees(AMONG_TECHNICIANS, "try the other driver")
            .await
            .unwrap();
        self.olivia.picture("closed").await.unwrap();
        self.rosa.at("ended");

        let next = self.world.owner.new_session("Scanner").unwrap();
        let again = end_user::joined(&self.world, "again", &next.pin);
        self.olivia
            .go(&format!("/sessions/{}", next.id))
            .await
            .unwrap();
        let earlier = "[aria-label=\"Earlier sessions of this computer\"]";
        self.olivia.sees(earlier, "Printer").await.unwrap();
        self.olivia.picture("earlier").await.unwrap();
        drop(again);
    }
}

async fn write(technician: &Technician, audience: &str, text: &str) {
    let field = format!("chat-write-{audience}");
    technician.fill(&field, text).await.unwrap();
    technician
        .click(&format!("chat-send-{audience}"))
        .await
        .unwrap();
    let chat = format!("[data-testid=chat-{audience}] [role=log]");
    technician.sees(&chat, text).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn technicians_whisper_and_the_end_user_never_hears_it_and_nothing_said_is_lost() {
    let scene = Scene::open().await;
    scene.before_the_remote_view().await;
    scene.during_the_remote_view().await;
    scene.after_it().await;
    scene.notes().await;
    scene.history().await;
    scene.olivia.leave().await.unwrap();
    scene.ben.leave().await.unwrap();
}
