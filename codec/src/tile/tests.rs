//! What every tile keeps: its pixels, its size, and its reader's peace whatever bytes come.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;

struct Dice(u32);

impl Dice {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }
}

/// Packed BGRX of `rect`'s size, without the fourth byte's noise.
fn picture(rect: Rect, mut colour: impl FnMut(u16, u16) -> u32) -> Vec<u8> {
    (0..rect.height)
        .flat_map(|y| (0..rect.width).map(move |x| (x, y)))
        .flat_map(|(x, y)| (colour(x, y) & 0x00ff_ffff).to_le_bytes())
        .collect()
}

const BOTH: [Coding; 2] = [Coding::Small, Coding::Quick];

fn comes_back(rect: Rect, pixels: &[u8], coding: Coding) -> Vec<u8> {
    let data = encode(pixels, usize::from(rect.width) * 4, rect, coding).unwrap();
    let shown = decode(&data, rect, coding).unwrap();
    assert!(shown == pixels, "{rect:?} {coding:?}");
    data
}

/// Letters: few colours in shapes that come again.
fn letters(x: u16, y: u16) -> u32 {
    let (column, row) = (x % 9, y % 18);
    let ink = [0x1c2, 0x0ff, 0x155, 0x0aa, 0x1ef, 0x010][usize::from((x / 9 + y / 18) % 6)];
    match (row < 13 && ink >> column & 1 == 1, row % 4) {
        (true, 0) => 0x0040_4040,
        (true, _) => 0x0010_1010,
        (false, _) => 0x00ff_ffff,
    }
}

fn samples() -> Vec<(&'static str, Rect, Vec<u8>)> {
    let mut dice = Dice(7);
    let sized = |width, height| Rect::new(0, 0, width, height);
    let one = |name, rect: Rect, colour: &mut dyn FnMut(u16, u16) -> u32| {
        (name, rect, picture(rect, colour))
    };
    vec![
        one("black", sized(16, 16), &mut |_, _| 0),
        one("white", sized(64, 32), &mut |_, _| 0x00ff_ffff),
        one("one pixel", sized(1, 1), &mut |_, _| 0x0012_3456),
        one("letters", sized(160, 48), &mut letters),
        one("crumbs", sized(300, 10), &mut |x, y| {
            let ink = (x + y * 13) % 61 == 0 || x > 290 && y == 7;
            if ink { 0x0020_3040 } else { 0x00f0_f0e8 }
        }),
        one("slope", sized(32, 24), &mut |x, y| {
            u32::from(x * 8) << 16 | u32::from(y * 10) << 8 | u32::from(x + y)
        }),
        one("noise", sized(16, 16), &mut |_, _| dice.next()),
        one("many colours", sized(48, 16), &mut |x, y| {
            (u32::from(x / 2) * 0x0003_0507) ^ (u32::from(y / 4) * 0x0010_0020)
        }),
        one("two colours", sized(37, 20), &mut |x, y| {
            u32::from(letters(x, y) == 0x00ff_ffff) * 0x00fe_dcba
        }),
        one("twenty colours", sized(45, 18), &mut |x, y| {
            u32::from((x / 3 + y) % 20) * 0x000a_0b0c
        }),
    ]
}

#[test]
fn every_pixel_comes_back() {
    for coding in BOTH {
        for (_, rect, pixels) in samples() {
            comes_back(rect, &pixels, coding);
        }
    }
    let mut dice = Dice(99);
    for turn in 0..200 {
        let rect = Rect::new(0, 0, 1 + dice.below(70) as u16, 1 + dice.below(40) as u16);
        let colours = 1 + dice.below([40, 400][turn % 2]);
        let pixels = picture(rect, |_, _| dice.below(colours).wrapping_mul(0x0001_9f31));
        for coding in BOTH {
            comes_back(rect, &pixels, coding);
        }
    }
}

