//! Formats of tiles as a browser meets them: the console's own reader against Chromium's PNG and WebP, on the same crops of a real screen.
//! Owns the crops and the page; the clock is in formats.js.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use mayday_codec::tile::{self, Coding};
use mayday_codec::{Frame, Rect, open_x11};
use mayday_tests::browser::Browser;
use serde_json::{Value, json};

use super::desktop::{Content, Desktop};
use super::{HD, screen};

/// How often each crop is decoded in each way, one at a time and all at once.
pub const ROUNDS: usize = 100;
/// How the page names them.
const FORMATS: [&str; 4] = ["small", "quick", "png", "webp"];
const PATIENCE: Duration = Duration::from_secs(240);
/// Of text: a glyph's, a word's, a line's, and what the agent sends at most.
const TEXT: [(&str, Rect); 4] = [
    (
        "text 16x32",
        Rect {
            x: 112,
            y: 80,
            width: 16,
            height: 32,
        },
    ),
    (
        "text 64x64",
        Rect {
            x: 128,
            y: 128,
            width: 64,
            height: 64,
        },
    ),
    (
        "text 256x64",
        Rect {
            x: 128,
            y: 128,
            width: 256,
            height: 64,
        },
    ),
    (
        "text 1024x64",
        Rect {
            x: 96,
            y: 128,
            width: 1024,
            height: 64,
        },
    ),
];
/// Of the film: what a refinement to exact sends, and the worst that there is.
const FILM: (&str, Rect) = (
    "film 256x64",
    Rect {
        x: 128,
        y: 128,
        width: 256,
        height: 64,
    },
);

/// One crop in all formats.
struct Crop {
    name: &'static str,
    rect: Rect,
    raw: Vec<u8>,
    /// In the order of [`FORMATS`].
    coded: [Vec<u8>; 4],
}

/// Prints the table.
pub fn compare(rounds: usize) {
    let crops = crops().expect("ffmpeg codes PNG and WebP");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be made");
    let answer = runtime.block_on(in_chromium(&crops, rounds));
    print(&crops, &answer.expect("Chromium decodes them"));
}

fn crops() -> Result<Vec<Crop>> {
    let desktop = screen(HD);
    desktop.paint_page(0);
    let mut all = of_screen(&desktop, &TEXT)?;
    desktop.paint(Content::Video, 0);
    all.extend(of_screen(&desktop, &[FILM])?);
    Ok(all)
}

fn of_screen(desktop: &Desktop, places: &[(&'static str, Rect)]) -> Result<Vec<Crop>> {
    let mut capture = open_x11(Some(desktop.display()))?;
    let frame = capture.grab()?;
    let crops = places.iter().map(|(name, rect)| {
        let raw = packed(&frame, *rect);
        let ours = |coding| tile::encode(frame.pixels, frame.stride, *rect, coding);
        let png = [
            "-pix_fmt",
            "rgb24",
            "-c:v",
            "png",
            "-compression_level",
            "9",
            "-pred",
            "mixed",
        ];
        let webp = [
            "-c:v",
            "libwebp",
            "-lossless",
            "1",
            "-compression_level",
            "6",
            "-quality",
            "100",
        ];
        let coded = [
            ours(Coding::Small)?,
            ours(Coding::Quick)?,
            by_ffmpeg(&raw, *rect, &png)?,
            by_ffmpeg(&raw, *rect, &webp)?,
        ];
        Ok(Crop {
            name,
            rect: *rect,
            raw,
            coded,
        })
    });
    crops.collect()
}

fn packed(frame: &Frame<'_>, rect: Rect) -> Vec<u8> {
    let rows = (rect.y..rect.bottom()).flat_map(|row| {
        let from = usize::from(row) * frame.stride + usize::from(rect.x) * 4;
        &frame.pixels[from..from + usize::from(rect.width) * 4]
    });
    rows.copied().collect()
}

/// As small as that format can, as it is about bytes and decoding only.
fn by_ffmpeg(raw: &[u8], rect: Rect, format: &[&str]) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let from = folder.path().join("raw");
    std::fs::write(&from, raw)?;
    let size = format!("{}x{}", rect.width, rect.height);
    let output = Command::new("ffmpeg")
        .args([
            "-v", "error", "-nostdin", "-f", "rawvideo", "-pix_fmt", "bgr0",
        ])
        .args(["-s", &size, "-i"])
        .arg(&from)
        .args(["-frames:v", "1"])
        .args(format)
        .args(["-f", "image2pipe", "-"])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "ffmpeg could not code a crop");
    Ok(output.stdout)
}

