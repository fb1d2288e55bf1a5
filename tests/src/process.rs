//! A child process with its output in files, ended by its process id when dropped. Owns no knowledge of what runs.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::wait;

/// How long a process may take to end after being asked to, before it is killed.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub struct Running {
    child: Child,
    name: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Running {
    /// Starts `command` with its output going to `folder/NAME.{out,err}`.
    ///
    /// # Errors
    /// When the folder cannot be written or the program not started.
    pub fn start(mut command: Command, name: &str, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (stdout, stderr) = (
            folder.join(format!("{name}.out")),
            folder.join(format!("{name}.err")),
        );
        let program = command.get_program().to_string_lossy().into_owned();
        command
            .stdin(Stdio::null())
            .stdout(File::create(&stdout)?)
            .stderr(File::create(&stderr)?);
        let child = spawn(&mut command).with_context(|| {
            format!("{program} cannot be started; `cargo xtask setup` installs what is missing")
        })?;
        Ok(Self {
            child,
            name: name.to_owned(),
            stdout,
            stderr,
        })
    }

    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// All it has printed so far.
    #[must_use]
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.stdout).unwrap_or_default()
    }

    /// All it has complained of so far.
    #[must_use]
    pub fn complaints(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap_or_default()
    }

    /// Waits for a whole line of output that `pick` accepts.
    ///
    /// # Errors
    /// When the process ends first, or `limit` passes; with what it printed.
    pub fn line<T>(&mut self, limit: Duration, pick: impl Fn(&str) -> Option<T>) -> Result<T> {
        let name = self.name.clone();
        wait::until(&format!("the first words of {name}"), limit, || {
            let output = self.output();
            let whole = output.rsplit_once('\n').map_or("", |(whole, _)| whole);
            if let Some(found) = whole.lines().find_map(&pick) {
                return Ok(Some(found));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{name} ended ({status}): {output}{}", self.complaints());
            }
            Ok(None)
        })
        .with_context(|| self.complaints())
    }

    /// `None` while it runs.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it still runs after `limit`.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let name = self.name.clone();
        wait::until(&format!("the end of {name}"), limit, || self.ended())
    }

    /// Sends a signal to this process and no other.
    pub fn signal(&self, signal: i32) {
        // SAFETY: kill(2) takes plain numbers; the child is ours and not yet reaped, so its id is not another's.
        unsafe {
            libc::kill(self.child.id() as i32, signal);
        }
    }

    /// Ends it at once, as a crash would.
    ///
    /// # Errors
    /// When the system cannot.
    pub fn crash(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// Starts it, waiting while another thread's new process still holds a just written program open.
fn spawn(command: &mut Command) -> std::io::Result<Child> {
    let end = Instant::now() + PATIENCE;
    loop {
        match command.spawn() {
            Err(error)
                if error.kind() == std::io::ErrorKind::ExecutableFileBusy
                    && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            started => return started,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        self.signal(libc::SIGTERM);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where cargo put the product's programs: the folder of the running one, or `MAYDAY_BIN`.
///
/// # Errors
/// When the system does not tell where this program lies.
pub fn programs() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("MAYDAY_BIN") {
        return Ok(folder.into());
    }
    let own = std::env::current_exe()?;
    let folder = own.parent().context("a program lies in a folder")?;
    Ok(if folder.ends_with("deps") {
        folder.parent().context("deps lies in a folder")?.to_owned()
    } else {
        folder.to_owned()
    })
}

/// Fails with the command to run when `name` was not built yet.
///
/// # Errors
/// When the file is not there.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = programs()?.join(name);
    if !path.is_file() {
        bail!(
            "{} is not built; run `cargo build --workspace` first",
            path.display()
        );
    }
    Ok(path)
}
