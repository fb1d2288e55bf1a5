//! The same screens through x264 (ultrafast, zerolatency), to compare with: Debian's ffmpeg as a program of its own, as x264's licence is
//! not one that Mayday could contain. Owns the arithmetic that leaves out ffmpeg's start and reading.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use mayday_codec::Rect;

use super::QP;
use super::quality::{Compared, Quality};

/// What one picture after the first costs.
pub struct Result {
    /// On all threads, with the conversion of colours and without reading.
    pub cpu_ms: f64,
    pub bytes: f64,
    pub quality: Quality,
}

/// Codes these screens (BGRX); `None` where there is no ffmpeg with x264.
pub fn code(screens: &[Vec<u8>], (width, height): (u16, u16), damage: &[Rect]) -> Option<Result> {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let folder = folder.ok()?;
    let raw = folder.path().join("screens");
    let mut file = std::fs::File::create(&raw).ok()?;
    for screen in screens {
        file.write_all(screen).ok()?;
    }
    let coded = folder.path().join("coded.h264");
    let size = format!("{width}x{height}");
    let run = |pictures: usize, to: &[&str]| {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "info", "-nostdin", "-benchmark", "-y"])
            .args([
                "-f", "rawvideo", "-pix_fmt", "bgr0", "-r", "60", "-s", &size, "-i",
            ])
            .arg(&raw)
            .args(["-frames:v", &pictures.to_string()])
            .args(to);
        let output = command.output().ok()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        output.status.success().then(|| cpu_ms(&said))?
    };
    let (qp, path) = (QP.to_string(), coded.to_str()?);
    let coding = [
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
        "-qp",
        &qp,
        "-f",
        "h264",
        path,
    ];
    let reading = ["-c:v", "copy", "-f", "null", "-"];
    let pictures = screens.len();
    let first = run(1, &coding)? - run(1, &reading)?;
    let first_bytes = std::fs::metadata(&coded).ok()?.len();
    let all = run(pictures, &coding)? - run(pictures, &reading)?;
    let all_bytes = std::fs::metadata(&coded).ok()?.len();
    let more = (pictures - 1) as f64;
    let shown = last(&coded, folder.path())?;
    let compared = Compared {
        screen: screens.last()?,
        shown: shown.get(shown.len().checked_sub(screens.last()?.len())?..)?,
        stride: usize::from(width) * 4,
    };
    Some(Result {
        cpu_ms: ((all - first) / more).max(0.0),
        bytes: (all_bytes - first_bytes) as f64 / more,
        quality: compared.quality(damage),
    })
}

/// All pictures decoded again; only the end of it is needed.
fn last(coded: &Path, folder: &Path) -> Option<Vec<u8>> {
    let out = folder.join("shown");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y", "-i"])
        .arg(coded)
        .args(["-pix_fmt", "bgr0", "-f", "rawvideo"])
        .arg(&out)
        .status();
    status.ok()?.success().then(|| std::fs::read(out).ok())?
}

/// "bench: utime=0.123s stime=0.045s rtime=0.200s"
fn cpu_ms(said: &str) -> Option<f64> {
    let line = said.lines().find(|line| line.starts_with("bench: utime"))?;
    let numbers = line.split_whitespace().filter_map(|word| {
        let (name, number) = word.split_once('=')?;
        let number: f64 = number.trim_end_matches('s').parse().ok()?;
        ["utime", "stime"].contains(&name).then_some(number)
    });
    Some(1e3 * numbers.sum::<f64>())
}
