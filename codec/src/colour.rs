//! BGRX <-> I420, BT.709 limited range, one rectangle at a time. Owns the planes of a stripe; knows no codec.

use yuv::{
    BufferStoreMut, YuvConversionMode, YuvPlanarImage, YuvPlanarImageMut, YuvRange,
    YuvStandardMatrix,
};

use crate::geometry::{Rect, Size};

const RANGE: YuvRange = YuvRange::Limited;
const MATRIX: YuvStandardMatrix = YuvStandardMatrix::Bt709;
/// Bytes of a BGRX pixel.
pub(crate) const PIXEL: usize = 4;

/// A persistent I420 picture of whole macroblocks.
#[derive(Debug)]
pub struct Planes {
    size: Size,
    pub(crate) y: Vec<u8>,
    pub(crate) u: Vec<u8>,
    pub(crate) v: Vec<u8>,
    /// Two rows of pixels without a stride; kept for its memory.
    tail: Vec<u8>,
}

/// BGRX pixels of a whole screen.
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'a> {
    pub bytes: &'a [u8],
    /// Bytes from one row to the next.
    pub stride: usize,
    pub size: Size,
}

impl Planes {
    /// A black picture; `size` is made of whole macroblocks.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let (luma, row) = (size.area() as usize, usize::from(size.width));
        Self {
            size,
            // A row more than the picture has: slices of whole rows may begin in the middle of one.
            y: vec![16; luma + row],
            u: vec![128; luma / 4 + row / 2],
            v: vec![128; luma / 4 + row / 2],
            tail: Vec::new(),
        }
    }

    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// As at first.
    pub(crate) fn blacken(&mut self) {
        self.y.fill(16);
        self.u.fill(128);
        self.v.fill(128);
    }

    pub(crate) fn luma_stride(&self) -> usize {
        usize::from(self.size.width)
    }

    pub(crate) fn chroma_stride(&self) -> usize {
        usize::from(self.size.width) / 2
    }

    /// Converts one 16-aligned rectangle of this picture from the screen's pixels, whose row `top` is this picture's row 0.
    /// What lies beyond the screen repeats its last column and row.
    pub fn convert(&mut self, rect: Rect, source: Pixels<'_>, top: u16) {
        let below = Rect::new(
            0,
            0,
            source.size.width,
            source.size.height.saturating_sub(top),
        );
        let seen = rect.intersect(below);
        if seen.is_empty() {
            return;
        }
        self.convert_seen(seen, source, top);
        if seen != rect {
            self.repeat_edges(rect, seen);
        }
    }

    /// The yuv crate works on whole rows of every slice it is given, however many, so slices are cut to the rectangle's rows; and a
    /// pair of rows of which the second ends within its stride is passed over, so that pair goes through `tail`.
    fn convert_seen(&mut self, seen: Rect, source: Pixels<'_>, top: u16) {
        let (height, stride) = (usize::from(seen.height), source.stride);
        let from = usize::from(seen.y + top) * stride + usize::from(seen.x) * PIXEL;
        let pixels = &source.bytes[from..];
        if height % 2 == 1 || pixels.len() >= height * stride {
            let pixels = &pixels[..pixels.len().min(height * stride)];
            return self.convert_rows(seen, pixels, stride);
        }
        let (body, last) = (height - 2, usize::from(seen.width) * PIXEL);
        if body > 0 {
            let rows = Rect {
                height: body as u16,
                ..seen
            };
            self.convert_rows(rows, &pixels[..body * stride], stride);
        }
        let mut tail = std::mem::take(&mut self.tail);
        tail.clear();
        tail.extend_from_slice(&pixels[body * stride..][..last]);
        tail.extend_from_slice(&pixels[(body + 1) * stride..][..last]);
        let rows = Rect::new(seen.x, seen.y + body as u16, seen.width, 2);
        self.convert_rows(rows, &tail, last);
        self.tail = tail;
    }

    fn convert_rows(&mut self, rect: Rect, pixels: &[u8], stride: usize) {
        let (luma_stride, chroma_stride) = (self.luma_stride(), self.chroma_stride());
        let (x, y, height) = (
            usize::from(rect.x),
            usize::from(rect.y),
            usize::from(rect.height),
        );
        let luma = y * luma_stride + x;
        let chroma = y / 2 * chroma_stride + x / 2;
        let chroma_end = chroma + height.div_ceil(2) * chroma_stride;
        let mut image = YuvPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(&mut self.y[luma..luma + height * luma_stride]),
            y_stride: luma_stride as u32,
            u_plane: BufferStoreMut::Borrowed(&mut self.u[chroma..chroma_end]),
            u_stride: chroma_stride as u32,
            v_plane: BufferStoreMut::Borrowed(&mut self.v[chroma..chroma_end]),
            v_stride: chroma_stride as u32,
            width: rect.width.into(),
            height: rect.height.into(),
        };
        yuv::bgra_to_yuv420(
            &mut image,
            pixels,
            stride as u32,
            RANGE,
            MATRIX,
            YuvConversionMode::Balanced,
        )
        .expect("a rectangle inside both pictures converts");
    }

    fn repeat_edges(&mut self, rect: Rect, seen: Rect) {
        let (luma_stride, chroma_stride) = (self.luma_stride(), self.chroma_stride());
        repeat(&mut self.y, luma_stride, rect, seen);
        let half = |r: Rect| Rect::new(r.x / 2, r.y / 2, r.width.div_ceil(2), r.height.div_ceil(2));
        repeat(&mut self.u, chroma_stride, half(rect), half(seen));
        repeat(&mut self.v, chroma_stride, half(rect), half(seen));
    }
}

