//! What happens in the stripe: typing, a menu, pages, a film; in grey, with letters of random strokes. Owns the pixels only.

use mayday_codec::Rect;

use crate::{AFTER, BEFORE, HEIGHT, LOST, WIDTH};

/// Grey pixels of one stripe.
#[derive(Clone)]
pub struct Stripe(pub Vec<u8>);

pub struct Work {
    pub name: &'static str,
    pub pictures: Vec<Stripe>,
    /// What the lost pictures and the next one changed.
    pub damage: Rect,
}

pub fn works() -> Vec<Work> {
    let total = BEFORE + LOST + 1 + AFTER;
    let page = text(1);
    let rect = |x, y, width, height| Rect {
        x,
        y,
        width,
        height,
    };
    let mut typed = vec![page.clone()];
    let (mut menus, mut pages, mut film) = (typed.clone(), typed.clone(), typed.clone());
    for at in 1..total {
        let mut next = typed[at - 1].clone();
        glyph(&mut next, at as u32 * 7, 600 + at * 6, 64);
        typed.push(next);
        // A menu opens or closes at every eighth picture, and where the loss is; between them somebody types.
        let (mut menu, mut other) = (menus[at - 1].clone(), pages[at - 1].clone());
        if at % 8 == 0 || at == BEFORE + 1 {
            paste(&mut menu, &text(at as u32 + 90), rect(608, 0, 304, 144));
            other = text(at as u32 + 500);
        }
        glyph(&mut menu, at as u32, 1200 + at * 6, 96);
        glyph(&mut other, at as u32, 1200 + at * 6, 96);
        menus.push(menu);
        pages.push(other);
        let mut picture = page.clone();
        flow(&mut picture, at, rect(640, 0, 640, 144));
        film.push(picture);
    }
    vec![
        Work {
            name: "type",
            pictures: typed,
            damage: rect(736, 64, 48, 16),
        },
        Work {
            name: "menu",
            pictures: menus,
            damage: rect(608, 0, 304, 144),
        },
        Work {
            name: "page",
            pictures: pages,
            damage: rect(0, 0, WIDTH as u16, HEIGHT as u16),
        },
        Work {
            name: "film",
            pictures: film,
            damage: rect(640, 0, 640, 144),
        },
    ]
}

/// A stripe full of letters with random strokes, 6x13 in lines of 16.
fn text(seed: u32) -> Stripe {
    let mut stripe = Stripe(vec![255; WIDTH * HEIGHT]);
    for line in 0..HEIGHT / 16 {
        for column in 2..WIDTH / 6 - 2 {
            let at = (line * 400 + column) as u32;
            if !hash(at ^ seed.wrapping_mul(77)).is_multiple_of(6) {
                glyph(&mut stripe, at.wrapping_add(seed), column * 6, line * 16);
            }
        }
    }
    stripe
}

/// One of forty letters.
fn glyph(stripe: &mut Stripe, which: u32, x: usize, y: usize) {
    let letter = hash(which) % 40;
    for row in 0..9 {
        let strokes = hash(letter * 16 + row as u32 / 2);
        for column in 0..5 {
            let ink = if strokes >> (column + row % 2) & 3 == 0 {
                32
            } else {
                255
            };
            stripe.0[(y + 2 + row) * WIDTH + x + column] = ink;
        }
    }
}

fn paste(stripe: &mut Stripe, from: &Stripe, area: Rect) {
    for row in usize::from(area.y)..usize::from(area.y + area.height) {
        let span =
            row * WIDTH + usize::from(area.x)..row * WIDTH + usize::from(area.x + area.width);
        stripe.0[span.clone()].copy_from_slice(&from.0[span]);
    }
}

/// Soft shapes that drift, with a little grain.
fn flow(stripe: &mut Stripe, time: usize, area: Rect) {
    for row in usize::from(area.y)..usize::from(area.y + area.height) {
        for column in usize::from(area.x)..usize::from(area.x + area.width) {
            let (x, y, t) = (column as f64, row as f64, time as f64);
            let shape = ((x + 3.0 * t) / 23.0).sin() * ((y - 2.0 * t) / 17.0).cos() * 70.0;
            let grain = hash((column * 977 + row * 131 + time * 31) as u32) % 9;
            stripe.0[row * WIDTH + column] = (120.0 + shape + f64::from(grain)) as u8;
        }
    }
}

fn hash(value: u32) -> u32 {
    let mixed = (value ^ value >> 16).wrapping_mul(0x7feb_352d);
    let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b);
    mixed ^ mixed >> 16
}
