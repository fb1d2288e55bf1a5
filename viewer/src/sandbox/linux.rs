//! The parent's side on Linux: a child process on a socket pair, and a sealed piece of memory that both see. Owns both, and replaces a child
//! that died. The only file with `unsafe` for shared memory.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use mayday_codec::{Canvas, Layout, Part, Size, canvas};

use super::message::{Answer, HEAD, INPUT, Wish, encode_parts};
use super::{ARGUMENT, SandboxError, cage};

/// A whole 4K screen of key pictures takes 0.3 s on one old core.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two children: whoever can kill them all the time must not make us busy with it.
const BETWEEN: Duration = Duration::from_millis(500);
/// Pixels of the largest screen.
const OUTPUT: usize = mayday_protocol::limits::SCREEN_SIDE as usize
    * mayday_protocol::limits::SCREEN_SIDE as usize
    * 4;

/// A decoder in a cage.
pub struct Decoder {
    program: PathBuf,
    memory: Mapping,
    life: Option<Life>,
    layout: Option<Layout>,
    started: Instant,
}

struct Life {
    child: Child,
    socket: UnixStream,
}

impl Decoder {
    /// Starts the child: `program`, called with [`ARGUMENT`], must do nothing but [`super::run_child`].
    ///
    /// # Errors
    /// When it cannot be started, or is not caged.
    pub fn start(program: &Path) -> Result<Self, SandboxError> {
        let memory = Mapping::new().map_err(SandboxError::Start)?;
        let mut decoder = Self {
            program: program.to_owned(),
            memory,
            life: None,
            layout: None,
            started: Instant::now(),
        };
        decoder.revive()?;
        Ok(decoder)
    }

    /// A new layout: black, and every stripe begins anew.
    ///
    /// # Errors
    /// When the child is gone and cannot be replaced.
    pub fn begin(&mut self, layout: Layout) -> Result<(), SandboxError> {
        let size = layout.size();
        self.memory
            .grow(INPUT + size.area() as usize * 4)
            .map_err(SandboxError::Start)?;
        self.layout = Some(layout);
        if self.life.is_none() {
            return self.revive();
        }
        self.tell_layout(layout)
    }

    fn tell_layout(&mut self, layout: Layout) -> Result<(), SandboxError> {
        let size = layout.size();
        let wish = Wish::Begin {
            width: size.width,
            height: size.height,
            stripe_height: layout.stripe_height(),
        };
        match self.ask(wish)?.failed {
            0 => Ok(()),
            _ => Err(self.lost()),
        }
    }

    /// Every stripe begins anew.
    pub fn clear(&mut self) {
        // A child that is gone is as empty as one that was cleared.
        let _ = self.ask(Wish::Clear);
    }

    /// Decodes the parts of one update and draws them on `canvas`. Times are the child's.
    ///
    /// # Errors
    /// When the child died over it: a new one is there, or will be, and every stripe needs a key picture.
    pub fn show(
        &mut self,
        parts: &[Part<'_>],
        canvas: &mut Canvas,
    ) -> Result<Answer, SandboxError> {
        let layout = self.layout.ok_or(SandboxError::Gone)?;
        if self.life.is_none() {
            if self.started.elapsed() < BETWEEN {
                return Err(SandboxError::Gone);
            }
            self.revive()?;
            return Err(SandboxError::Gone);
        }
        let input = encode_parts(parts);
        if input.len() > INPUT {
            return Err(SandboxError::Gone);
        }
        self.memory.write_input(&input);
        let length = input.len() as u32;
        let answer = match self.ask(Wish::Show { length }) {
            Ok(answer) => answer,
            Err(error) => {
                // The next one starts at once, unless they die all the time.
                if self.started.elapsed() >= BETWEEN {
                    self.revive()?;
                }
                return Err(error);
            }
        };
        for part in parts {
            let index = usize::from(part.index);
            if index >= layout.stripes() || answer.failed & 1 << (part.index & 63) != 0 {
                continue;
            }
            for rect in &part.draw {
                let drawn = canvas::reach(*rect).intersect(layout.visible(index));
                self.memory.copy_output(drawn, canvas);
            }
        }
        Ok(answer)
    }

    /// The child's process id, while there is one.
    #[must_use]
    pub fn child_id(&self) -> Option<u32> {
        self.life.as_ref().map(|life| life.child.id())
    }

    fn ask(&mut self, wish: Wish) -> Result<Answer, SandboxError> {
        let life = self.life.as_mut().ok_or(SandboxError::Gone)?;
        let mut head = [0; HEAD];
        let said = life
            .socket
            .write_all(&wish.encode())
            .and_then(|()| life.socket.read_exact(&mut head));
        match said {
            Ok(()) => Ok(Answer::decode(&head)),
            Err(error) => {
                tracing::warn!(%error, "the decoder's process is gone");
                Err(self.lost())
            }
        }
    }

    fn lost(&mut self) -> SandboxError {
        self.end();
        SandboxError::Gone
    }

    fn end(&mut self) {
        if let Some(mut life) = self.life.take() {
            let _ = life.child.kill();
            let _ = life.child.wait();
        }
    }

    fn revive(&mut self) -> Result<(), SandboxError> {
        self.end();
        self.started = Instant::now();
        let (mine, its) = UnixStream::pair().map_err(SandboxError::Start)?;
        mine.set_read_timeout(Some(PATIENCE))
            .and_then(|()| mine.set_write_timeout(Some(PATIENCE)))
            .map_err(SandboxError::Start)?;
        let memory = self.memory.file.try_clone().map_err(SandboxError::Start)?;
        let child = Command::new(&self.program)
            .arg(ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(its)))
            .stdout(Stdio::from(memory))
            .spawn()
            .map_err(SandboxError::Start)?;
        self.life = Some(Life {
            child,
            socket: mine,
        });
        let possible = self.first_words()?.failed;
        if possible != 0 {
            self.end();
            let at = (possible.trailing_zeros() as usize).min(cage::TRIED.len() - 1);
            return Err(SandboxError::NotCaged(cage::TRIED[at]));
        }
        match self.layout {
            Some(layout) => self.tell_layout(layout),
            None => Ok(()),
        }
    }