/// Fills `rect` beyond `seen` (same corner) with the last column and row of `seen`.
fn repeat(plane: &mut [u8], stride: usize, rect: Rect, seen: Rect) {
    let (left, right) = (usize::from(rect.x), usize::from(rect.right()));
    let seen_right = usize::from(seen.right());
    for y in usize::from(seen.y)..usize::from(seen.bottom()) {
        let row = &mut plane[y * stride..][..stride];
        let last = row[seen_right - 1];
        row[seen_right..right].fill(last);
    }
    let last = usize::from(seen.bottom()) - 1;
    for y in last + 1..usize::from(rect.bottom()) {
        plane.copy_within(
            last * stride + left..last * stride + right,
            y * stride + left,
        );
    }
}

/// Converts a rectangle of decoded planes to BGRX at `to`, whose rows are `to_stride` bytes apart.
/// `planes` start at the rectangle's corner.
pub(crate) fn to_bgrx(
    planes: [&[u8]; 3],
    strides: [usize; 2],
    size: Size,
    to: &mut [u8],
    to_stride: usize,
) {
    let (width, height) = (usize::from(size.width), usize::from(size.height));
    let [luma_stride, chroma_stride] = strides;
    let luma = luma_stride * (height - 1) + width;
    let chroma = chroma_stride * (height.div_ceil(2) - 1) + width.div_ceil(2);
    // Cut to the rectangle, as the yuv crate takes the last row of an odd height from the end of the slices.
    let image = YuvPlanarImage {
        y_plane: &planes[0][..luma],
        y_stride: luma_stride as u32,
        u_plane: &planes[1][..chroma],
        u_stride: chroma_stride as u32,
        v_plane: &planes[2][..chroma],
        v_stride: chroma_stride as u32,
        width: size.width.into(),
        height: size.height.into(),
    };
    let to = &mut to[..to_stride * (height - 1) + width * PIXEL];
    yuv::yuv420_to_bgra(&image, to, to_stride as u32, RANGE, MATRIX)
        .expect("a rectangle inside both pictures converts");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(size: Size) -> Vec<u8> {
        let mut state = 1u32;
        (0..size.area() as usize * PIXEL)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    #[test]
    fn a_rectangle_converts_to_what_the_whole_converts_to_and_touches_nothing_else() {
        let size = Size::new(64, 48);
        let bytes = noise(size);
        let source = Pixels {
            bytes: &bytes,
            stride: 64 * PIXEL,
            size,
        };
        let mut whole = Planes::new(size);
        whole.convert(size.rect(), source, 0);
        for rect in [
            Rect::new(16, 16, 32, 16),
            Rect::new(16, 32, 16, 16),
            Rect::new(48, 0, 16, 48),
        ] {
            let mut part = Planes::new(size);
            part.convert(rect, source, 0);
            for (x, y) in (0..48).flat_map(|y| (0..64).map(move |x| (x, y))) {
                let inside = rect.contains(Rect::new(x, y, 1, 1));
                let (luma, chroma) = (
                    usize::from(y) * 64 + usize::from(x),
                    usize::from(y / 2) * 32 + usize::from(x / 2),
                );
                let expected = match inside {
                    true => (whole.y[luma], whole.u[chroma], whole.v[chroma]),
                    false => (16, 128, 128),
                };
                let got = (part.y[luma], part.u[chroma], part.v[chroma]);
                assert_eq!(got, expected, "{rect:?} at {x} {y}");
            }
        }
    }

    #[test]
    fn every_row_of_a_rectangle_comes_back_even_the_last_odd_one() {
        for (width, height) in [(16u16, 16u16), (15, 7), (3, 1), (31, 21)] {
            let screen = Size::new(40, 32);
            let mut bytes = vec![0u8; screen.area() as usize * PIXEL];
            let rect = Rect::new(8, 32 - height, width, height);
            let mut planes = Planes::new(Size::new(48, 32));
            bytes.fill(200);
            let source = Pixels {
                bytes: &bytes,
                stride: 40 * PIXEL,
                size: screen,
            };
            planes.convert(Size::new(48, 32).rect(), source, 0);
            let mut back = vec![0; bytes.len()];
            let at = usize::from(rect.y) * 40 + usize::from(rect.x);
            let even = usize::from(rect.y & !1);
            let planes = [
                &planes.y[even * 48 + 8..],
                &planes.u[even / 2 * 24 + 4..],
                &planes.v[even / 2 * 24 + 4..],
            ];
            let size = Size::new(width, height);
            to_bgrx(planes, [48, 24], size, &mut back[at * PIXEL..], 40 * PIXEL);
            for (x, y) in (0..32).flat_map(|y| (0..40).map(move |x| (x, y))) {
                let blue = back[(usize::from(y) * 40 + usize::from(x)) * PIXEL];
                let inside = rect.contains(Rect::new(x, y, 1, 1));
                assert_eq!(blue > 190, inside, "{rect:?} at {x} {y}: {blue}");
            }
        }
    }

    #[test]
    fn beyond_the_screen_the_last_column_and_row_repeat() {
        let screen = Size::new(19, 21);
        let bytes = noise(screen);
        let source = Pixels {
            bytes: &bytes,
            stride: 19 * PIXEL,
            size: screen,
        };
        let mut planes = Planes::new(Size::new(32, 16));
        planes.convert(Rect::new(16, 0, 16, 16), source, 16);
        for x in 19..32 {
            assert_eq!(planes.y[x], planes.y[18]);
            assert_eq!(planes.y[15 * 32 + x], planes.y[4 * 32 + 18]);
        }
        assert_eq!(planes.u[7 * 16 + 15], planes.u[2 * 16 + 9]);
        assert_eq!(planes.y[0], 16, "outside the rectangle nothing changed");
    }

    #[test]
    fn black_white_and_grey_come_back_exactly_or_nearly() {
        let size = Size::new(16, 16);
        for grey in [0u8, 64, 128, 200, 255] {
            let bytes = vec![grey; size.area() as usize * PIXEL];
            let source = Pixels {
                bytes: &bytes,
                stride: 16 * PIXEL,
                size,
            };
            let mut planes = Planes::new(size);
            planes.convert(size.rect(), source, 0);
            let mut back = vec![0; bytes.len()];
            to_bgrx(
                [&planes.y, &planes.u, &planes.v],
                [16, 8],
                size,
                &mut back,
                16 * PIXEL,
            );
            for channel in &back[..3] {
                assert!(channel.abs_diff(grey) <= 2, "{grey} became {channel}");
            }
        }
    }
}
