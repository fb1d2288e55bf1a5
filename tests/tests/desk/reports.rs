//! What managers read and rule: the report with the end user's rating and its files, the audit searched and exported, and groups and
//! permissions that take effect on a colleague's open page.

use mayday_tests::agent::WINDOW;
use mayday_tests::technician::{LIGHT, PHONE, Technician};
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use serde_json::{Value, json};

use crate::end_user::joined;

/// `agent/ui/colours.slint`, light: sends the stars.
const RATE: u32 = 0x0d_6c_69;

struct Scene {
    olivia: Technician,
    ben: Technician,
    ben_id: String,
    channel: String,
    world: World,
}

impl Scene {
    async fn open() -> Self {
        let world = World::new("desk-reports").unwrap();
        world
            .owner
            .patch("/me", &json!({"language": "en"}))
            .unwrap();
        let channel = json!({"name": "Printers, \"all\"", "description": "", "expiration_s": 86400, "rating": true});
        let channel = id(&world.owner.post("/channels", &channel).unwrap());
        let rating = json!({"rating": true});
        world
            .owner
            .patch(&format!("/channels/{channel}"), &rating)
            .unwrap();
        let hired = world.gateway.hire(
            &world.owner,
            "Ben Becker",
            "ben@example.com",
            "channel_technician",
        );
        let (ben_id, rest) = hired.unwrap();
        rest.patch("/me", &json!({"language": "de"})).unwrap();
        let (gateway, folder) = (&world.gateway, &world.folder);
        let olivia = Technician::arrive(gateway, folder, "owner@example.com", LIGHT);
        let ben = Technician::arrive(gateway, folder, "ben@example.com", PHONE);
        let (olivia, ben) = tokio::join!(olivia, ben);
        Self {
            olivia: olivia.unwrap(),
            ben: ben.unwrap(),
            ben_id,
            channel,
            world,
        }
    }

    fn new_session(&self, name: &str) -> Value {
        let body = json!({"name": name, "note": "", "channel_id": self.channel});
        self.world.owner.post("/sessions", &body).unwrap()
    }

    /// Somebody was helped and gives four stars; somebody else did not come.
    fn a_day_of_work(&self) {
        let helped = self.new_session("Rosa");
        self.new_session("=Nobody");
        let rosa = joined(&self.world, "rosa", helped["pin"].as_str().unwrap());
        let path = format!("/sessions/{}", id(&helped));
        let hello = json!({"client_id": "one", "text": "hello"});
        self.world
            .owner
            .post(&format!("{path}/chat"), &hello)
            .unwrap();
        let close = format!("{path}/close");
        self.world.owner.post(&close, &json!({})).unwrap();
        rosa.at("rating");
        rosa.desktop.type_text("4").unwrap();
        rosa.picture("rating");
        rosa.desktop.click_colour(WINDOW, RATE, PATIENCE).unwrap();
        self.world
            .until(&id(&helped), "rated", |now| now["rating"]["stars"] == 4)
            .unwrap();
    }

    /// A file that this download made, once it is whole.
    fn file(&self, about: &str, ends: &str) -> String {
        let folder = self.world.folder.join("downloads-owner");
        let path = wait::until(&format!("a file {about}{ends}"), PATIENCE, || {
            let mut files = std::fs::read_dir(&folder)?.flatten().map(|one| one.path());
            Ok(files.find(|one| {
                let name = one.file_name().unwrap_or_default().to_string_lossy();
                let whole = one.metadata().is_ok_and(|one| one.len() > 0);
                whole && name.contains(about) && name.ends_with(ends)
            }))
        });
        std::fs::read_to_string(path.unwrap()).unwrap()
    }

    async fn report(&self) {
        self.olivia.go("/reports").await.unwrap();
        self.olivia.sees("main", "4.0 (1)").await.unwrap();
        self.olivia.picture("report").await.unwrap();
        for table in ["channels", "sessions"] {
            self.olivia.click("report-export").await.unwrap();
            self.olivia
                .click(&format!("report-csv-{table}"))
                .await
                .unwrap();
        }
        self.channels_file_is_what_is_shown().await;
        let sessions = self.file("sessions", ".csv");
        let lines = lines_of(&sessions);
        assert_eq!(lines[0][0], "session");
        let mut names: Vec<_> = lines[1..].iter().map(|one| one[1].as_str()).collect();
        names.sort_unstable();
        // A name that a spreadsheet would run is text in it.
        assert_eq!(names, ["'=Nobody", "Rosa"]);
        let rosa = lines.iter().find(|one| one[1] == "Rosa").unwrap();
        assert_eq!(rosa[10], "4");
    }

