//! A technician who works in the console: signs in, opens a session's remote view in a real Chromium, clicks and types on the picture,
//! and reads its pixels. Owns the way there, and expects nothing of the picture.

use std::io::Cursor;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::browser::Browser;
use crate::gateway::{OWNER, PASSWORD};
use crate::image::Image;
use crate::world::{PATIENCE, World};

/// The remote view's own word for how it stands.
const STATE: &str =
    "return document.querySelector('[data-testid=remote-view]')?.dataset.state ?? null";
/// Chromium's pixels for one notch of a wheel.
const NOTCH: i32 = 120;
/// Lossless, and complete: the canvas has no transparency.
const PIXELS: &str =
    "return document.querySelector('[data-testid=remote-canvas]').toDataURL('image/png')";

pub struct Console {
    pub browser: Browser,
    base: String,
}

impl Console {
    /// The owner, signed in with a browser without a window.
    ///
    /// # Errors
    /// When Chromium does not start or the console does not let the owner in.
    pub async fn start(world: &World) -> Result<Self> {
        let folder = &world.folder;
        let (profile, downloads) = (folder.join("chromium"), folder.join("downloads"));
        let browser = Browser::start(&profile, &downloads, &[], &folder.join("logs")).await?;
        Self::sign_in(world, browser).await
    }

    /// The owner, signed in with this browser.
    ///
    /// # Errors
    /// When the console does not let the owner in.
    pub async fn sign_in(world: &World, browser: Browser) -> Result<Self> {
        let base = world.gateway.listening.http_loopback.clone();
        browser.open(&base).await?;
        browser.fill("[data-testid=sign-in-email]", OWNER).await?;
        browser
            .fill("[data-testid=sign-in-password]", PASSWORD)
            .await?;
        browser.click("[data-testid=sign-in-submit]").await?;
        browser.find("[data-testid=new-session]").await?;
        Ok(Self { browser, base })
    }

    /// Opens the remote view of a session that was granted, and waits for its live picture.
    ///
    /// # Errors
    /// When none comes.
    pub async fn watch(&self, session: &str) -> Result<()> {
        let page = format!("{}/sessions/{session}/remote", self.base);
        self.browser.open(&page).await?;
        self.state("live").await
    }

    /// Waits until the remote view says that it is in this state.
    ///
    /// # Errors
    /// When it does not.
    pub async fn state(&self, wanted: &str) -> Result<()> {
        let what = format!("the remote view's state {wanted}");
        let seen = self
            .browser
            .script_until(&what, STATE, PATIENCE, |state| state == wanted);
        seen.await.map(|_| ())
    }

    /// Clicks where this pixel of the end user's screen is shown.
    ///
    /// # Errors
    /// When there is no picture.
    pub async fn click(&self, x: i16, y: i16) -> Result<()> {
        let (x, y) = self.place(x, y).await?;
        self.browser.click_at(x, y).await
    }

    /// Turns the wheel there by so many notches, towards the technician.
    ///
    /// # Errors
    /// When there is no picture.
    pub async fn wheel(&self, x: i16, y: i16, notches: i32) -> Result<()> {
        let (x, y) = self.place(x, y).await?;
        let turn =
            json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": notches * NOTCH});
        self.browser
            .devtools("Input.dispatchMouseEvent", turn)
            .await
    }

    /// Where on the page this pixel of the end user's screen is shown.
    async fn place(&self, x: i16, y: i16) -> Result<(f64, f64)> {
        let script = format!(
            "const c = document.querySelector('[data-testid=remote-canvas]'); const r = c.getBoundingClientRect(); return [r.left + ({x} + 0.5) * r.width / c.width, r.top + ({y} + 0.5) * r.height / c.height]"
        );
        let place = self.browser.script(&script).await?;
        let at = |index: usize| place[index].as_f64().context("a place on the canvas");
        Ok((at(0)?, at(1)?))
    }

    /// The canvas, pixel by pixel.
    ///
    /// # Errors
    /// When there is none.
    pub async fn picture(&self) -> Result<Image> {
        let answer = self.browser.script(PIXELS).await?;
        let url = answer.as_str().context("the canvas gave no picture")?;
        let (_, data) = url
            .split_once("base64,")
            .context("the canvas gave no PNG")?;
        decode(&base64(data)?)
    }
}

fn decode(file: &[u8]) -> Result<Image> {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info()?;
    let mut pixels = vec![
        0;
        reader
            .output_buffer_size()
            .context("a picture of a sensible size")?
    ];
    let info = reader.next_frame(&mut pixels)?;
    let rgb = match info.color_type {
        png::ColorType::Rgb => pixels,
        png::ColorType::Rgba => pixels
            .chunks_exact(4)
            .flat_map(|rgba| [rgba[0], rgba[1], rgba[2]])
            .collect(),
        other => bail!("Chromium gave a picture of {other:?}"),
    };
    Ok(Image {
        width: usize::try_from(info.width)?,
        height: usize::try_from(info.height)?,
        rgb,
    })
}

fn base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for symbol in group {
            let value = match symbol {
                b'A'..=b'Z' => symbol - b'A',
                b'a'..=b'z' => symbol - b'a' + 26,
                b'0'..=b'9' => symbol - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                other => bail!("“{}” is not base64", char::from(*other)),
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend(bits.to_be_bytes()[1..].iter().take(group.len() * 3 / 4));
    }
    Ok(bytes)
}
