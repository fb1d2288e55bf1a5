//! The picture at rest, with real processes: after everything a technician does, all pixels in the console's canvas in Chromium, and in
//! the native viewer's window at 1:1, are those of the end user's X server.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use mayday_tests::console::Console;
use mayday_tests::desktop::{Area, keysym};
use mayday_tests::image::Image;
use mayday_tests::rest::Created;
use mayday_tests::scenery::{self, Scenery};
use mayday_tests::viewer::ViewerWindow;
use mayday_tests::wait;
use mayday_tests::world::{PATIENCE, World};

/// Longer than any of the agent's own timers: what is right now stays right.
const MOMENT: Duration = Duration::from_millis(700);
/// A picture that is not exact yet is this near to the screen.
const NEAR: f64 = 3.0;
/// Places in the terminals to type and to read.
const WRITING: (i16, i16) = (200, 120);
const READING: (i16, i16) = (200, 400);
/// One whose sides are no multiples of 16, and one whose are not even.
const RESOLUTIONS: [(u16, u16); 2] = [(1100, 700), (1051, 689)];

/// A technician's hands and eyes, in the browser or in the native viewer.
trait Technician {
    async fn click(&self, x: i16, y: i16) -> Result<()>;
    async fn keys(&self, text: &str) -> Result<()>;
    async fn turn(&self, notches: i32) -> Result<()>;
    /// Before a screen of this size.
    fn make_room(&self, width: u16, height: u16) -> Result<()>;
    async fn picture(&self, width: usize, height: usize) -> Result<Image>;
}

impl Technician for Console {
    async fn click(&self, x: i16, y: i16) -> Result<()> {
        Self::click(self, x, y).await
    }

    async fn keys(&self, text: &str) -> Result<()> {
        // WebDriver's own word for Return.
        self.browser.keys(&text.replace('\n', "\u{e007}")).await
    }

    async fn turn(&self, notches: i32) -> Result<()> {
        self.wheel(READING.0, READING.1, notches).await
    }

    fn make_room(&self, _: u16, _: u16) -> Result<()> {
        Ok(())
    }

    async fn picture(&self, _: usize, _: usize) -> Result<Image> {
        Self::picture(self).await
    }
}

impl Technician for ViewerWindow {
    async fn click(&self, x: i16, y: i16) -> Result<()> {
        Self::click(self, x, y)
    }

    async fn keys(&self, text: &str) -> Result<()> {
        for letter in text.chars() {
            let key = match letter {
                '\n' => keysym::RETURN,
                other => other as u32,
            };
            self.desktop.chord(&[key])?;
        }
        Ok(())
    }

    async fn turn(&self, notches: i32) -> Result<()> {
        self.desktop.wheel(notches)
    }

    /// A window that fits shows each pixel as one.
    fn make_room(&self, width: u16, height: u16) -> Result<()> {
        self.resize(width, height)
    }

    /// The middle of the window, where a screen of this size is.
    async fn picture(&self, width: usize, height: usize) -> Result<Image> {
        let place = self.picture_area()?;
        let middle = |room: u16, side: usize| (i32::from(room) - side as i32) / 2;
        self.desktop.picture(Area {
            x: place.x + i16::try_from(middle(place.width, width))?,
            y: place.y + i16::try_from(middle(place.height, height))?,
            width: u16::try_from(width)?,
            height: u16::try_from(height)?,
        })
    }
}

/// The end user's desktop with everything on it that is hard to show.
struct Scene {
    created: Created,
    // Dropped in this order.
    _agent: mayday_tests::agent::Agent,
    scenery: Scenery,
    world: World,
}

impl Scene {
    fn new(name: &str) -> Result<Self> {
        let world = World::new(name)?;
        let scenery = Scenery::show(world.screen.display(), &world.folder)?;
        let (created, agent) = world.joined("Printer")?;
        world.allowed(&created.id)?;
        Ok(Self {
            created,
            _agent: agent,
            scenery,
            world,
        })
    }