async fn in_chromium(crops: &[Crop], rounds: usize) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let page = folder.path().join("formats.html");
    std::fs::write(&page, html(crops, rounds)?)?;
    let (profile, downloads) = (
        folder.path().join("profile"),
        folder.path().join("downloads"),
    );
    let browser = Browser::start(&profile, &downloads, &[], folder.path()).await?;
    browser.open(&format!("file://{}", page.display())).await?;
    let is_done = |title: &Value| title.as_str().is_some_and(|title| title.starts_with('{'));
    let title = browser.script_until(
        "the page's figures",
        "return document.title",
        PATIENCE,
        is_done,
    );
    let title = title.await?;
    let answer: Value = serde_json::from_str(title.as_str().context("a title is text")?)?;
    ensure!(
        answer["error"].is_null(),
        "in the page: {}",
        answer["error"]
    );
    Ok(answer)
}

fn html(crops: &[Crop], rounds: usize) -> Result<String> {
    let crops: Vec<Value> = crops
        .iter()
        .map(|crop| {
            let [small, quick, png, webp] = crop.coded.each_ref().map(|data| hex(data));
            json!({
                "name": crop.name, "width": crop.rect.width, "height": crop.rect.height,
                "small": small, "quick": quick, "png": png, "webp": webp, "raw": hex(&crop.raw),
            })
        })
        .collect();
    let reader = console_reader("tile")?;
    let quick_reader = console_reader("quick-tile")?;
    let script = include_str!("formats.js");
    let crops = serde_json::to_string(&crops)?;
    Ok(format!(
        "<!doctype html><meta charset=utf-8><script>{reader}\n{quick_reader}\nconst crops = {crops}, rounds = {rounds};\n{script}</script>"
    ))
}

/// One of the console's readers of tiles as a script with the name of its file, without hyphens.
fn console_reader(file: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let to = folder.path().join("tile.js");
    let console = Path::new(env!("CARGO_MANIFEST_DIR")).join("../console");
    let status = Command::new(console.join("node_modules/.bin/rolldown"))
        .args([
            &format!("src/remote/wire/{file}.ts"),
            "--format",
            "iife",
            "--name",
            &file.replace('-', "_"),
            "-o",
        ])
        .arg(&to)
        .current_dir(&console)
        .stdout(Stdio::null())
        .status();
    let status = status.context("run `npm ci` in console/ first")?;
    ensure!(
        status.success(),
        "the console's reader of tiles could not be bundled"
    );
    Ok(std::fs::read_to_string(to)?)
}

fn hex(data: &[u8]) -> String {
    data.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn print(crops: &[Crop], answer: &Value) {
    println!(
        "{}\n",
        answer["browser"].as_str().unwrap_or("an unknown browser")
    );
    println!(
        "| crop | format | bytes | decode + paint ms, one at a time: mean / 95th percentile | each of many at once | wrong pixels |"
    );
    println!("|---|---|---|---|---|---|");
    for measured in answer["measured"].as_array().into_iter().flatten() {
        let name = measured["crop"].as_str().unwrap_or_default();
        let way = measured["way"].as_str().unwrap_or_default();
        let crop = crops.iter().find(|crop| crop.name == name);
        let format = FORMATS.iter().position(|format| way.starts_with(format));
        let bytes = crop
            .zip(format)
            .map_or(0, |(crop, format)| crop.coded[format].len());
        let [mean, p95, each] =
            ["mean", "p95", "each"].map(|key| measured[key].as_f64().unwrap_or(f64::NAN));
        println!(
            "| {name} | {way} | {bytes} | {mean:.3} / {p95:.3} | {each:.3} | {} |",
            measured["differing"]
        );
    }
}
