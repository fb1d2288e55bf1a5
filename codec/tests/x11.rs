//! The X11 backend on a real X server: what is painted is noticed, grabbed and decoded right, and a quiet screen is quiet.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use mayday_codec::{
    Capture, CaptureError, DEFAULT_STRIPE_HEIGHT, Rect, Size, StripeEncoder, Wake, open_x11,
};

use self::desktop::Desktop;
use self::viewer::{Viewer, psnr};

mod desktop;
mod memcheck;
mod viewer;

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(150);

/// A capture whose first, whole frame was taken.
fn opened(desktop: &Desktop) -> Box<dyn Capture> {
    let mut capture = open_x11(Some(&desktop.display)).unwrap();
    let wake = capture.wait(LONG).unwrap();
    assert!(wake.damage && wake.cursor && !wake.reinit, "{wake:?}");
    let size = capture.size();
    assert_eq!(capture.grab().unwrap().damage, [size.rect()]);
    while capture.wait(SHORT).unwrap().any() {
        capture.grab().unwrap();
        capture.cursor().unwrap();
    }
    capture
}

fn pixel(frame: &mayday_codec::Frame<'_>, x: u16, y: u16) -> [u8; 3] {
    let at = usize::from(y) * frame.stride + usize::from(x) * 4;
    [frame.pixels[at], frame.pixels[at + 1], frame.pixels[at + 2]]
}

#[test]
fn the_memory_shared_with_the_x_server_is_touched_only_where_it_is_ours() {
    memcheck::watch(&[
        "a_painted_rectangle_is_damaged_exactly_and_its_decoded_pixels_are_right",
        "scattered_damage_arrives_as_few_rectangles_that_cover_it",
        "a_new_resolution_is_a_reinit_and_opening_anew_has_the_new_size",
        "the_cursor_comes_as_place_and_shape_and_each_shape_once",
        "a_waker_and_damage_all_end_a_wait",
    ]);
}

#[test]
fn where_the_keyboard_is_is_told_with_the_windows_frame() {
    let desktop = Desktop::start("800x600x24");
    let mut capture = opened(&desktop);
    assert_eq!(capture.focus(), None, "the X server itself has it");
    // As applications have it: a pixel of a window in a frame, which hangs over the screen's edge.
    let frame = desktop.open_window(desktop.root, (-20, 500), (300, 200));
    let pane = desktop.open_window(frame, (4, 20), (200, 100));
    let pixel = desktop.open_window(pane, (-1, -1), (1, 1));
    desktop.give_keyboard(pixel);
    assert_eq!(capture.focus(), Some(Rect::new(0, 500, 280, 100)));
    desktop.give_keyboard(desktop.root);
    assert_eq!(capture.focus(), None);
}

#[test]
fn a_painted_rectangle_is_damaged_exactly_and_its_decoded_pixels_are_right() {
    let desktop = Desktop::start("800x600x24");
    let mut capture = open_x11(Some(&desktop.display)).unwrap();
    let mut encoder = StripeEncoder::new(capture.size(), DEFAULT_STRIPE_HEIGHT).unwrap();
    let mut viewer = Viewer::new(encoder.layout());
    capture.wait(LONG).unwrap();
    let frame = capture.grab().unwrap();
    viewer.show(&encoder.encode(&frame, frame.damage, 20).unwrap());

    let narrow = Rect::new(101, 37, 50, 20);
    let wide = Rect::new(3, 301, 637, 70);
    for (rect, rgb, stripes) in [(narrow, 0x00d0_8030, 1), (wide, 0x0020_6040, 1)] {
        desktop.paint(rect, rgb);
        assert!(capture.wait(LONG).unwrap().damage);
        let frame = capture.grab().unwrap();
        assert_eq!(frame.damage, [rect]);
        let [_, red, green, blue] = u32::to_be_bytes(rgb);
        let last = pixel(&frame, rect.right() - 1, rect.bottom() - 1);
        assert_eq!(
            (pixel(&frame, rect.x, rect.y), last),
            ([blue, green, red], [blue, green, red])
        );
        assert_ne!(
            pixel(&frame, rect.right(), rect.bottom()),
            [blue, green, red]
        );
        let encoded = encoder.encode(&frame, frame.damage, 20).unwrap();
        assert_eq!(encoded.stripes.len(), stripes);
        viewer.show(&encoded);
        let whole = psnr(
            viewer.canvas.pixels(),
            frame.pixels,
            800,
            Size::new(800, 600).rect(),
        );
        let inside = psnr(viewer.canvas.pixels(), frame.pixels, 800, rect);
        assert!(whole > 38.0 && inside > 38.0, "{whole:.1} {inside:.1} dB");
    }
}

#[test]
fn an_unchanged_screen_wakes_nobody_and_costs_almost_nothing() {
    let desktop = Desktop::start("800x600x24");
    let mut capture = opened(&desktop);
    let before = processor_time();
    let started = Instant::now();
    assert_eq!(
        capture.wait(Duration::from_millis(1500)).unwrap(),
        Wake::default()
    );
    assert!(started.elapsed() >= Duration::from_millis(1500));
    let used = processor_time() - before;
    assert!(
        used < Duration::from_millis(8),
        "0.5 % of a core, but it took {used:?}"
    );
    assert!(capture.grab().unwrap().damage.is_empty());
}

