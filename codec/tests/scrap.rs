//! The portable backend on a real X server: polling and comparing finds what was painted, and its waits end as they should.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use mayday_codec::{Rect, Size, open_scrap};

use self::desktop::Desktop;

#[expect(dead_code, reason = "there is no cursor to test here")]
mod desktop;

const LONG: Duration = Duration::from_secs(10);

/// One test, as scrap finds its display in the environment of the process.
#[test]
fn what_is_painted_is_found_and_a_quiet_screen_is_quiet() {
    let desktop = Desktop::start("800x600x24");
    // SAFETY: the only test of this process, and no other thread of it reads or writes the environment.
    unsafe { std::env::set_var("DISPLAY", &desktop.display) };
    let mut capture = open_scrap().unwrap();
    assert_eq!(capture.size(), Size::new(800, 600));
    assert!(capture.wait(LONG).unwrap().damage);
    assert_eq!(capture.grab().unwrap().damage, [Size::new(800, 600).rect()]);
    assert!(!capture.wait(Duration::from_millis(100)).unwrap().any());

    let painted = Rect::new(101, 37, 50, 20);
    desktop.paint(painted, 0x00d0_8030);
    assert!(capture.wait(LONG).unwrap().damage);
    let frame = capture.grab().unwrap();
    assert_eq!(frame.damage, [Rect::new(64, 37, 128, 20)]);
    let at = 40 * frame.stride + 110 * 4;
    assert_eq!(frame.pixels[at..at + 3], [0x30, 0x80, 0xd0]);
    assert!(capture.grab().unwrap().damage.is_empty());

    let waker = capture.waker();
    waker.wake();
    assert!(capture.wait(LONG).unwrap().woken);

    desktop.resize(640, 480);
    let started = Instant::now();
    while !capture.wait(LONG).unwrap().reinit {
        capture.grab().unwrap();
        assert!(
            started.elapsed() < LONG,
            "the new resolution was not noticed"
        );
    }
    assert_eq!(open_scrap().unwrap().size(), Size::new(640, 480));
}
