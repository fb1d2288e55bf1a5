//! The viewer's command line: opens a session's link in a window; `--headless` joins, types, waits, and says what it measured.

mod choice;
mod register;
mod window;

use std::fs::File;
use std::io::{BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use mayday_viewer::{Viewer, sandbox};

use choice::Decoding;

/// Joins a Mayday session as a technician's device.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The session's link, as given by the console or the API: mayday://host:port/view#pin:ticket
    #[arg(long)]
    open: Option<String>,
    /// Tell this desktop that mayday: links belong to this program, and end.
    #[arg(long, conflicts_with_all = ["open", "unregister"])]
    register: bool,
    /// Take back what --register did, and end.
    #[arg(long, conflicts_with = "open")]
    unregister: bool,
    /// Decode in this process, without the sandbox.
    #[arg(long)]
    no_decode_sandbox: bool,
    /// The window's language (en, de, fr, nl, es, ja); else the desktop's.
    #[arg(long)]
    lang: Option<String>,
    /// Begin in full screen.
    #[arg(long)]
    full_screen: bool,
    /// Without a window.
    #[arg(long)]
    headless: bool,
    /// Text to type once there is a picture.
    #[arg(long, requires = "headless")]
    keys: Option<String>,
    /// How long to stay.
    #[arg(long, default_value_t = 5.0, requires = "headless")]
    seconds: f64,
    /// Where to save the last picture.
    #[arg(long, requires = "headless")]
    png: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long, requires = "headless")]
    json: bool,
}

/// For somebody who starts it by hand.
const ABOUT: &str = "mayday-viewer shows a remote session in a window of its own, and needs the link of one.
In Mayday's console, choose \"Open in viewer\" in the session's menu. Your browser then starts this program, once
`mayday-viewer --register` has told your desktop about it; or copy the link there and run
`mayday-viewer --open 'mayday://…'`. `mayday-viewer --help` says the rest.";

/// As clap ends with a wrong command line.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == sandbox::ARGUMENT)
    {
        return sandbox::run_child();
    }
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let arguments = Arguments::parse();
    if arguments.open.is_none() && !arguments.register && !arguments.unregister {
        eprintln!("{ABOUT}");
        return ExitCode::from(USAGE);
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mayday-viewer: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if arguments.register {
        let program = std::env::current_exe()?;
        let path = register::register(&register::applications()?, &program)?;
        println!(
            "mayday: links open {} now, by {}; mayday-viewer --unregister takes it back",
            program.display(),
            path.display()
        );
        return Ok(());
    }
    if arguments.unregister {
        match register::unregister(&register::applications()?)? {
            Some(path) => println!("{} is gone: mayday: links open nothing", path.display()),
            None => println!("nothing to take back: --register was never run here"),
        }
        return Ok(());
    }
    let decoding = if arguments.no_decode_sandbox {
        Decoding::Here
    } else {
        Decoding::of_this_system()?
    };
    let link = arguments.open.as_deref().unwrap_or_default().parse()?;
    if !arguments.headless {
        let options = window::Options {
            language: arguments.lang.clone(),
            full_screen: arguments.full_screen,
            decoding,
        };
        return window::run(link, &options);
    }
    let viewer = Viewer::open_link(link, None, decoding.start()?, || {})?;
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
