//! The caged decoder as the program uses it: the same pixels as without a cage, nothing else possible, and a dead child is replaced.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mayday_codec::{
    Canvas, Encoded, Frame, Layout, Part, Rect, ScreenDecoder, Size, StripeEncoder,
};
use mayday_viewer::sandbox::{Decoder, SandboxError};

#[path = "../../codec/tests/memcheck/mod.rs"]
mod memcheck;

const SIZE: Size = Size {
    width: 723,
    height: 437,
};

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_mayday-viewer"))
}

/// A screen whose content changes with every picture.
struct Source {
    pixels: Vec<u8>,
    encoder: StripeEncoder,
    state: u32,
}

impl Source {
    fn new() -> Self {
        Self {
            pixels: vec![255; SIZE.area() as usize * 4],
            encoder: StripeEncoder::new(SIZE, 144).unwrap(),
            state: 7,
        }
    }

    fn layout(&self) -> Layout {
        self.encoder.layout()
    }

    fn next(&mut self, rect: Rect) -> Encoded {
        for y in rect.y..rect.bottom() {
            for x in rect.x..rect.right() {
                self.state = self
                    .state
                    .wrapping_mul(1_664_525)
                    .wrapping_add(1_013_904_223);
                let at = (usize::from(y) * usize::from(SIZE.width) + usize::from(x)) * 4;
                if self.state >> 28 == 0 {
                    self.pixels[at..at + 3].fill((self.state >> 20) as u8);
                }
            }
        }
        let damage = [rect];
        let frame = Frame {
            pixels: &self.pixels,
            stride: usize::from(SIZE.width) * 4,
            size: SIZE,
            damage: &damage,
            noticed_at: Instant::now(),
            grab: Duration::ZERO,
        };
        self.encoder.encode(&frame, &damage, 24).unwrap()
    }
}

fn parts(encoded: &Encoded) -> Vec<Part<'_>> {
    encoded
        .stripes
        .iter()
        .map(|stripe| Part {
            index: stripe.index,
            draw: stripe.draw.clone(),
            data: &stripe.data,
        })
        .collect()
}

/// The parent's side: valgrind itself could not live in the child's cage.
#[test]
fn the_memory_shared_with_the_child_is_touched_only_where_it_is_ours() {
    memcheck::watch(&[
        "pictures_decoded_in_the_cage_are_the_same_as_without_it",
        "a_refused_picture_fails_its_stripe_alone",
        "a_child_that_dies_is_replaced_and_goes_on_with_key_pictures",
    ]);
}

#[test]
fn pictures_decoded_in_the_cage_are_the_same_as_without_it() {
    let mut source = Source::new();
    let mut here = ScreenDecoder::new(source.layout());
    let mut caged = Decoder::start(program()).unwrap();
    caged.begin(source.layout()).unwrap();
    let mut canvas = Canvas::new(SIZE);
    let places = [
        Rect::new(0, 0, SIZE.width, SIZE.height),
        Rect::new(333, 200, 7, 12),
        Rect::new(0, 130, 300, 40),
        Rect::new(700, 400, 23, 37),
    ];
    for rect in places {
        let encoded = source.next(rect);
        let parts = parts(&encoded);
        let answer = caged.show(&parts, &mut canvas).unwrap();
        assert_eq!(answer.failed, 0);
        assert!(here.show(&parts).failed.is_empty());
        assert!(canvas.pixels() == here.canvas().pixels(), "after {rect:?}");
    }
    assert!(canvas.pixels().iter().any(|byte| *byte > 0));
}

#[test]
fn a_refused_picture_fails_its_stripe_alone() {
    let mut source = Source::new();
    let mut caged = Decoder::start(program()).unwrap();
    caged.begin(source.layout()).unwrap();
    let mut canvas = Canvas::new(SIZE);
    let encoded = source.next(Rect::new(0, 0, SIZE.width, SIZE.height));
    let mut parts = parts(&encoded);
    parts[1].data = b"GET / HTTP/1.1";
    let answer = caged.show(&parts, &mut canvas).unwrap();
    assert_eq!(answer.failed, 0b10);
    let row = |y: usize| &canvas.pixels()[y * canvas.stride()..(y + 1) * canvas.stride()];
    assert!(row(10).iter().any(|byte| *byte > 0), "the first is drawn");
    assert!(row(200).iter().all(|byte| *byte == 0), "the second is not");
}

#[test]
fn a_child_that_dies_is_replaced_and_goes_on_with_key_pictures() {
    let mut source = Source::new();
    let mut caged = Decoder::start(program()).unwrap();
    caged.begin(source.layout()).unwrap();
    let mut canvas = Canvas::new(SIZE);
    let whole = Rect::new(0, 0, SIZE.width, SIZE.height);
    let first = source.next(whole);
    caged.show(&parts(&first), &mut canvas).unwrap();

    let child = caged.child_id().unwrap();
    let killed = Command::new("kill")
        .args(["-KILL", &child.to_string()])
        .status();
    assert!(killed.unwrap().success());
    let glyph = source.next(Rect::new(40, 40, 9, 9));
    let lost = caged.show(&parts(&glyph), &mut canvas);
    assert!(matches!(lost, Err(SandboxError::Gone)), "{lost:?}");

    let limit = Instant::now() + Duration::from_secs(10);
    source.encoder.begin(!0);
    let key = source.next(whole);
    let mut here = ScreenDecoder::new(source.layout());
    assert!(here.show(&parts(&key)).failed.is_empty());
    while caged
        .show(&parts(&key), &mut canvas)
        .map_or(true, |a| a.failed != 0)
    {
        assert!(Instant::now() < limit, "no new child came");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_ne!(caged.child_id().unwrap(), child);
    assert!(canvas.pixels() == here.canvas().pixels());
}

#[test]
fn a_program_that_builds_no_cage_is_not_used() {
    let refused = Decoder::start(Path::new("/bin/true"));
    assert!(matches!(refused, Err(SandboxError::Gone)));
    let missing = Decoder::start(Path::new("/nowhere/mayday-viewer"));
    assert!(matches!(missing, Err(SandboxError::Start(_))));
}

#[test]
fn the_child_has_nothing_open_but_its_parent_and_their_memory() {
    let caged = Decoder::start(program()).unwrap();
    let folder = format!("/proc/{}/fd", caged.child_id().unwrap());
    let mut open: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    open.sort();
    assert_eq!(open, ["0", "1", "2"]);
    let status = format!("/proc/{}/status", caged.child_id().unwrap());
    let status = std::fs::read_to_string(status).unwrap();
    assert!(status.contains("Seccomp:\t2\n"), "{status}");
    assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
}
