//! The decoder's process: takes wishes from the socket that is its standard input and pixels into the memory that is its standard output.
//! Owns nothing that outlives it.

use std::io::{Read as _, Write as _};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd as _;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use mayday_codec::{Canvas, ScreenDecoder};

use super::cage;
use super::linux::Mapping;
use super::message::{self, Answer, HEAD, INPUT, Wish};

/// Serves the parent until it goes.
#[must_use]
pub fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mayday-viewer: the decoder's process: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    // SAFETY: the parent made standard input a socket for this process alone; nothing else here uses it.
    let socket = unsafe { UnixStream::from_raw_fd(0) };
    // Closing it would need a system call that the cage has not.
    let mut socket = ManuallyDrop::new(socket);
    let memory = Mapping::inherited()?;
    close_everything_else();
    cage::shut()?;
    let mut decoder: Option<ScreenDecoder> = None;
    let mut head = [0; HEAD];
    // The parent went, or closed: that is the end.
    while socket.read_exact(&mut head).is_ok() {
        let wish = Wish::decode(&head).ok_or("the parent said something else")?;
        let answer = fulfil(wish, &memory, &mut decoder);
        socket.write_all(&answer.encode())?;
    }
    Ok(())
}

fn fulfil(wish: Wish, memory: &Mapping, decoder: &mut Option<ScreenDecoder>) -> Answer {
    match wish {
        Wish::Prove => Answer {
            failed: cage::prove(),
            ..Answer::default()
        },
        Wish::Begin {
            width,
            height,
            stripe_height,
        } => {
            // Two canvases must not have the same memory.
            *decoder = None;
            *decoder = message::layout(width, height, stripe_height).and_then(|layout| {
                let canvas = Canvas::over(layout.size(), memory.output(layout.size())?)?;
                Some(ScreenDecoder::over(layout, canvas))
            });
            Answer {
                failed: if decoder.is_some() { 0 } else { !0 },
                ..Answer::default()
            }
        }
        Wish::Clear => {
            if let Some(decoder) = decoder {
                decoder.clear();
            }
            Answer::default()
        }
        Wish::Show { length } => show(memory, decoder.as_mut(), length as usize),
    }
}

fn show(memory: &Mapping, decoder: Option<&mut ScreenDecoder>, length: usize) -> Answer {
    let all = Answer {
        failed: !0,
        ..Answer::default()
    };
    let input = memory.read_input(length.min(INPUT));
    let (Some(decoder), Some(parts)) = (decoder, message::decode_parts(&input)) else {
        return all;
    };
    let shown = decoder.show(&parts);
    let us = |duration: std::time::Duration| u32::try_from(duration.as_micros()).unwrap_or(!0);
    let failed = shown
        .failed
        .iter()
        .fold(0u64, |failed, (stripe, _)| failed | 1 << (stripe & 63));
    Answer {
        failed,
        decode_us: us(shown.decode),
        draw_us: us(shown.draw),
    }
}

fn close_everything_else() {
    // SAFETY: takes plain numbers. What is closed belongs to nobody in this process: it has just begun and opened nothing that it keeps.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3u32, !0u32, 0u32);
    }
}
