//! One peer with both its ends: the end user's screen and the technician's. Owns a single sample.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use mayday_tests::browser::Browser;
use mayday_tests::process::Running;
use mayday_tests::wait;
use mayday_tests::xserver::XServer;

use super::hands::Hands;
use super::sheet::Sheet;
use super::start::Peer;
use crate::eye::Eye;
use crate::host::{EndUser, Host};
use crate::latency::code;
use crate::latency::cost;
use crate::latency::marker;
use crate::latency::workload::{Mark, Workload};

/// A sample that takes longer counts as a failure.
const TIME_OUT: Duration = Duration::from_secs(5);
/// The screen is looked at so often.
const BLINK: Duration = Duration::from_micros(50);
const PATIENCE: Duration = Duration::from_secs(30);
const SETTLE: Duration = Duration::from_millis(500);

/// The end user's side.
pub enum Side {
    Mayday(Box<Host>),
    Other(Box<EndUser>),
}

impl Side {
    pub fn user(&mut self) -> &mut EndUser {
        match self {
            Self::Mayday(host) => &mut host.user,
            Self::Other(user) => user,
        }
    }
}

/// What shows the picture to the technician.
pub enum Shows {
    Program { _process: Running },
    Browser(Browser),
}

pub struct Arm {
    pub peer: Peer,
    pub version: String,
    pub shows: Shows,
    /// What runs at the end user's side or between.
    pub servers: Vec<Running>,
    pub side: Side,
    pub eye: Eye,
    pub hands: Hands,
    /// Where the marker's content begins on the technician's screen.
    pub origin: (i32, i32),
    /// The technician's.
    pub _screen: XServer,
}

impl Arm {
    /// Processor time of what runs between the end user's X server and the network; Xtigervnc is that X server itself.
    pub fn server_cpu_ms(&self) -> f64 {
        let servers = self.servers.iter().map(|one| cost::family_cpu_ms(one.id()));
        let more = match &self.side {
            Side::Mayday(host) => cost::cpu_ms(host.agent.process.id()),
            Side::Other(user) if self.peer == Peer::Xtigervnc => cost::cpu_ms(user.screen.id()),
            Side::Other(_) => 0.0,
        };
        servers.sum::<f64>() + more
    }

    /// Finds the end user's marker on the technician's screen, gives it the keyboard, and makes sure that both ways of working work.
    ///
    /// # Errors
    /// When it is not shown pixel for pixel, or keys have no effect.
    pub fn find_picture(&mut self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while !self.look_for_marker()? {
            if Instant::now() > until {
                bail!("the end user's screen is not shown pixel for pixel");
            }
        }
        while Instant::now() < until {
            self.take_keyboard()?;
            if self.key(Workload::Type)?.is_some() && self.change(Workload::NewPage)?.is_some() {
                return Ok(());
            }
        }
        bail!("keys have no effect")
    }

    /// Two codes must be where they belong to each other.
    fn look_for_marker(&mut self) -> Result<bool> {
        let (first, (x, y)) = self.ask_for_code()?;
        let found = self.eye.find(first)?;
        let (_, (next_x, next_y)) = self.ask_for_code()?;
        let n = self.side.user().marker.answered();
        let apart = (
            i32::from(next_x) - i32::from(x),
            i32::from(next_y) - i32::from(y),
        );
        let both = found.into_iter().filter(|(left, top)| {
            let origin = (left + apart.0, top + apart.1);
            self.eye.sees(origin, &[(0, 0, n)])
        });
        let both: Vec<_> = both.collect();
        // Each code is read in the middle of its squares, from half of one too far left to half of one too far right.
        let half = i32::from(code::SQUARE) / 2;
        let (Some(left), Some(top)) = (
            both.iter().map(|(left, _)| left + half).min(),
            both.iter().map(|(_, top)| top + half).min(),
        ) else {
            return Ok(false);
        };
        self.origin = (left - i32::from(x), top - i32::from(y));
        Ok(true)
    }

