//! The viewer's command line. Without a window yet: `--headless` joins, types, waits, and says what it measured.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use mayday_viewer::Viewer;

/// Joins a Mayday session as a technician's device.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The session's link, as given by the console or the API: mayday://host:port/view#pin:ticket
    #[arg(long)]
    open: String,
    /// Without a window.
    #[arg(long)]
    headless: bool,
    /// Text to type once there is a picture.
    #[arg(long)]
    keys: Option<String>,
    /// How long to stay.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Where to save the last picture.
    #[arg(long)]
    png: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mayday-viewer: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if !arguments.headless {
        bail!("this build has no window yet: add --headless, or use the console in a browser");
    }
    let viewer = Viewer::open(&arguments.open)?;
    let stay = Duration::from_secs_f64(arguments.seconds);
    if let Some(keys) = &arguments.keys {
        viewer
            .wait_for(stay, |_| true)
            .context("no picture came; was the session granted?")?;
        viewer.type_text(keys);
    }
    if let Some(why) = viewer.wait_for_end(stay) {
        eprintln!("mayday-viewer: {why}");
    }
    let statistics = viewer.statistics();
    if arguments.json {
        println!("{}", serde_json::to_string(&statistics)?);
    } else {
        println!("{statistics:#?}");
    }
    if let Some(path) = &arguments.png {
        save(&viewer, path)?;
    }
    viewer.close();
    Ok(())
}

fn save(viewer: &Viewer, path: &Path) -> Result<()> {
    let (size, pixels) = viewer.snapshot().context("there was no picture to save")?;
    let rgb: Vec<u8> = pixels
        .chunks_exact(4)
        .flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]])
        .collect();
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut encoder =
        png::Encoder::new(BufWriter::new(file), size.width.into(), size.height.into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(())
}
