//! An end user at a computer of their own: an agent's window, eyes and hands. Owns no expectation.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mayday_tests::agent::{self, Agent, WINDOW, colour};
use mayday_tests::desktop::{Desktop, keysym};
use mayday_tests::gateway::Gateway;
use mayday_tests::image::Image;
use mayday_tests::rest::Rest;
use mayday_tests::technician;
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};
use mayday_tests::xserver::XServer;

/// The accent of `agent/ui/theme.slint`, light: the button that goes on.
pub const ACCENT: u32 = 0x0b_69_66;
/// A person moves on to the next field.
const MOMENT: Duration = Duration::from_millis(150);
const LARGEST: u64 = 1 << 30;

pub struct EndUser {
    pub agent: Agent,
    pub desktop: Desktop,
    name: String,
    folder: PathBuf,
    // Dropped last: the agent draws on it.
    _screen: XServer,
}

impl EndUser {
    /// Starts a file that was downloaded, or the agent that lies beside this program.
    pub fn start(folder: &Path, name: &str, file: Option<&Path>, arguments: &[&str]) -> Self {
        let logs = folder.join("logs").join(name);
        let screen = XServer::start(1024, 768, &logs).unwrap();
        let desktop = Desktop::open(screen.display()).unwrap();
        let mut all = vec!["--log", "info"];
        all.extend(arguments);
        if !arguments.contains(&"--lang") {
            all.extend(["--lang", "en"]);
        }
        let agent = match file {
            Some(file) => Agent::start_file(file, screen.display(), &all, &logs),
            None => Agent::start(screen.display(), &all, &logs),
        };
        Self {
            agent: agent.unwrap(),
            desktop,
            name: name.to_owned(),
            folder: folder.to_owned(),
            _screen: screen,
        }
    }

    /// Waits until the window shows this scene.
    pub fn at(&self, scene: &str) {
        self.agent
            .said(&format!("scene={scene}"), PATIENCE)
            .unwrap();
        self.desktop.window(WINDOW, PATIENCE).unwrap();
        std::thread::sleep(MOMENT);
    }

    /// Waits until the latest scene in the log is this one, however often it was there before.
    pub fn back_at(&self, scene: &str) {
        let wanted = format!("scene={scene}");
        wait::until(&format!("{scene} again"), PATIENCE, || {
            let log = self.agent.process.complaints();
            let latest = log.lines().rfind(|line| line.contains("scene="));
            Ok(latest
                .is_some_and(|line| line.contains(&wanted))
                .then_some(()))
        })
        .unwrap();
        std::thread::sleep(MOMENT);
    }

    /// Waits for the prompt and allows what is asked.
    pub fn allow(&self) {
        agent::answer(&self.desktop, colour::ALLOW, PATIENCE).unwrap();
    }

    /// Types the answers into one field after the other; a choice is made with the space bar.
    pub fn fill_in(&self, answers: &[&str]) {
        for answer in answers {
            self.desktop.type_text(answer).unwrap();
            self.tab();
        }
    }

    pub fn tab(&self) {
        self.desktop.chord(&[keysym::TAB]).unwrap();
        std::thread::sleep(MOMENT);
    }

    /// A letter together with Alt, as the buttons show it.
    pub fn alt(&self, letter: char) {
        let keys = [keysym::ALT, u32::from(letter)];
        self.desktop.chord(&keys).unwrap();
        std::thread::sleep(MOMENT);
    }

    /// What the window shows, once it has stopped changing.
    pub fn window(&self) -> Image {
        let look = || {
            let (_, area) = self.desktop.window(WINDOW, PATIENCE).unwrap();
            self.desktop.picture(area).unwrap()
        };
        let mut last = look();
        for _ in 0..20 {
            std::thread::sleep(MOMENT);
            let now = look();
            if now == last {
                break;
            }
            last = now;
        }
        last
    }

    /// Waits until the window shows something else than this.
    pub fn changed_from(&self, before: &Image) -> Image {
        let mut now = self.window();
        wait::until("another picture in the window", PATIENCE, || {
            now = self.window();
            Ok((now.difference(before) > 0.1).then_some(()))
        })
        .unwrap();
        now
    }

    pub fn picture(&self, picture: &str) {
        let file = format!("{}-{picture}.png", self.name);
        let path = self.folder.join("pictures").join(&file);
        self.window().save(&path).unwrap();
        technician::keep(&self.folder, &file).unwrap();
    }
}

/// Somebody who has typed this PIN.
pub fn joined(world: &World, name: &str, pin: &str) -> EndUser {
    let gateway = world.gateway.for_agents();
    let arguments = ["--gateway", &gateway, "--pin", pin];
    let person = EndUser::start(&world.folder, name, None, &arguments);
    person.at("waiting");
    person
}

/// The agent behind this page's download button, ready to be started.
pub fn download(gateway: &Gateway, link: &str, folder: &Path) -> PathBuf {
    let base = &gateway.listening.http_loopback;
    let page = link.splitn(4, '/').nth(3).unwrap();
    let (_, html) = Rest::anonymous(base).page(&format!("/{page}")).unwrap();
    let (_, rest) = html.split_once("id=\"download\" href=\"").expect(&html);
    let (path, _) = rest.split_once('"').unwrap();
    let mut answer = ureq::get(format!("{base}{path}")).call().unwrap();
    let bytes = answer.body_mut().with_config().limit(LARGEST);
    let bytes = bytes.read_to_vec().unwrap();
    let file = folder.join(path.rsplit('/').next().unwrap());
    std::fs::write(&file, bytes).unwrap();
    let mut permissions = file.metadata().unwrap().permissions();
    permissions.set_mode(0o755);
    std::fs::set_permissions(&file, permissions).unwrap();
    file
}
