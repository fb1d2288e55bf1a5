//! `mayday-sos`: puts the parts together. The window has the main thread, the core a thread of its own; the exit code is the core's.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use clap::Parser as _;
use mayday_agent::cli::{Cli, Exit, Gateway, join_in_name};
use mayday_agent::desk_link::{self, Means, Start};
use mayday_agent::face::{Face, UserAction};
use mayday_agent::libraries::{self, Surroundings};
use mayday_agent::permit::Permit;
use mayday_agent::stamp::{self, Stamp};
use mayday_agent::stop_key::{self, InjectedKeys};
use mayday_agent::window::{self, OwnWindows, Texts};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The core ends within this after the window did.
const LAST_WORDS: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Only what Mayday says: libraries log addresses.
    let ours = Targets::new().with_target("mayday", cli.log);
    tracing_subscriber::registry()
        .with(fmt::layer().with_writer(std::io::stderr).with_ansi(false))
        .with(ours)
        .init();
    ExitCode::from(run(&cli) as u8)
}

fn run(cli: &Cli) -> Exit {
    let texts = Texts::for_language(cli.lang);
    if let Err(missing) = libraries::check(&Surroundings::from_env()) {
        eprintln!("{}", missing.sentence(&texts));
        return Exit::NoWindow;
    }
    let permit = Arc::new(Permit::default());
    let (sender, actions) = unbounded_channel();
    let own_windows = OwnWindows::default();
    let injected_keys = InjectedKeys::default();
    let opened = window::open(window::Options {
        texts,
        permit: permit.clone(),
        actions: sender.clone(),
        own_windows: own_windows.clone(),
        scheme: window::Scheme::default(),
    });
    let (window, face) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("{error}");
            return Exit::NoWindow;
        }
    };
    if let Err(error) = stop_key::start(None, permit.clone(), sender.clone(), injected_keys.clone())
    {
        tracing::warn!(%error, "the stop key does not work here");
    }
    let start = start(
        cli,
        Means {
            capture: cli.capture,
            input: cli.input,
            encode: cli.encode,
            own_windows,
            injected_keys,
        },
    );
    let ended = match spawn_core(start, Box::new(face), permit, actions) {
        Ok(ended) => ended,
        Err(error) => {
            eprintln!("{error}");
            return Exit::NoWindow;
        }
    };
    let shown = window.run();
    let _the_core_may_have_ended = sender.send(UserAction::Quit);
    let exit = match ended.recv_timeout(LAST_WORDS) {
        Ok(exit) => exit,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Exit::Normal,
    };
    if let Err(error) = shown {
        eprintln!("{error}");
        return Exit::NoWindow;
    }
    exit
}

/// Gateway and invite: from the command line, else from this file's stamp and name.
fn start(cli: &Cli, means: Means) -> Start {
    let (stamped, altered) = match stamp::read() {
        Stamp::Unstamped => (None, false),
        Stamp::Stamped(fields) => (Some(Gateway::from(&fields)), false),
        Stamp::Altered => (None, true),
    };
    let program = std::env::current_exe().ok();
    let in_name = program.as_deref().and_then(join_in_name);
    if let Some(said) = cli.overrides(in_name.as_ref()) {
        eprintln!("{said}");
    }
    let join = cli.join().or(in_name);
    Start {
        gateway: cli.gateway.clone().or(stamped),
        join,
        means,
        exit_on_failure: cli.exit_on_failure,
        altered,
    }
}

fn spawn_core(
    start: Start,
    face: Box<dyn Face>,
    permit: Arc<Permit>,
    actions: UnboundedReceiver<UserAction>,
) -> std::io::Result<Receiver<Exit>> {
    let (end, ended) = channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new().name("core".into()).spawn(move || {
        let exit = runtime.block_on(desk_link::run(start, face, permit, actions));
        let _nobody_waits_after_a_hang = end.send(exit);
        runtime.shutdown_background();
    })?;
    Ok(ended)
}