    /// Types, reads on by lines, pages and the wheel, goes far away in the text and back, and changes the resolution; after each of it every
    /// pixel is right.
    async fn plays(&self, technician: &impl Technician) -> Result<()> {
        // From here on the technician's pointer is the end user's: one that is elsewhere would be drawn into the picture.
        technician.click(WRITING.0, WRITING.1).await?;
        self.is_exact("first", technician).await?;

        technician.keys("all of it\n").await?;
        self.has("all of it")?;
        self.is_exact("typed", technician).await?;

        technician.click(READING.0, READING.1).await?;
        for (name, keys) in [
            ("lines", "jjjjjjj"),
            ("back", "kkk"),
            ("page", " "),
            ("pages", "   b"),
            ("far", "900g"),
            ("home", "g"),
        ] {
            self.changes(name, technician.keys(keys)).await?;
            self.is_exact(name, technician).await?;
        }
        self.changes("wheel", technician.turn(5)).await?;
        self.is_exact("wheel", technician).await?;

        for (width, height) in RESOLUTIONS {
            technician.make_room(width, height)?;
            self.world.screen.resolution(width, height)?;
            self.settles(technician).await?;
            self.is_exact(&format!("{width}x{height}"), technician)
                .await?;
        }
        technician.click(WRITING.0, WRITING.1).await?;
        technician.keys("here too\n").await?;
        self.has("here too")?;
        self.is_exact("typed-again", technician).await
    }

    fn has(&self, line: &str) -> Result<()> {
        wait::until("the typed line", PATIENCE, || {
            let text = std::fs::read_to_string(&self.scenery.typed)?;
            Ok(text.lines().any(|one| one == line).then_some(()))
        })
    }

    /// Does it, and waits until it shows on the end user's screen.
    async fn changes(&self, name: &str, doing: impl Future<Output = Result<()>>) -> Result<()> {
        let before = self.world.desktop.screenshot()?;
        doing.await?;
        wait::until(name, PATIENCE, || {
            Ok((self.world.desktop.screenshot()? != before).then_some(()))
        })?;
        scenery::still(&self.world.desktop)
    }

    /// Waits until the new resolution has come everywhere: on a busy machine all that is shown is at first a part of the screen before,
    /// and as right as the new one.
    async fn settles(&self, technician: &impl Technician) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut looks = 0;
        while looks < 3 && Instant::now() < end {
            looks = match self.differs(technician).await? {
                None => looks + 1,
                Some(_) => 0,
            };
            tokio::time::sleep(MOMENT).await;
        }
        Ok(())
    }

    /// Waits until every pixel is right, and looks again a moment later.
    async fn is_exact(&self, name: &str, technician: &impl Technician) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while let Some(apart) = self.differs(technician).await? {
            if Instant::now() > end {
                return self.complain(name, &apart);
            }
        }
        tokio::time::sleep(MOMENT).await;
        if let Some(apart) = self.differs(technician).await? {
            return self.complain(&format!("{name}, a moment later"), &apart);
        }
        println!("{name}: exact");
        Ok(())
    }

    async fn differs(&self, technician: &impl Technician) -> Result<Option<Apart>> {
        let desktop = &self.world.desktop;
        let before = desktop.screenshot()?;
        let seen = technician.picture(before.width, before.height).await?;
        let real = desktop.screenshot()?;
        let moves = real != before;
        let pixels = real.apart(&seen);
        Ok((moves || pixels.is_some()).then_some(Apart {
            real,
            seen,
            moves,
            pixels,
        }))
    }

    fn complain(&self, name: &str, apart: &Apart) -> Result<()> {
        let folder = self.world.folder.join("pictures");
        apart.real.save(&folder.join(format!("{name}-real.png")))?;
        apart.seen.save(&folder.join(format!("{name}-seen.png")))?;
        if apart.moves {
            bail!("{name}: the screen does not rest");
        }
        let Image { width, height, .. } = apart.real;
        bail!(
            "{name}: pixels are wrong (how many, and where): {:?} of {width}x{height}",
            apart.pixels
        )
    }
}

/// The screen and what the technician sees of it.
struct Apart {
    real: Image,
    seen: Image,
    /// Nothing can be compared: the screen changed meanwhile.
    moves: bool,
    pixels: Option<(usize, [usize; 4])>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consoles_canvas_in_chromium_has_every_pixel_of_the_end_users_screen() {
    let scene = Scene::new("exact-console").unwrap();
    let console = Console::start(&scene.world).await.unwrap();
    console.watch(&scene.created.id).await.unwrap();
    scene.plays(&console).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_viewers_window_at_its_real_size_has_every_pixel_of_the_end_users_screen() {
    let scene = Scene::new("exact-viewer").unwrap();
    let link = scene.world.viewer_link(&scene.created.id).unwrap();
    let logs = scene.world.folder.join("logs");
    let viewer = ViewerWindow::open(&link, "Printer", &[], &logs).unwrap();
    wait::until("a first picture", PATIENCE, || {
        let (there, here) = (scene.world.desktop.screenshot()?, viewer.picture()?);
        Ok((there.difference(&here) < NEAR).then_some(()))
    })
    .unwrap();
    scene.plays(&viewer).await.unwrap();
}