    /// A child that cannot even do this is not replaced again and again.
    fn first_words(&mut self) -> Result<Answer, SandboxError> {
        let life = self.life.as_mut().ok_or(SandboxError::Gone)?;
        let mut head = [0; HEAD];
        let said = life
            .socket
            .write_all(&Wish::Prove.encode())
            .and_then(|()| life.socket.read_exact(&mut head));
        match said {
            Ok(()) => Ok(Answer::decode(&head)),
            Err(_) => Err(self.lost()),
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.end();
    }
}

/// Memory that parent and child see: coded data, then pixels. Mapped for the largest screen; only what was grown into exists.
pub struct Mapping {
    file: File,
    start: NonNull<u8>,
}

// SAFETY: the mapping belongs to no thread; it is read and written only through `&self` by copies that make no reference to it,
// or handed out once as the canvas of the child, whose decoder has one owner at a time.
unsafe impl Send for Mapping {}

impl Mapping {
    const LENGTH: usize = INPUT + OUTPUT;

    fn new() -> std::io::Result<Self> {
        // SAFETY: the name is a C string; the answer is checked.
        let made = unsafe {
            libc::memfd_create(
                c"mayday-decode".as_ptr(),
                libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING,
            )
        };
        if made < 0 {
            return Err(std::io::Error::last_os_error());
        }
        // SAFETY: just made, and nobody else's.
        let file = unsafe { File::from_raw_fd(made) };
        file.set_len(INPUT as u64)?;
        // The child must not be able to take memory away under the parent's reads.
        // SAFETY: takes plain numbers.
        let sealed =
            unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, libc::F_SEAL_SHRINK) };
        if sealed != 0 {
            return Err(std::io::Error::last_os_error());
        }
        Self::map(file)
    }

    /// The child's: what the parent made its standard output.
    pub fn inherited() -> std::io::Result<Self> {
        const STANDARD_OUTPUT: RawFd = 1;
        // SAFETY: the parent made it for this process, and nothing else here uses it.
        Self::map(unsafe { File::from_raw_fd(STANDARD_OUTPUT) })
    }

    fn map(file: File) -> std::io::Result<Self> {
        // SAFETY: a new mapping at a place of the system's choice; the answer is checked.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                Self::LENGTH,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_NORESERVE,
                file.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or_else(std::io::Error::last_os_error)?;
        Ok(Self { file, start })
    }

    fn grow(&self, length: usize) -> std::io::Result<()> {
        if self.file.metadata()?.len() < length as u64 {
            self.file.set_len(length as u64)?;
        }
        Ok(())
    }

    fn write_input(&self, input: &[u8]) {
        debug_assert!(input.len() <= INPUT);
        // SAFETY: the first INPUT bytes exist since `new`; no reference to them is ever made, here or in the child.
        unsafe {
            std::ptr::copy_nonoverlapping(input.as_ptr(), self.start.as_ptr(), input.len());
        }
    }

    /// The child's copy of what the parent wrote.
    pub fn read_input(&self, length: usize) -> Vec<u8> {
        let mut input = vec![0; length.min(INPUT)];
        // SAFETY: as in `write_input`; the parent writes only while it is not waiting for this process.
        unsafe {
            std::ptr::copy_nonoverlapping(self.start.as_ptr(), input.as_mut_ptr(), input.len());
        }
        input
    }

    /// The child's canvas.
    pub fn output(&self, size: Size) -> Option<Box<dyn canvas::Memory>> {
        let length = size.area() as usize * 4;
        let there = self.file.metadata().map_or(0, |file| file.len());
        // Asking for the length is not possible inside of the cage; the parent grew it before it said so.
        if length > OUTPUT || there != 0 && there < (INPUT + length) as u64 {
            return None;
        }
        // SAFETY: inside of the mapping, whose pages the parent made exist before it asked for this size.
        let start = unsafe { self.start.add(INPUT) };
        Some(Box::new(Output { start, length }))
    }

    /// Takes what the child drew, row by row.
    fn copy_output(&self, rect: mayday_codec::Rect, canvas: &mut Canvas) {
        let stride = canvas.stride();
        for (y, row) in (usize::from(rect.y)..).zip(canvas.rows_mut(rect)) {
            let from = INPUT + y * stride + usize::from(rect.x) * 4;
            if from + row.len() > Self::LENGTH {
                return;
            }
            // SAFETY: inside of the mapping and of what `grow` made exist for this canvas's size. The child may write there at the
            // same time if it was taken over: these are plain bytes, copied through raw pointers, of which any value is a colour.
            unsafe {
                let from = self.start.as_ptr().add(from);
                std::ptr::copy_nonoverlapping(from, row.as_mut_ptr(), row.len());
            }
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `map` with this length, unmapped once.
        unsafe {
            libc::munmap(self.start.as_ptr().cast(), Self::LENGTH);
        }
    }
}

/// The pixels' part of the child's mapping, which lives as long as the process.
struct Output {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: plain memory that one decoder owns; see `Mapping`.
unsafe impl Send for Output {}
// SAFETY: as above.
unsafe impl Sync for Output {}

impl AsRef<[u8]> for Output {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `length` bytes exist (see `Mapping::output`); the parent only reads them.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl AsMut<[u8]> for Output {
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and no other output exists while this one does: see `child.rs`.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}
