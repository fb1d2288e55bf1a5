//! The window's pixels on their way to the screen: only damaged rectangles, at once. Owns the buffers' age, knows nothing of what is drawn.

use std::collections::VecDeque;
use std::num::NonZero;
use std::rc::Rc;

use anyhow::{Result, anyhow};
use softbuffer::{Context, Surface as Soft};
use winit::dpi::PhysicalSize;
use winit::window::Window;

use super::area::Area;
use super::sheet::Sheet;

/// Buffers older than this are drawn anew.
const OLDEST: usize = 4;

pub struct Surface {
    soft: Soft<Rc<Window>, Rc<Window>>,
    size: Area,
    /// What was drawn into the buffers before, the newest first.
    before: VecDeque<Vec<Area>>,
}

impl Surface {
    pub fn new(window: &Rc<Window>) -> Result<Self> {
        let failed = |error| anyhow!("the window cannot be drawn on: {error}");
        let context = Context::new(window.clone()).map_err(failed)?;
        let soft = Soft::new(&context, window.clone()).map_err(failed)?;
        let mut surface = Self {
            soft,
            size: Area::default(),
            before: VecDeque::new(),
        };
        surface.resize(window.inner_size())?;
        Ok(surface)
    }

    /// From now on the window has this size.
    pub fn resize(&mut self, size: PhysicalSize<u32>) -> Result<()> {
        let (Some(width), Some(height)) = (NonZero::new(size.width), NonZero::new(size.height))
        else {
            self.size = Area::default();
            return Ok(());
        };
        self.soft
            .resize(width, height)
            .map_err(|error| anyhow!("the window cannot have this size: {error}"))?;
        self.size = Area::new(0, 0, size.width as i32, size.height as i32);
        self.before.clear();
        Ok(())
    }

    /// The whole window; empty while it is minimised.
    pub fn area(&self) -> Area {
        self.size
    }

    /// Draws `areas` by `paint`, and shows them before it returns.
    pub fn show(&mut self, areas: Vec<Area>, mut paint: impl FnMut(&mut Sheet<'_>)) -> Result<()> {
        let failed = |error| anyhow!("the window cannot be drawn on: {error}");
        let whole = self.size;
        if whole.is_empty() {
            return Ok(());
        }
        let mut now: Vec<Area> = areas
            .into_iter()
            .map(|area| area.intersect(whole))
            .filter(|area| !area.is_empty())
            .collect();
        if now.is_empty() {
            return Ok(());
        }
        let mut buffer = self.soft.buffer_mut().map_err(failed)?;
        // A buffer of age 1 has the last picture; an older one misses what was drawn since.
        let drawn = match usize::from(buffer.age()) {
            age @ 1.. if age <= self.before.len() + 1 => {
                let missed = self.before.iter().take(age - 1).flatten();
                now.iter().chain(missed).copied().collect()
            }
            _ => {
                now = vec![whole];
                now.clone()
            }
        };
        let mut sheet = Sheet::new(&mut buffer, whole.width, whole.height);
        for area in &drawn {
            sheet.set_clip(*area);
            paint(&mut sheet);
        }
        let damage: Vec<_> = drawn.iter().filter_map(|area| rect(*area)).collect();
        buffer.present_with_damage(&damage).map_err(failed)?;
        // Asking for the next buffer sends what was written and waits until the screen has it: no event has to come along first.
        let _ = self.soft.buffer_mut().map_err(failed)?;
        self.before.push_front(now);
        self.before.truncate(OLDEST);
        Ok(())
    }
}

fn rect(area: Area) -> Option<softbuffer::Rect> {
    Some(softbuffer::Rect {
        x: area.x as u32,
        y: area.y as u32,
        width: NonZero::new(area.width as u32)?,
        height: NonZero::new(area.height as u32)?,
    })
}
