//! Many tiles side by side on all cores. Owns only who codes which; a tile knows nothing of its neighbours.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;

use super::{Coding, TileError, decode, encode};
use crate::geometry::Rect;

/// Fewer pixels are coded before another thread would have begun.
const WORTH_THREADS: u32 = 1 << 15;

/// Codes every one of `rects`, which lie within a picture of BGRX rows `stride` bytes apart.
#[must_use]
pub fn encode_all(
    pixels: &[u8],
    stride: usize,
    rects: &[Rect],
    coding: Coding,
) -> Vec<Result<Vec<u8>, TileError>> {
    side_by_side(
        rects,
        |rect| rect.area(),
        |rect| encode(pixels, stride, *rect, coding),
    )
}

/// The pixels of every one of these tiles.
#[must_use]
pub fn decode_all(tiles: &[(&[u8], Rect, Coding)]) -> Vec<Result<Vec<u8>, TileError>> {
    side_by_side(
        tiles,
        |(_, rect, _)| rect.area(),
        |(data, rect, coding)| decode(data, *rect, *coding),
    )
}

fn side_by_side<T: Sync, R: Send>(
    jobs: &[T],
    size: impl Fn(&T) -> u32,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let pixels = jobs.iter().map(size).fold(0, u32::saturating_add);
    // Asked last: the system reads files for the answer, which takes longer than coding a keystroke's tile.
    let threads = match jobs.len() {
        0 | 1 => 1,
        _ if pixels < WORTH_THREADS => 1,
        jobs => available_parallelism().map_or(1, NonZero::get).min(jobs),
    };
    if threads < 2 {
        return jobs.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(job) = jobs.get(at)
        {
            done.push((at, work(job)));
        }
        done
    };
    let mut all = std::thread::scope(|scope| {
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, take).ok();
        // Without another thread the work is done here.
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        let mut all = take();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_tiles_are_what_each_of_them_is_alone() {
        let (width, height) = (640_u16, 480_u16);
        let pixels: Vec<u8> = (0..u32::from(width) * u32::from(height))
            .flat_map(|at| ((at / 7 % 5 * 0x0020_1008) ^ ((at / 640 % 9) * 3)).to_le_bytes())
            .collect();
        let stride = usize::from(width) * 4;
        let rects: Vec<Rect> = (0..height / 48)
            .flat_map(|row| {
                [(0, 400), (400, 240)].map(|(x, side)| Rect::new(x, row * 48, side, 48))
            })
            .collect();
        let coding = Coding::Small;
        let coded = encode_all(&pixels, stride, &rects, coding);
        let alone: Vec<_> = rects
            .iter()
            .map(|rect| encode(&pixels, stride, *rect, coding))
            .collect();
        assert_eq!(coded, alone);
        let tiles: Vec<_> = coded
            .iter()
            .zip(&rects)
            .map(|(data, rect)| (&data.as_ref().unwrap()[..], *rect, coding))
            .collect();
        for (shown, rect) in decode_all(&tiles).iter().zip(&rects) {
            let shown = shown.as_ref().unwrap();
            for (row, line) in shown.chunks_exact(usize::from(rect.width) * 4).enumerate() {
                let from = (usize::from(rect.y) + row) * stride + usize::from(rect.x) * 4;
                let real = pixels[from..][..line.len()].chunks_exact(4);
                assert!(
                    line.chunks_exact(4)
                        .zip(real)
                        .all(|(a, b)| a[..3] == b[..3])
                );
            }
        }
        let bad = Rect::new(0, 0, 0, 0);
        let mixed = decode_all(&[tiles[0], (&[], bad, coding), tiles[1]]);
        assert!(mixed[0].is_ok() && mixed[1].is_err() && mixed[2].is_ok());
    }
}