    /// Cell by cell, as far as both have it.
    async fn channels_file_is_what_is_shown(&self) {
        let script = "const panel = document.querySelector('section[aria-label=\"By channel\"]');
            return [...panel.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.innerText));";
        let shown = self.olivia.browser.script(script).await.unwrap();
        let file = self.file("channels", ".csv");
        let lines = lines_of(&file);
        assert_eq!(lines.len() - 1, shown.as_array().unwrap().len());
        for (line, row) in lines[1..].iter().zip(shown.as_array().unwrap()) {
            let cells: Vec<_> = row
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one.as_str().unwrap())
                .collect();
            assert_eq!(
                [&line[0], &line[1], &line[2]],
                [cells[0], cells[1], cells[2]]
            );
            let stars: f64 = line[7].parse().unwrap();
            assert_eq!(cells[5], format!("{stars:.1} ({})", line[6]));
        }
    }

    async fn audit(&self) {
        let olivia = &self.olivia;
        olivia.go("/audit").await.unwrap();
        olivia.sees("main", "Rosa").await.unwrap();
        olivia.picture("audit").await.unwrap();
        olivia.fill("audit-search", "rosa").await.unwrap();
        let others = "return [...document.querySelectorAll('[data-testid^=audit-row-]')].length > 0 &&
            [...document.querySelectorAll('[data-testid^=audit-row-]')].every((row) => row.innerText.includes('Rosa'))";
        olivia
            .until("only what is about Rosa", others)
            .await
            .unwrap();
        olivia.choose("audit-who", "End user").await.unwrap();
        let by_her = "return [...document.querySelectorAll('[data-testid^=audit-row-]')].length > 0 &&
            [...document.querySelectorAll('[data-testid^=audit-row-]')].every((row) => row.innerText.includes('End user'))";
        olivia
            .until("only what the end user did", by_her)
            .await
            .unwrap();
        olivia.picture("audit-filtered").await.unwrap();
        let script = "return [...document.querySelectorAll('[data-testid^=audit-row-]')].map((row) => row.dataset.testid.slice(10))";
        let shown = olivia.browser.script(script).await.unwrap();
        for kind in ["csv", "json"] {
            olivia.click("audit-export").await.unwrap();
            olivia.click(&format!("audit-{kind}")).await.unwrap();
        }
        let csv = self.file("audit", ".csv");
        let numbers: Vec<_> = lines_of(&csv)[1..]
            .iter()
            .map(|one| one[0].clone())
            .collect();
        assert_eq!(json!(numbers), shown);
        let text = self.file("audit", ".json");
        let records: Value = serde_json::from_str(&text).unwrap();
        let numbers = records
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["sequence"].to_string());
        assert_eq!(json!(numbers.collect::<Vec<_>>()), shown);
        // The address keeps the filter.
        olivia.reload().await.unwrap();
        olivia
            .until("the same after a reload", by_her)
            .await
            .unwrap();
        assert_eq!(olivia.value("audit-search").await.unwrap(), "rosa");
    }

    /// Ben's page stays open all the time; only the others press anything.
    async fn groups_and_permissions(&self) {
        let (olivia, ben) = (&self.olivia, &self.ben);
        let queued = id(&self.new_session("Udo"));
        let release = format!("/sessions/{queued}/release");
        self.world.owner.post(&release, &json!({})).unwrap();
        ben.go("/channels").await.unwrap();
        ben.sees_no("main", "Printers").await.unwrap();
        olivia.go("/technicians?tab=groups").await.unwrap();
        olivia.click("add-group").await.unwrap();
        olivia.choose("group-members", "Ben Becker").await.unwrap();
        // The list of people stays open for more until one goes elsewhere.
        olivia.fill("group-name", "Early shift").await.unwrap();
        olivia.picture("group").await.unwrap();
        olivia.click("group-save").await.unwrap();
        olivia.sees("main", "Ben Becker").await.unwrap();
        let channel = format!("/channels/{}", self.channel);
        olivia.go(&format!("{channel}/people")).await.unwrap();
        olivia.choose("add-group", "Early shift").await.unwrap();
        ben.sees("main", "Printers").await.unwrap();
        ben.picture("channels").await.unwrap();

        ben.browser
            .click(&format!("main a[href=\"{channel}\"]"))
            .await
            .unwrap();
        let take = format!("[data-testid=\"session-row-{queued}\"] [data-testid=action-take]");
        ben.browser.find(&take).await.unwrap();
        let groups = self.world.owner.get("/groups").unwrap();
        let group = id(&groups[0]);
        self.allow(&format!("group:{group}"), "session.take", "Off")
            .await;
        let gone = format!(
            "return document.querySelector('{}') === null",
            take.replace('\'', "")
        );
        ben.until("no Take any more", &gone).await.unwrap();
        ben.picture("may-not-take").await.unwrap();
        // Off wins over on, until the group's word is taken back.
        self.allow(&format!("technician:{}", self.ben_id), "session.take", "On")
            .await;
        olivia.picture("permissions").await.unwrap();
        assert_eq!(
            ben.until("still none", &gone).await.unwrap(),
            Value::Bool(true)
        );
        self.allow(&format!("group:{group}"), "session.take", "Inherit")
            .await;
        ben.browser.find(&take).await.unwrap();

        olivia.go("/technicians?tab=groups").await.unwrap();
        olivia.click("group-menu").await.unwrap();
        olivia.click("group-delete").await.unwrap();
        olivia.picture("delete-group").await.unwrap();
        olivia.click("confirm").await.unwrap();
        ben.sees_no("main", "Udo").await.unwrap();
        ben.picture("no-channel").await.unwrap();
    }

    async fn allow(&self, who: &str, permission: &str, place: &str) {
        let page = format!("/channels/{}/permissions?who={who}", self.channel);
        self.olivia.go(&page).await.unwrap();
        let line = format!(
            "//*[@data-testid='permission-{permission}']//label[normalize-space(.)='{place}']"
        );
        self.olivia
            .browser
            .find_xpath(&line)
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        let typed = "return !document.querySelector('[data-testid=channel-save]').disabled";
        self.olivia.until("something to save", typed).await.unwrap();
        self.olivia.click("channel-save").await.unwrap();
        self.olivia.sees("body", "Saved").await.unwrap();
        self.olivia.picture("ruled").await.unwrap();
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

/// The cells of a file of comma-separated values, without the mark that it begins with.
fn lines_of(file: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell, mut quoted) = (vec![], vec![], String::new(), false);
    let mut rest = file.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            other => cell.push(other),
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_audit_and_permissions_say_and_do_what_they_show() {
    let scene = Scene::open().await;
    scene.a_day_of_work();
    scene.report().await;
    scene.audit().await;
    scene.groups_and_permissions().await;
    scene.olivia.leave().await.unwrap();
    scene.ben.leave().await.unwrap();
}
