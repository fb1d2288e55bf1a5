//! Random walks, with real processes and the viewer library: a desktop that scrolls, drags, types, plays and changes its resolution, over
//! lines that lose and reorder packets. Whenever it comes to rest, the viewer's canvas is the end user's screen, in every pixel.
//!
//! `MAYDAY_WALK=SEED` walks only from there, `MAYDAY_WALK_RESTS=N` that far.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use mayday_tests::agent::Agent;
use mayday_tests::image::Image;
use mayday_tests::linkem::{Link, Loss, Profile, Rate};
use mayday_tests::painter::{Painter, Random};
use mayday_tests::rest::Created;
use mayday_tests::world::{PATIENCE, World};
use mayday_viewer::{Event, Viewer};

/// Longer than any of the agent's own timers: what is right now stays right.
const MOMENT: Duration = Duration::from_millis(700);
/// Between two looks at a picture that is not right yet.
const LOOK: Duration = Duration::from_millis(60);
/// A lossy line may take several attempts at the start.
const ATTEMPTS: usize = 4;
/// How often a walk comes to rest, and how many steps there are to it at most.
const RESTS: u16 = 5;
const STEPS: u16 = 9;
/// Between two steps.
const PAUSES: [u64; 9] = [0, 0, 0, 8, 25, 60, 140, 220, 400];
/// The grid of the stream.
const CELL: usize = 16;

/// Each of the two lines, at the agent and at the viewer.
const ROUGH: Profile = Profile {
    name: "rough",
    rtt: Duration::from_millis(20),
    rate: Rate::Constant(20e6),
    loss: Loss::Bernoulli(0.02),
    queue: Duration::from_millis(300),
    jitter: Duration::from_millis(12),
};
const BURSTS: Profile = Profile {
    name: "bursts",
    rtt: Duration::from_millis(40),
    rate: Rate::Constant(8e6),
    loss: Loss::Bursts {
        to_bad: 0.005,
        to_good: 0.3,
        lost: 0.8,
    },
    queue: Duration::from_millis(200),
    jitter: Duration::from_millis(30),
};
const LAN: Profile = Profile {
    name: "lan",
    rtt: Duration::ZERO,
    rate: Rate::Constant(1e9),
    loss: Loss::None,
    queue: Duration::from_millis(200),
    jitter: Duration::ZERO,
};

/// A session on emulated lines, and everything that was painted so far.
struct Walk {
    viewer: Viewer,
    painter: Painter,
    random: Random,
    seed: u64,
    story: String,
    /// How often a picture that was exact became coarse again, while nothing changed.
    relapses: usize,
    sizes: Vec<(u16, u16)>,
    _agent: Agent,
    lines: [Link; 2],
    // Dropped last.
    world: World,
}

impl Walk {
    fn begin(profile: &Profile, seed: u64) -> Result<Self> {
        let world = World::new(&format!("walk-{}-{seed}", profile.name))?;
        let gateway: SocketAddr = world.gateway.listening.address.parse()?;
        let lines = [
            Link::open(gateway, profile, seed)?,
            Link::open(gateway, profile, !seed)?,
        ];
        let (created, agent) = join(&world, lines[0].address())?;
        world.allowed(&created.id)?;
        let viewer = open(&world, &created.id, lines[1].address())?;
        viewer
            .wait_for(PATIENCE, |_| true)
            .context("no picture came")?;
        let painter = Painter::start(world.screen.display(), seed)?;
        Ok(Self {
            viewer,
            painter,
            random: Random(!seed),
            seed,
            story: String::new(),
            relapses: 0,
            sizes: Vec::new(),
            _agent: agent,
            lines,
            world,
        })
    }