/// What this thread has run, by the scheduler's own count.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn scattered_damage_arrives_as_few_rectangles_that_cover_it() {
    let desktop = Desktop::start("800x600x24");
    let mut capture = opened(&desktop);
    let painted: Vec<Rect> = (0..90)
        .map(|n: u16| Rect::new(n % 10 * 64, n / 10 * 44, 3, 3))
        .collect();
    for (n, rect) in painted.iter().enumerate() {
        desktop.paint(*rect, 0x0000_1000 + n as u32);
    }
    assert!(capture.wait(LONG).unwrap().damage);
    let frame = capture.grab().unwrap();
    assert!(frame.damage.len() <= 32);
    for (n, rect) in painted.iter().enumerate() {
        assert!(
            frame.damage.iter().any(|have| have.contains(*rect)),
            "{rect:?}"
        );
        assert_eq!(pixel(&frame, rect.x + 2, rect.y + 2), [n as u8, 0x10, 0]);
    }
}

#[test]
fn a_new_resolution_is_a_reinit_and_opening_anew_has_the_new_size() {
    let desktop = Desktop::start("1280x720x24");
    let mut capture = opened(&desktop);
    desktop.resize(1000, 500);
    let wake = capture.wait(LONG).unwrap();
    assert!(wake.reinit, "{wake:?}");
    assert!(capture.grab().unwrap().damage.is_empty());
    assert!(capture.wait(LONG).unwrap().reinit, "it stays so");
    let again = opened(&desktop);
    assert_eq!(again.size(), Size::new(1000, 500));
}

#[test]
fn a_resolution_that_changes_before_the_grab_is_no_error() {
    let desktop = Desktop::start("1280x720x24");
    let mut capture = opened(&desktop);
    capture.damage_all();
    assert!(capture.wait(LONG).unwrap().damage);
    desktop.resize(640, 480);
    assert!(capture.grab().unwrap().damage.is_empty());
    assert!(capture.wait(LONG).unwrap().reinit);
}

#[test]
fn the_cursor_comes_as_place_and_shape_and_each_shape_once() {
    let desktop = Desktop::start("800x600x24");
    let mut capture = opened(&desktop);
    desktop.move_pointer(320, 200);
    let mut ids = Vec::new();
    for (glyph, told) in [(152, true), (68, true), (152, true)] {
        desktop.set_cursor(glyph);
        assert!(capture.wait(LONG).unwrap().cursor);
        let state = capture.cursor().unwrap();
        assert_eq!((state.x, state.y), (320, 200));
        assert_eq!(state.shape.is_some(), told);
        let shape = state.shape.unwrap();
        assert_eq!(shape.id, state.shape_id);
        assert_eq!(shape.rgba.len(), shape.size.area() as usize * 4);
        assert!(shape.hot_x < shape.size.width && shape.hot_y < shape.size.height);
        assert!(shape.rgba.chunks(4).any(|pixel| pixel == [0, 0, 0, 255]));
        ids.push(shape.id);
        let again = capture.cursor().unwrap();
        assert_eq!((again.shape_id, again.shape), (state.shape_id, None));
    }
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
}

#[test]
fn moving_the_pointer_wakes_without_damage() {
    use x11rb::protocol::xtest::ConnectionExt as _;
    let desktop = Desktop::start("800x600x24");
    let mut capture = opened(&desktop);
    let moved = desktop
        .connection
        .xtest_fake_input(6, 0, 0, desktop.root, 55, 66, 0);
    moved.unwrap();
    desktop.settle();
    let wake = capture.wait(LONG).unwrap();
    assert!(wake.cursor && !wake.damage, "{wake:?}");
    let state = capture.cursor().unwrap();
    assert_eq!((state.x, state.y), (55, 66));
}

#[test]
fn a_waker_and_damage_all_end_a_wait() {
    let desktop = Desktop::start("320x200x24");
    let mut capture = opened(&desktop);
    let waker = capture.waker();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        waker.wake();
    });
    let wake = capture.wait(LONG).unwrap();
    assert!(wake.woken && !wake.damage, "{wake:?}");
    thread.join().unwrap();
    capture.damage_all();
    assert!(capture.wait(LONG).unwrap().damage);
    assert_eq!(capture.grab().unwrap().damage, [Size::new(320, 200).rect()]);
}

#[test]
fn a_display_that_is_not_there_is_named_in_a_sentence() {
    let error = open_x11(Some(":9876")).err().expect("no such display");
    assert!(matches!(error, CaptureError::Unreachable { .. }));
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}

#[test]
fn a_server_that_ends_is_an_error_and_no_endless_loop() {
    let desktop = Desktop::start("320x200x24");
    let mut capture = opened(&desktop);
    drop(desktop);
    assert!(matches!(capture.wait(LONG), Err(CaptureError::Gone { .. })));
}
