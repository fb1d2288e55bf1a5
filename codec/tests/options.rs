//! Each of an encoder's options does what it says: slices, deblocking, screen content, long-term references, live quantiser and bit rate.
//! Owns no picture quality: that is measured by the stage bench.

use std::num::NonZeroU32;

use mayday_codec::h264::options::MAX_SLICES;
use mayday_codec::{
    Content, Encoder, EncoderFault, Options, Pixels, Planes, Rate, Rect, Size, StripeDecoder,
};

use self::painted::{Numbers, Screen};

#[expect(dead_code, reason = "nothing is captured here")]
mod painted;

const SIZE: Size = Size {
    width: 640,
    height: 352,
};
const FINE: Rate = Rate::Quantiser(26);

/// A screen, its planes, and an encoder of it.
struct Work {
    screen: Screen,
    planes: Planes,
    encoder: Encoder,
}

impl Work {
    fn new(rate: Rate, options: Options) -> Self {
        Self {
            screen: Screen::white(SIZE),
            planes: Planes::new(SIZE),
            encoder: Encoder::new(SIZE, rate, options).unwrap(),
        }
    }

    /// Its picture now, coded; whether it is a key picture.
    fn code(&mut self) -> (Vec<u8>, bool) {
        let pixels = Pixels {
            bytes: &self.screen.pixels,
            stride: usize::from(SIZE.width) * 4,
            size: SIZE,
        };
        self.planes.convert(SIZE.rect(), pixels, 0);
        self.encoder.encode(&self.planes).unwrap()
    }

    /// Other text everywhere, coded.
    fn new_page(&mut self, numbers: &mut Numbers) -> (Vec<u8>, bool) {
        self.screen.write(SIZE.rect(), numbers);
        self.code()
    }
}

/// The kinds of the NAL units.
fn kinds(data: &[u8]) -> Vec<u8> {
    let starts = data.windows(4).filter(|four| four[..3] == [0, 0, 1]);
    starts.map(|four| four[3] & 31).collect()
}

fn luma(decoder: &mut StripeDecoder, data: &[u8]) -> Vec<u8> {
    let picture = decoder.decode(data).unwrap();
    let rows = picture.y.chunks(picture.luma_stride);
    rows.flat_map(|row| &row[..usize::from(SIZE.width)])
        .copied()
        .collect()
}

#[test]
fn a_picture_has_as_many_slices_as_were_asked_for() {
    for slices in [1, 2, 4, MAX_SLICES] {
        let options = Options {
            slices,
            ..Options::default()
        };
        let (mut work, mut numbers) = (Work::new(FINE, options), Numbers::new(5));
        let mut decoder = StripeDecoder::new(SIZE).unwrap();
        let wanted = usize::from(slices);
        let (key, _) = work.new_page(&mut numbers);
        assert_eq!(kinds(&key), [vec![7, 8], vec![5; wanted]].concat());
        let (next, _) = work.new_page(&mut numbers);
        assert_eq!(kinds(&next), vec![1; wanted]);
        decoder.decode(&key).unwrap();
        decoder.decode(&next).unwrap();
    }
}

#[test]
fn options_that_cannot_be_are_told_and_not_changed_in_silence() {
    let refused = |size, options| match Encoder::new(size, FINE, options) {
        Err(EncoderFault::Options(told)) => assert_eq!(told, options),
        other => panic!("{:?}", other.err()),
    };
    for slices in [0, MAX_SLICES + 1, 255] {
        refused(
            SIZE,
            Options {
                slices,
                ..Options::default()
            },
        );
    }
    // Too small a picture for slices, and screen content keeps no long-term references.
    let two = Options {
        slices: 2,
        ..Options::default()
    };
    refused(Size::new(48, 48), two);
    refused(
        SIZE,
        Options {
            content: Content::Screen,
            long_term: NonZeroU32::new(4),
            ..Options::default()
        },
    );
    for size in [Size::new(0, 16), Size::new(640, 350)] {
        let made = Encoder::new(size, FINE, Options::default());
        assert!(matches!(made, Err(EncoderFault::Size { .. })), "{size:?}");
    }
}

#[test]
fn a_picture_of_another_size_never_reaches_the_library() {
    let mut encoder = Encoder::new(SIZE, FINE, Options::default()).unwrap();
    let coded = encoder.encode(&Planes::new(Size::new(640, 336)));
    assert!(matches!(coded, Err(EncoderFault::Size { .. })));
    encoder.encode(&Planes::new(SIZE)).unwrap();
}

