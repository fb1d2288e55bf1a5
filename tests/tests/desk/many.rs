//! Ten thousand open sessions in one channel: the list opens, goes to its end, searches, filters and sorts, and stays live, with only what is
//! in sight on the page.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mayday_tests::folder::Folder;
use mayday_tests::gateway::Gateway;
use mayday_tests::rest::Rest;
use mayday_tests::technician::{LIGHT, Technician};
use serde_json::{Value, json};

const SESSIONS: usize = 10_000;
/// People who open sessions at the same time.
const HANDS: usize = 12;
const QUEUED: usize = 25;
/// On a screen of 900 pixels, with what is ready above and below.
const ROWS_MOST: u64 = 60;
const ELEMENTS_MOST: u64 = 3_000;
const SCROLLING: Duration = Duration::from_secs(120);

/// How many rows the page has, how many there are to scroll through, and how many elements in all.
const COUNT: &str = "const table = document.querySelector('table');
return {
  rows: document.querySelectorAll('[data-testid^=session-row-]').length,
  loaded: Number(table?.getAttribute('aria-rowcount') ?? 1) - 1,
  elements: document.querySelectorAll('*').length,
};";

struct Scene {
    ines: Technician,
    owner: Rest,
    channel: String,
    /// In the order in which they were made.
    sessions: Vec<String>,
    _gateway: Gateway,
    // Dropped last: the others write into it.
    _folder: Folder,
}

impl Scene {
    async fn open() -> Self {
        let folder = Folder::new("desk-many").unwrap();
        let gateway = Gateway::start(&folder.join("gateway"), &folder.join("logs"), None).unwrap();
        let owner = gateway.owner().unwrap();
        owner.patch("/me", &json!({"language": "en"})).unwrap();
        let channel = json!({
            "name": "Everybody", "description": "", "expiration_s": 86400, "max_open_sessions": SESSIONS,
        });
        let channel = text(&owner.post("/channels", &channel).unwrap(), "id");
        let sessions = fill(&owner, &channel);
        for id in sessions.iter().step_by(SESSIONS / QUEUED) {
            owner
                .post(&format!("/sessions/{id}/release"), &json!({}))
                .unwrap();
        }
        let ines = Technician::arrive(&gateway, &folder, "owner@example.com", LIGHT);
        Self {
            ines: ines.await.unwrap(),
            owner,
            channel,
            sessions,
            _gateway: gateway,
            _folder: folder,
        }
    }

    async fn counted(&self) -> (u64, u64) {
        let count = self.ines.browser.script(COUNT).await.unwrap();
        let (rows, elements) = (
            count["rows"].as_u64().unwrap(),
            count["elements"].as_u64().unwrap(),
        );
        assert!(rows <= ROWS_MOST, "{count}");
        assert!(elements <= ELEMENTS_MOST, "{count}");
        (rows, count["loaded"].as_u64().unwrap())
    }

    /// Waits until the list says that it holds so many.
    async fn holds(&self, count: usize) {
        let script =
            "return document.querySelector('main [role=status]:not(:empty)')?.textContent ?? ''";
        let there = |value: &Value| {
            let digits = value
                .as_str()
                .unwrap_or_default()
                .chars()
                .filter(char::is_ascii_digit);
            digits.collect::<String>() == count.to_string()
        };
        let what = format!("{count} sessions");
        self.ines
            .browser
            .script_until(&what, script, Duration::from_secs(20), there)
            .await
            .unwrap();
    }

    async fn to_the_end(&self) {
        let end = std::time::Instant::now() + SCROLLING;
        loop {
            self.ines
                .browser
                .script("window.scrollTo(0, document.documentElement.scrollHeight)")
                .await
                .unwrap();
            let (_, loaded) = self.counted().await;
            if loaded == SESSIONS as u64 {
                break;
            }
            assert!(std::time::Instant::now() < end, "only {loaded} were loaded");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self.ines
            .browser
            .script("window.scrollTo(0, document.documentElement.scrollHeight)")
            .await
            .unwrap();
    }

    fn row(&self, index: usize) -> String {
        format!("[data-testid=\"session-row-{}\"]", self.sessions[index])
    }

    fn rename(&self, index: usize, name: &str) {
        let path = format!("/sessions/{}", self.sessions[index]);
        self.owner.patch(&path, &json!({ "name": name })).unwrap();
    }
}

/// Makes them all, several at a time; their ids in the order of their numbers.
fn fill(owner: &Rest, channel: &str) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let mut made: Vec<(usize, String)> = std::thread::scope(|scope| {
        let hand = || {
            let mut made = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= SESSIONS {
                    return made;
                }
                let body =
                    json!({"name": format!("Case {number:05}"), "note": "", "channel_id": channel});
                made.push((number, text(&owner.post("/sessions", &body).unwrap(), "id")));
            }
        };
        let hands: Vec<_> = (0..HANDS).map(|_| scope.spawn(hand)).collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().unwrap())
            .collect()
    });
    made.sort();
    made.into_iter().map(|(_, id)| id).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_ten_thousand_open_sessions_scrolls_searches_filters_sorts_and_is_live() {
    let scene = Scene::open().await;
    let ines = &scene.ines;
    ines.go(&format!("/channels/{}", scene.channel))
        .await
        .unwrap();
    scene.holds(SESSIONS).await;
    let (rows, loaded) = scene.counted().await;
    assert!(
        rows > 5 && loaded < SESSIONS as u64,
        "{rows} rows of {loaded}"
    );
    ines.picture("top").await.unwrap();

    // What happens at its top shows, and so it does at its end.
    let newest = SESSIONS - 1;
    scene.rename(newest, "Something new");
    ines.sees(&scene.row(newest), "Something new")
        .await
        .unwrap();
    ines.click("sort-name").await.unwrap();
    ines.sees(&scene.row(0), "Case 00000").await.unwrap();
    scene.to_the_end().await;
    ines.sees(&scene.row(newest), "Something new")
        .await
        .unwrap();
    scene.counted().await;
    scene.rename(newest, "Something newer");
    ines.sees(&scene.row(newest), "Something newer")
        .await
        .unwrap();
    ines.picture("end").await.unwrap();
    // Sorted by its name it goes to the other end, and from the one that is in sight.
    scene.rename(newest, "A new beginning");
    ines.sees_no("main", "Something newer").await.unwrap();
    ines.browser.script("window.scrollTo(0, 0)").await.unwrap();
    ines.sees(&scene.row(newest), "A new beginning")
        .await
        .unwrap();
    scene.counted().await;

    ines.fill("list-search", "case 04711").await.unwrap();
    scene.holds(1).await;
    ines.sees(&scene.row(4711), "Case 04711").await.unwrap();
    ines.picture("search").await.unwrap();
    ines.fill("list-search", "case 047").await.unwrap();
    scene.holds(100).await;
    ines.browser.press("Clear search").await.unwrap();
    ines.click("filter-in_queue").await.unwrap();
    scene.holds(QUEUED).await;
    let path = format!("/sessions/{}/take", scene.sessions[0]);
    scene.owner.post(&path, &json!({})).unwrap();
    scene.holds(QUEUED - 1).await;
    ines.picture("queue").await.unwrap();
    ines.browser.resize(390, 844).await.unwrap();
    ines.picture("phone").await.unwrap();
}