#[test]
fn text_is_small_and_what_is_flat_is_nothing() {
    let all = samples();
    let size = |name: &str| {
        let (_, rect, pixels) = all.iter().find(|one| one.0 == name).unwrap();
        comes_back(*rect, pixels, Coding::Small).len()
    };
    assert!(size("black") < 4, "{}", size("black"));
    assert!(size("white") < 16, "{}", size("white"));
    assert!(size("letters") < 900, "{}", size("letters"));
    assert!(size("noise") < 16 * 16 * 3 + 100, "{}", size("noise"));
}

#[test]
fn a_part_of_a_picture_is_coded_alone() {
    let whole = Rect::new(0, 0, 64, 64);
    let pixels = picture(whole, letters);
    let part = Rect::new(16, 32, 33, 17);
    let expected = picture(part, |x, y| letters(x + 16, y + 32));
    for coding in BOTH {
        let data = encode(&pixels, 64 * 4, part, coding).unwrap();
        assert!(decode(&data, part, coding).unwrap() == expected);
    }
}

#[test]
fn sizes_are_checked_before_memory_is_taken() {
    for rect in [Rect::new(0, 0, 0, 16), Rect::new(0, 0, 65_535, 65_535)] {
        for coding in BOTH {
            assert!(matches!(
                decode(&[], rect, coding),
                Err(TileError::Size { .. })
            ));
            assert!(matches!(
                encode(&[], 0, rect, coding),
                Err(TileError::Size { .. })
            ));
        }
    }
    let largest = Rect::new(0, 0, 2048, 64);
    assert_eq!(
        decode(&[], largest, Coding::Small).unwrap(),
        [0; 2048 * 64 * 4]
    );
    assert_eq!(decode(&[], largest, Coding::Quick), Err(TileError::Torn));
}

#[test]
fn any_bytes_are_a_tile_or_refused_and_leave_nothing_over() {
    let mut dice = Dice(3);
    for ((_, rect, pixels), coding) in samples()
        .into_iter()
        .flat_map(|one| BOTH.map(|coding| (one.clone(), coding)))
    {
        let data = comes_back(rect, &pixels, coding);
        let mut longer = data.clone();
        longer.extend([1; 9]);
        let refused = decode(&longer, rect, coding).unwrap_err();
        assert!(matches!(refused, TileError::LeftOver(_) | TileError::Torn));
        for _ in 0..300 {
            let mut harmed = data.clone();
            for _ in 0..=dice.below(3) {
                if !harmed.is_empty() {
                    let at = dice.below(harmed.len() as u32) as usize;
                    harmed[at] = dice.next() as u8;
                }
            }
            harmed.truncate(dice.below(harmed.len() as u32 + 1) as usize);
            if let Ok(pixels) = decode(&harmed, rect, coding) {
                assert_eq!(pixels.len(), rect.area() as usize * 4);
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The examples that every reader's tests read: `UPDATE_VECTORS=1` writes them.
#[test]
fn vectors() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../protocol/vectors/tiles.json");
    let entries: Vec<String> = samples()
        .into_iter()
        .map(|(name, Rect { width, height, .. }, pixels)| {
            let [data, quick] = BOTH.map(|coding| comes_back(Rect::new(0, 0, width, height), &pixels, coding));
            let rgb: Vec<u8> = pixels
                .chunks_exact(4)
                .flat_map(|pixel| [pixel[2], pixel[1], pixel[0]])
                .collect();
            format!(
                "  {{ \"name\": \"{name}\", \"width\": {width}, \"height\": {height}, \"data\": \"{}\", \"quick\": \"{}\", \"rgb\": \"{}\" }}",
                hex(&data),
                hex(&quick),
                hex(&rgb)
            )
        })
        .collect();
    let text = format!("[\n{}\n]\n", entries.join(",\n"));
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, text).unwrap();
    } else {
        let stored = std::fs::read_to_string(&path).unwrap();
        assert!(stored == text, "tiles.json is not what the encoder writes");
    }
}