#[test]
fn deblocking_makes_the_edges_of_blocks_smaller() {
    let edges = |deblocking| {
        let options = Options {
            deblocking,
            ..Options::default()
        };
        let mut work = Work::new(Rate::Quantiser(44), options);
        for (x, y) in (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y))) {
            let shade = (128.0 + 70.0 * (f32::from(x) / 40.0).sin() + f32::from(y) / 6.0) as u8;
            work.screen.fill(Rect::new(x, y, 1, 1), [shade; 3]);
        }
        let picture = luma(&mut StripeDecoder::new(SIZE).unwrap(), &work.code().0);
        let rows = picture.chunks(usize::from(SIZE.width));
        let steps = rows.flat_map(|row| (16..row.len()).step_by(16).map(|x| (row[x - 1], row[x])));
        steps.map(|(a, b)| u64::from(a.abs_diff(b))).sum::<u64>()
    };
    let (soft, hard) = (edges(true), edges(false));
    assert!(soft * 4 < hard * 3, "{soft} against {hard}");
}

#[test]
fn screen_content_finds_what_scrolled_far() {
    let scrolled = |content| {
        let options = Options {
            content,
            ..Options::default()
        };
        let (mut work, mut numbers) = (Work::new(FINE, options), Numbers::new(9));
        work.new_page(&mut numbers);
        work.screen.scroll(SIZE.rect(), -91);
        work.code().0.len()
    };
    let (screen, camera) = (scrolled(Content::Screen), scrolled(Content::Camera));
    assert!(screen * 2 < camera, "{screen} against {camera} bytes");
}

#[test]
fn a_long_term_reference_makes_a_stream_whole_again_without_a_key_picture() {
    let options = Options {
        long_term: NonZeroU32::new(4),
        ..Options::default()
    };
    let (mut work, mut numbers) = (Work::new(FINE, options), Numbers::new(3));
    let mut whole = StripeDecoder::across_gaps(SIZE).unwrap();
    let mut viewer = StripeDecoder::across_gaps(SIZE).unwrap();
    work.screen.write(SIZE.rect(), &mut numbers);
    for at in 0..24u16 {
        let line = Rect::new(0, at * 14, 320, 14);
        work.screen.write(line, &mut numbers);
        let missed = [13, 14].contains(&at);
        if at == 15 {
            work.encoder.recover(&viewer.references(), 2).unwrap();
        }
        let (data, key) = work.code();
        assert_eq!(key, at == 0, "picture {at}");
        let right = luma(&mut whole, &data);
        if !missed {
            assert!(luma(&mut viewer, &data) == right, "picture {at}");
            work.encoder.confirm(&viewer.references()).unwrap();
        }
    }
}

#[test]
fn without_long_term_references_recovery_is_a_key_picture() {
    let (mut work, mut numbers) = (Work::new(FINE, Options::default()), Numbers::new(3));
    let mut viewer = StripeDecoder::across_gaps(SIZE).unwrap();
    for _ in 0..2 {
        viewer.decode(&work.new_page(&mut numbers).0).unwrap();
    }
    work.encoder.confirm(&viewer.references()).unwrap();
    work.encoder.recover(&viewer.references(), 1).unwrap();
    assert!(work.new_page(&mut numbers).1);
}

#[test]
fn the_quantiser_changes_from_picture_to_picture() {
    let (mut work, mut numbers) = (Work::new(FINE, Options::default()), Numbers::new(3));
    work.new_page(&mut numbers);
    let fine = work.new_page(&mut numbers).0.len();
    work.encoder.set_rate(Rate::Quantiser(40)).unwrap();
    let coarse = work.new_page(&mut numbers).0.len();
    work.encoder.set_rate(FINE).unwrap();
    let again = work.new_page(&mut numbers).0.len();
    assert!(coarse * 4 < fine * 3, "{coarse} against {fine}");
    assert!(again.abs_diff(fine) * 10 < fine, "{again} against {fine}");
    let other = work.encoder.set_rate(Rate::BitsPerSecond(1_000_000));
    assert_eq!(other, Err(EncoderFault::Rate));
}

#[test]
fn the_bit_rate_is_followed_and_changes_while_it_runs() {
    let first = Rate::BitsPerSecond(4_000_000);
    let (mut work, mut numbers) = (Work::new(first, Options::default()), Numbers::new(3));
    for bits in [4_000_000, 1_500_000, 3_000_000] {
        work.encoder.set_rate(Rate::BitsPerSecond(bits)).unwrap();
        let mut sent = 0;
        for at in 0..90u16 {
            work.screen.scroll(SIZE.rect(), 3);
            let line = Rect::new(0, at % 24 * 14, 500, 14);
            work.screen.write(line, &mut numbers);
            let (data, _) = work.code();
            // The first third is for settling.
            sent += if at < 30 { 0 } else { data.len() * 8 };
        }
        let wanted = bits as usize; // 60 pictures are a second
        assert!(
            sent.abs_diff(wanted) * 4 < wanted,
            "{sent} bits in a second for {wanted}"
        );
    }
    assert_eq!(work.encoder.set_rate(FINE), Err(EncoderFault::Rate));
}