    /// Walks on and on, with a rest now and then.
    fn walk(&mut self) -> Result<()> {
        let rests = number_from("MAYDAY_WALK_RESTS").map_or(RESTS, |rests| rests as u16);
        self.rests("the start")?;
        for rest in 0..rests {
            for _ in 0..1 + self.random.below(STEPS) {
                self.step()?;
            }
            // At each second rest, so that what is on the way meets another screen.
            if rest % 2 == 1 {
                self.resolution()?;
                self.step()?;
                self.step()?;
            }
            self.rests(&format!("rest {rest}"))?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        let step = self.painter.step()?;
        let pause = self.random.one_of(&PAUSES);
        let _ = writeln!(self.story, "{step}, then {pause} ms");
        sleep(Duration::from_millis(pause));
        Ok(())
    }

    /// Any size that there was not yet.
    fn resolution(&mut self) -> Result<()> {
        let (width, height) = (800 + self.random.below(480), 600 + self.random.below(200));
        if !self.sizes.contains(&(width, height)) {
            self.sizes.push((width, height));
            let _ = writeln!(self.story, "the screen becomes {width}x{height}");
            self.world.screen.resolution(width, height)?;
            self.painter.repaint()?;
        }
        Ok(())
    }

    /// Waits until every pixel is right, and is still right a moment later.
    fn rests(&mut self, name: &str) -> Result<()> {
        let begun = Instant::now();
        let mut exact = self.is_exact(name, begun)?;
        loop {
            sleep(MOMENT);
            if self.apart()?.is_none() {
                break;
            }
            self.relapses += 1;
            exact = self.is_exact(&format!("{name}, again"), begun)?;
        }
        let _ = writeln!(self.story, "{name}: exact after {} ms", exact.as_millis());
        Ok(())
    }

    /// How long after `begun` every pixel was right.
    fn is_exact(&self, name: &str, begun: Instant) -> Result<Duration> {
        while let Some(apart) = self.apart()? {
            if begun.elapsed() > PATIENCE {
                self.complain(name, &apart)?;
            }
            sleep(LOOK);
        }
        Ok(begun.elapsed())
    }

    fn apart(&self) -> Result<Option<Apart>> {
        let desktop = &self.world.desktop;
        let (width, height, real) = desktop.raw()?;
        let (size, seen) = self.viewer.snapshot().context("there is no picture")?;
        if (size.width, size.height) != (width, height) {
            return Ok(Some(Apart::Size));
        }
        let cells = cells(&real, &seen, usize::from(width));
        if cells.is_empty() {
            return Ok(None);
        }
        let moves = desktop.raw()?.2 != real;
        Ok(Some(Apart::Cells {
            cells,
            moves,
            width: usize::from(width),
            real,
            seen,
        }))
    }

    fn complain(&self, name: &str, apart: &Apart) -> Result<()> {
        let Self { seed, story, .. } = self;
        let figures = self.viewer.statistics();
        let said = match apart {
            Apart::Size => "another size".to_owned(),
            Apart::Cells {
                cells,
                moves,
                width,
                real,
                seen,
            } => {
                let folder = self.world.folder.join("pictures");
                picture(real, *width).save(&folder.join(format!("{name}-real.png")))?;
                picture(seen, *width).save(&folder.join(format!("{name}-seen.png")))?;
                format!(
                    "the screen {}; {} cells differ, (column, row): pixels: {:?}",
                    if *moves {
                        "still changes"
                    } else {
                        "is at rest"
                    },
                    cells.len(),
                    cells.iter().take(40).collect::<Vec<_>>()
                )
            }
        };
        bail!("seed {seed}, {name}: {said}\nIts steps:\n{story}{figures:?}");
    }

    /// What the lines did, of which the walk is only a proof if they did it.
    fn was_rough(&self) {
        let lost: usize = self.lines.iter().map(Link::lost).sum();
        let overtaken: usize = self.lines.iter().map(Link::overtaken).sum();
        assert!(lost > 0, "nothing was lost");
        assert!(overtaken > 0, "nothing was overtaken");
        println!("{lost} packets lost, {overtaken} overtaken");
    }

    fn had_every_size(&self) {
        let events = self.viewer.events();
        let resets = events
            .iter()
            .filter(|event| matches!(event, Event::Reset { .. }))
            .count();
        assert!(resets > self.sizes.len(), "{resets} epochs");
        assert_eq!(self.viewer.statistics().decode_errors, 0);
    }
}

enum Apart {
    Size,
    Cells {
        /// How many pixels of each cell, by column and row.
        cells: BTreeMap<(usize, usize), usize>,
        moves: bool,
        width: usize,
        real: Vec<u8>,
        seen: Vec<u8>,
    },
}

fn cells(real: &[u8], seen: &[u8], width: usize) -> BTreeMap<(usize, usize), usize> {
    let mut cells = BTreeMap::new();
    let rows = real
        .chunks_exact(width * 4)
        .zip(seen.chunks_exact(width * 4));
    for (y, (real, seen)) in rows.enumerate() {
        let pixels = real.chunks_exact(4).zip(seen.chunks_exact(4));
        for (x, (real, seen)) in pixels.enumerate() {
            if real[..3] != seen[..3] {
                *cells.entry((x / CELL, y / CELL)).or_default() += 1;
            }
        }
    }
    cells
}

fn picture(bgrx: &[u8], width: usize) -> Image {
    let rgb = bgrx
        .chunks_exact(4)
        .flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]]);
    Image {
        width,
        height: bgrx.len() / 4 / width,
        rgb: rgb.collect(),
    }
}