    /// Lets the marker type, and gives it and the network plenty of time; which code is where.
    fn ask_for_code(&mut self) -> Result<(u32, (u16, u16))> {
        let marker = &self.side.user().marker;
        let n = marker.answered() + 1;
        marker.change(Workload::Type)?;
        wait::until("the marker's answer", PATIENCE, || {
            Ok((marker.answered() >= n).then_some(()))
        })?;
        std::thread::sleep(SETTLE);
        let mark = Workload::Type.marks(n, 0).pop();
        let (x, y, _) = mark.context("a typed character has a code")?;
        Ok((n, (x, y)))
    }

    fn take_keyboard(&mut self) -> Result<()> {
        let place = |at: i32| i16::try_from(at).unwrap_or(i16::MAX);
        let middle = (place(self.origin.0 + 400), place(self.origin.1 + 400));
        // Where nothing is measured: below the marker.
        let away = (middle.0, place(self.origin.1 + 815));
        self.hands.click(middle, away)?;
        std::thread::sleep(SETTLE);
        Ok(())
    }

    /// One change on the end user's screen; from painted to seen, or `None` after the time-out.
    ///
    /// # Errors
    /// When a part is gone.
    pub fn change(&mut self, workload: Workload) -> Result<Option<Duration>> {
        let (n, marks) = self.next(workload)?;
        self.side.user().marker.change(workload)?;
        let Some(seen) = self.watch(self.origin, &marks) else {
            return Ok(None);
        };
        let answer = self.side.user().marker.last().filter(|one| one.n == n);
        let answer = answer.context("the marker answers one change at a time")?;
        Ok(Some(seen.saturating_duration_since(answer.painted)))
    }

    /// One key at the technician's keyboard; from pressed to seen, or `None` after the time-out.
    ///
    /// # Errors
    /// When a part is gone.
    pub fn key(&mut self, workload: Workload) -> Result<Option<Duration>> {
        let (_, marks) = self.next(workload)?;
        let began = self.hands.press(marker::keycode(workload))?;
        let seen = self.watch(self.origin, &marks);
        Ok(seen.map(|seen| seen.saturating_duration_since(began)))
    }

    /// The whole of the end user's screen changes at once; from then to all of it seen, or `None` after the time-out.
    ///
    /// # Errors
    /// When a part is gone.
    pub fn turn(&mut self, sheet: &mut Sheet) -> Result<Option<Duration>> {
        let origin = self.screen();
        let marks = sheet.draw()?;
        if self.eye.sees(origin, &marks) {
            bail!("a page was there before it was turned over");
        }
        let turned = sheet.turn()?;
        let seen = self.watch(origin, &marks);
        Ok(seen.map(|seen| seen.saturating_duration_since(turned)))
    }

    /// A sheet over the end user's screen.
    ///
    /// # Errors
    /// When that screen is gone.
    pub fn lay_sheet(&mut self) -> Result<Sheet> {
        Sheet::lay(self.side.user().screen.display())
    }

    /// Where the end user's screen begins on the technician's.
    pub fn screen(&mut self) -> (i32, i32) {
        let place = self.side.user().place;
        let (x, y) = self.origin;
        (x - i32::from(place.x), y - i32::from(place.y))
    }

    fn next(&mut self, workload: Workload) -> Result<(u32, Vec<Mark>)> {
        let n = self.side.user().marker.answered() + 1;
        let marks = workload.marks(n, 0);
        if self.eye.sees(self.origin, &marks) {
            bail!("the answer to change {n} was there before it");
        }
        Ok((n, marks))
    }

    fn watch(&self, origin: (i32, i32), marks: &[Mark]) -> Option<Instant> {
        let until = Instant::now() + TIME_OUT;
        loop {
            if self.eye.sees(origin, marks) {
                return Some(Instant::now());
            }
            if Instant::now() > until {
                return None;
            }
            std::thread::sleep(BLINK);
        }
    }

    /// # Errors
    /// When the file cannot be written.
    pub fn photograph(&self, path: &Path) -> Result<()> {
        self.eye.photograph()?.save(path)
    }

    /// Ends the technician's program first.
    pub async fn end(self) {
        if let Shows::Browser(browser) = &self.shows {
            // Its display is about to go; it may be gone already.
            let _ = browser.client.clone().close().await;
        }
    }
}
