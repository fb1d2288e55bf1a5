//! What never stands still: how many pictures a second reach the technician's screen, how late, how good and at what cost. Arms take
//! turns; only one shows something at a time, so that loopback's bytes are its own.

mod player;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mayday_viewer::Spread;
use serde::{Deserialize, Serialize};

use super::arm::Arm;
use super::start::SCREEN;
use player::Player;
pub use player::{Film, Show};

/// Each arm's turn: getting into it, and what counts.
const LEAD: Duration = Duration::from_millis(1500);
const TURN: Duration = Duration::from_secs(3);
pub const ROUNDS: usize = 3;
/// After the turn single pictures are compared with what was painted, so long.
const LOOKS: Duration = Duration::from_millis(700);
/// The others' remains must not burden who is next.
const AFTER: Duration = Duration::from_millis(1500);
/// The screen is looked at so often.
const BLINK: Duration = Duration::from_micros(200);
/// Pictures back that may still be coming.
const LATE: u32 = 60;
/// Of the screen, where no code lies: left, top, right, bottom.
const COMPARED: (u16, u16, u16, u16) = (300, 200, 1600, 900);

/// One peer showing one thing that moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub peer: String,
    pub work: String,
    pub seconds: f64,
    pub painted_per_s: f64,
    /// Whole pictures that were seen on the technician's screen.
    pub shown_per_s: f64,
    pub lag_p50_ms: f64,
    pub lag_p99_ms: f64,
    /// Both directions of one hop, with all headers.
    pub bytes_per_picture: f64,
    /// Of what runs between the end user's X server and the viewer.
    pub cpu_ms_per_picture: f64,
    /// Median of some pictures, of the film only.
    pub psnr_y_db: Option<f64>,
}

/// What the turns of one arm brought.
#[derive(Default)]
pub struct Turns {
    seconds: f64,
    painted: u32,
    lags: Vec<f64>,
    bytes: f64,
    cpu_ms: f64,
    psnr: Vec<f64>,
}

/// What an arm has spent besides its own programs.
pub type Between<'a> = &'a dyn Fn() -> f64;

/// One turn of one arm. `between`: the gateway's processor time, for an arm that needs it.
///
/// # Errors
/// When a part is gone.
pub fn turn(
    arm: &mut Arm,
    show: Show,
    film: &Film,
    between: Between<'_>,
    turns: &mut Turns,
) -> Result<()> {
    let origin = arm.screen();
    let player = Player::start(arm.side.user().screen.display(), show, film)?;
    let mut last = 0;
    watch(arm, &player, show, origin, &mut last, LEAD, |_, _| ());
    let (began, painted) = (Instant::now(), player.last());
    let (bytes, cpu_ms) = (loopback()?, arm.server_cpu_ms() + between());
    let lags = &mut turns.lags;
    watch(arm, &player, show, origin, &mut last, TURN, |_, lag| {
        lags.push(1e3 * lag.as_secs_f64());
    });
    turns.seconds += began.elapsed().as_secs_f64();
    turns.painted += player.last() - painted;
    turns.bytes += (loopback()? - bytes) as f64 / f64::from(arm.peer.hops());
    turns.cpu_ms += arm.server_cpu_ms() + between() - cpu_ms;
    if show == Show::Film {
        let psnr = &mut turns.psnr;
        watch(arm, &player, show, origin, &mut last, LOOKS, |n, _| {
            psnr.extend(compare(arm, origin, n, film));
        });
    }
    player.end()?;
    std::thread::sleep(AFTER);
    Ok(())
}

/// Looks at the technician's screen and tells of each new whole picture its number and how late it is.
fn watch(
    arm: &Arm,
    player: &Player,
    show: Show,
    origin: (i32, i32),
    last: &mut u32,
    time: Duration,
    mut seen: impl FnMut(u32, Duration),
) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        let newest = player.last();
        let oldest = (*last + 1).max(newest.saturating_sub(LATE));
        let mut shown = (oldest..=newest).rev();
        let shown = shown.find(|n| arm.eye.sees(origin, &show.marks(*n)));
        if let Some(n) = shown {
            *last = n;
            let painted = player.painted(n);
            seen(n, painted.map_or(Duration::ZERO, |at| at.elapsed()));
        }
        std::thread::sleep(BLINK);
    }
}

/// How near the shown picture comes to the painted one, in decibels of brightness; `None` when the next came meanwhile.
fn compare(arm: &Arm, origin: (i32, i32), n: u32, film: &Film) -> Option<f64> {
    let seen = arm.eye.all().ok()?;
    if !arm.eye.sees(origin, &Show::Film.marks(n)) {
        return None;
    }
    let painted = film.picture(n);
    let (left, top, right, bottom) = COMPARED;
    let (mut sum, mut count) = (0.0, 0.0);
    for y in top..bottom {
        for x in left..right {
            let here = arm
                .eye
                .offset(i32::from(x) + origin.0, i32::from(y) + origin.1)?;
            let there = (usize::from(y) * usize::from(SCREEN.0) + usize::from(x)) * 4;
            let difference = luma(seen.get(here..here + 3)?) - luma(painted.get(there..there + 3)?);
            sum += difference * difference;
            count += 1.0;
        }
    }
    let error: f64 = sum / count;
    Some(10.0 * (255.0 * 255.0 / error.max(1e-3)).log10())
}

/// Of blue, green, red (BT.601).
fn luma(pixel: &[u8]) -> f64 {
    let [blue, green, red] = [0, 1, 2].map(|at| f64::from(pixel[at]));
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// Bytes that went through the loopback device so far.
fn loopback() -> Result<u64> {
    let devices = std::fs::read_to_string("/proc/net/dev")?;
    let line = devices
        .lines()
        .find_map(|line| line.trim().strip_prefix("lo:"));
    let received = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    received.context("/proc/net/dev counts the loopback device's bytes")
}

impl Cell {
    pub(super) fn of(arm: &Arm, show: Show, turns: Turns) -> Self {
        let shown = turns.lags.len() as f64;
        let lag = Spread::of(turns.lags);
        let tenths = |figure: f64| (figure * 10.0).round() / 10.0;
        let psnr = (!turns.psnr.is_empty()).then(|| tenths(Spread::of(turns.psnr).p50));
        Self {
            peer: arm.peer.name().to_owned(),
            work: show.name().to_owned(),
            seconds: tenths(turns.seconds),
            painted_per_s: tenths(f64::from(turns.painted) / turns.seconds),
            shown_per_s: tenths(shown / turns.seconds),
            lag_p50_ms: tenths(lag.p50),
            lag_p99_ms: tenths(lag.p99),
            bytes_per_picture: (turns.bytes / shown.max(1.0)).round(),
            cpu_ms_per_picture: tenths(turns.cpu_ms / shown.max(1.0)),
            psnr_y_db: psnr,
        }
    }
}