fn join(world: &World, line: SocketAddr) -> Result<(Created, Agent)> {
    let created = world.owner.new_session("Printer")?;
    let gateway = format!("{line}#{}", world.gateway.listening.pin);
    let arguments = ["--gateway", &gateway, "--pin", &created.pin];
    let agent = world.agent("agent", &arguments)?;
    world.until(&created.id, "active", |session| {
        session["status"] == "active"
    })?;
    Ok((created, agent))
}

fn open(world: &World, session: &str, line: SocketAddr) -> Result<Viewer> {
    let mut why = String::new();
    for _ in 0..ATTEMPTS {
        let link = world.viewer_link(session)?;
        let rest = link
            .split_once("/view")
            .context("a link of the viewer's")?
            .1;
        match Viewer::open(&format!("mayday://{line}/view{rest}")) {
            Ok(viewer) => return Ok(viewer),
            Err(error) => why = error.to_string(),
        }
    }
    bail!("the viewer does not get in: {why}")
}

fn number_from(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn walks(profile: &Profile, seeds: &[u64], after: impl Fn(&Walk)) {
    let one = number_from("MAYDAY_WALK").map(|seed| vec![seed]);
    for seed in one.unwrap_or_else(|| seeds.to_vec()) {
        let begun = Instant::now();
        let mut walk = Walk::begin(profile, seed).unwrap();
        walk.walk().unwrap();
        walk.had_every_size();
        after(&walk);
        let Walk {
            story, relapses, ..
        } = &walk;
        let took = begun.elapsed();
        println!("seed {seed}: {took:?}, {relapses} relapses\n{story}");
    }
}

#[test]
fn every_pixel_is_right_at_rest_after_random_walks_nearby() {
    walks(&LAN, &[1, 2], |walk| {
        assert_eq!(walk.relapses, 0, "what was exact became coarse again");
    });
}

#[test]
fn every_pixel_is_right_at_rest_after_random_walks_over_lines_that_lose_and_reorder() {
    let after = |walk: &Walk| {
        walk.was_rough();
        let asked = walk.viewer.statistics().refreshes;
        let relapses = walk.relapses as u64;
        assert!(
            relapses <= asked,
            "what was exact became coarse again {relapses} times, asked for {asked} times"
        );
    };
    walks(&ROUGH, &[3], after);
    walks(&BURSTS, &[4], after);
}
