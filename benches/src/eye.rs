//! Sees an X screen in the X server's own memory, a file of Xvfb's: nothing is asked of the server while it works.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use mayday_tests::desktop::Area;
use mayday_tests::image::Image;
use mayday_tests::xserver::XServer;
use tempfile::TempDir;

use crate::latency::code;
use crate::latency::workload::Mark;

/// Bytes of a pixel, of one colour's entry and of the header's part that is read (an X window dump's).
const PIXEL: usize = 4;
const COLOUR: u64 = 12;
const HEADER: usize = 80;

/// The open picture.
pub struct Eye {
    file: File,
    _folder: TempDir,
    pixels: u64,
    stride: usize,
    pub width: usize,
    pub height: usize,
}

impl Eye {
    /// Starts an X server that can be looked at.
    ///
    /// # Errors
    /// When it does not start.
    pub fn on((width, height): (u16, u16), logs: &Path) -> Result<(XServer, Self)> {
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => memory.to_owned(),
            false => std::env::temp_dir(),
        };
        let folder = TempDir::with_prefix_in("mayday-bench-", folder)?;
        let screen = XServer::in_file(width, height, folder.path(), logs)?;
        Ok((screen, Self::open(folder)?))
    }

    /// Opens the picture that Xvfb keeps in this folder.
    fn open(folder: TempDir) -> Result<Self> {
        let path = folder.path().join("Xvfb_screen0");
        let file = File::open(&path).with_context(|| path.display().to_string())?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0)?;
        let word = |at: usize| {
            let bytes = [0, 1, 2, 3].map(|byte| header[at * 4 + byte]);
            u32::from_be_bytes(bytes)
        };
        ensure!(
            word(11) == 32,
            "the X server's pixels have {} bits",
            word(11)
        );
        Ok(Self {
            file,
            _folder: folder,
            pixels: u64::from(word(0)) + u64::from(word(19)) * COLOUR,
            stride: word(12) as usize,
            width: word(4) as usize,
            height: word(5) as usize,
        })
    }

    /// Whether all these codes are there. `origin`: where the window's content begins.
    #[must_use]
    pub fn sees(&self, origin: (i32, i32), marks: &[Mark]) -> bool {
        marks
            .iter()
            .all(|(x, y, n)| self.sees_one(origin, (*x, *y), *n))
    }

    fn sees_one(&self, origin: (i32, i32), (x, y): (u16, u16), n: u32) -> bool {
        let (x, y) = (origin.0 + i32::from(x), origin.1 + i32::from(y));
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return false;
        };
        let mut row = [0; code::WIDTH as usize * PIXEL];
        let at = self.at(x, y + usize::from(code::SQUARE) / 2);
        self.file.read_exact_at(&mut row, at).is_ok()
            && code::reads(0, 0, n, |x, _| row.get(x * PIXEL + 1).copied())
    }

    fn at(&self, x: usize, y: usize) -> u64 {
        self.pixels + (y * self.stride + x * PIXEL) as u64
    }

    /// Where the code for `n` is on the screen: all places from which it can be read, several for each code as its squares are large.
    ///
    /// # Errors
    /// When the picture is gone.
    pub fn find(&self, n: u32) -> Result<Vec<(i32, i32)>> {
        let all = self.all()?;
        let right = self.width.saturating_sub(code::WIDTH.into());
        let bottom = self.height.saturating_sub(code::SQUARE.into());
        let places = (0..bottom).flat_map(|y| (0..right).map(move |x| (x, y)));
        let green = |x: usize, y: usize| all.get(y * self.stride + x * PIXEL + 1).copied();
        let found = places.filter(|(x, y)| code::reads(*x, *y, n, green));
        Ok(found.map(|(x, y)| (x as i32, y as i32)).collect())
    }

    /// Where a pixel is in [`Self::all`]; none beside the screen.
    #[must_use]
    pub fn offset(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| y * self.stride + x * PIXEL)
    }

    /// All bytes, four of a pixel: blue, green, red, nothing.
    ///
    /// # Errors
    /// When the picture is gone.
    pub fn all(&self) -> Result<Vec<u8>> {
        let mut all = vec![0; self.height * self.stride];
        self.file.read_exact_at(&mut all, self.pixels)?;
        Ok(all)
    }

    /// The bytes of a part of the screen, row by row without gaps.
    ///
    /// # Errors
    /// When the picture is gone, or the part does not lie in it.
    pub fn part(&self, area: Area) -> Result<Vec<u8>> {
        let (x, y) = (usize::try_from(area.x)?, usize::try_from(area.y)?);
        let row = usize::from(area.width) * PIXEL;
        let mut part = vec![0; row * usize::from(area.height)];
        for (at, row) in part.chunks_exact_mut(row.max(1)).enumerate() {
            self.file.read_exact_at(row, self.at(x, y + at))?;
        }
        Ok(part)
    }

    /// The whole screen.
    ///
    /// # Errors
    /// When the picture is gone.
    pub fn photograph(&self) -> Result<Image> {
        let all = self.all()?;
        let rows = all.chunks_exact(self.stride);
        let pixels = rows.flat_map(|row| row[..self.width * PIXEL].chunks_exact(PIXEL));
        Ok(Image {
            width: self.width,
            height: self.height,
            rgb: pixels
                .flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]])
                .collect(),
        })
    }
}
