//! The safe faces on OpenH264 under valgrind's memcheck: the C++, its assembly and our `unsafe`. Owns the work that is watched.

use mayday_codec::geometry::Damage;
use mayday_codec::{
    Content, DecodeError, Encoder, Layout, Options, Part, Pixels, Planes, Rate, Rect,
    ScreenDecoder, Size, StripeDecoder, StripeEncoder,
};

use self::painted::{Numbers, Screen};
use self::viewer::{Viewer, psnr};

mod memcheck;
#[expect(dead_code, reason = "nothing scrolls here")]
mod painted;
mod viewer;

/// Sides that are no whole macroblocks, three stripes of which the last is lower.
const SIZE: Size = Size {
    width: 203,
    height: 157,
};
const STRIPE: u16 = 64;

#[test]
fn the_faces_on_openh264_touch_only_their_own_memory() {
    memcheck::watch(&[
        "watched_pictures_of_every_kind_are_coded_and_decoded",
        "watched_stripes_are_coded_and_decoded_on_all_cores",
        "watched_cut_and_changed_data_reaches_the_decoder_and_harms_nothing",
        "watched_every_option_of_an_encoder_is_used",
        "watched_encoders_and_decoders_end_at_any_time",
        "watched_an_encoder_works_on_in_another_thread",
    ]);
}

#[test]
fn watched_pictures_of_every_kind_are_coded_and_decoded() {
    let mut numbers = Numbers::new(7);
    let mut screen = Screen::white(SIZE);
    screen.write(SIZE.rect(), &mut numbers);
    let mut encoder = StripeEncoder::new(SIZE, STRIPE).unwrap();
    let mut viewer = Viewer::new(encoder.layout());
    let whole = [SIZE.rect()];
    viewer.show(&encoder.encode(&screen.frame(&whole), &whole, 24).unwrap());
    for (round, qp) in [0, 51, 30, 18, 24, 40, 12, 24].into_iter().enumerate() {
        let mut damage = Damage::default();
        for _ in 0..3 {
            let (x, y) = (
                numbers.below(SIZE.width - 1),
                numbers.below(SIZE.height - 1),
            );
            let rect = Rect::new(x, y, 1 + numbers.below(90), 1 + numbers.below(60));
            let rect = rect.intersect(SIZE.rect());
            screen.write(rect, &mut numbers);
            damage.add(rect);
        }
        match round {
            2 => {
                encoder.begin(0b010);
                damage.add(encoder.layout().visible(1));
            }
            4 => encoder.touch(0b101),
            _ => {}
        }
        let frame = screen.frame(damage.rects());
        viewer.show(&encoder.encode(&frame, damage.rects(), qp).unwrap());
    }
    let again = encoder.coarser_than(12);
    viewer.show(&encoder.encode(&screen.frame(&again), &again, 12).unwrap());
    let quality = psnr(
        viewer.canvas.pixels(),
        &screen.pixels,
        SIZE.width,
        SIZE.rect(),
    );
    assert!(quality > 38.0, "{quality:.1} dB");
}

#[test]
fn watched_stripes_are_coded_and_decoded_on_all_cores() {
    // Large enough that both sides use threads.
    let size = Size::new(720, 400);
    let mut numbers = Numbers::new(11);
    let mut screen = Screen::white(size);
    let mut encoder = StripeEncoder::new(size, STRIPE).unwrap();
    let mut decoder = ScreenDecoder::new(encoder.layout());
    for _ in 0..2 {
        screen.write(size.rect(), &mut numbers);
        let whole = [size.rect()];
        let encoded = encoder.encode(&screen.frame(&whole), &whole, 20).unwrap();
        let parts: Vec<_> = encoded
            .stripes
            .iter()
            .map(|stripe| Part {
                index: stripe.index,
                draw: stripe.draw.clone(),
                data: &stripe.data,
            })
            .collect();
        assert!(decoder.show(&parts).failed.is_empty());
    }
    let shown = psnr(
        decoder.canvas().pixels(),
        &screen.pixels,
        size.width,
        size.rect(),
    );
    assert!(shown > 36.0, "{shown:.1} dB");
}

#[test]
fn watched_cut_and_changed_data_reaches_the_decoder_and_harms_nothing() {
    let (layout, key, delta) = two_pictures();
    let coded = layout.coded(0);
    let mut decoder = StripeDecoder::new(coded).unwrap();
    for cut in (0..key.len()).step_by(key.len() / 12) {
        // A copy of its own, so that the first byte behind it is nobody's.
        let data = key[..cut].to_vec().into_boxed_slice();
        let _ = decoder.decode(&data);
    }
    let mut numbers = Numbers::new(3);
    let (mut refused, mut reached) = (0, 0);
    for round in 0..120 {
        let whole = if round % 2 == 0 { &key } else { &delta };
        if round % 2 == 1 {
            decoder.decode(&key).unwrap();
        }
        let mut data = whole.clone().into_boxed_slice();
        let at = usize::from(numbers.below(data.len().min(60_000) as u16));
        data[at] ^= 1 << numbers.below(8);
        match decoder.decode(&data) {
            Err(DecodeError::Refused(_) | DecodeError::NeedsKey) => refused += 1,
            Ok(_) | Err(DecodeError::Damaged(_) | DecodeError::Create(_)) => reached += 1,
        }
    }
    assert!(
        reached > 40,
        "{refused} of 120 were refused before the library"
    );
    decoder.decode(&key).unwrap();
    decoder.decode(&delta).unwrap();
}

#[test]
fn watched_every_option_of_an_encoder_is_used() {
    let all = [
        Options {
            slices: 3,
            deblocking: true,
            long_term: std::num::NonZeroU32::new(2),
            ..Options::default()
        },
        Options {
            content: Content::Screen,
            ..Options::default()
        },
    ];
    let (size, mut numbers) = (SIZE.align16(), Numbers::new(5));
    let mut screen = Screen::white(size);
    for (options, bits) in all.into_iter().flat_map(|one| [(one, false), (one, true)]) {
        let rates = match bits {
            false => [Rate::Quantiser(30), Rate::Quantiser(20)],
            true => [Rate::BitsPerSecond(300_000), Rate::BitsPerSecond(900_000)],
        };
        let mut encoder = Encoder::new(size, rates[0], options).unwrap();
        let mut decoder = StripeDecoder::across_gaps(size).unwrap();
        let mut planes = Planes::new(size);
        for at in 0..9 {
            screen.write(size.rect(), &mut numbers);
            let pixels = Pixels {
                bytes: &screen.pixels,
                stride: usize::from(size.width) * 4,
                size,
            };
            planes.convert(size.rect(), pixels, 0);
            encoder.set_rate(rates[at / 3 % 2]).unwrap();
            match at {
                5 => encoder.force_key().unwrap(),
                8 => encoder.recover(&decoder.references(), 1).unwrap(),
                _ => {}
            }
            let (data, _) = encoder.encode(&planes).unwrap();
            if at != 7 {
                decoder.decode(&data).unwrap();
                encoder.confirm(&decoder.references()).unwrap();
            }
        }
    }
}

#[test]
fn watched_encoders_and_decoders_end_at_any_time() {
    let (layout, key, _) = two_pictures();
    drop(StripeDecoder::new(layout.coded(0)).unwrap());
    let mut begun = StripeDecoder::new(layout.coded(0)).unwrap();
    let _ = begun.decode(&key[..key.len() / 2]);
    drop(begun);
    drop(StripeEncoder::new(SIZE, STRIPE).unwrap());
    let screen = Screen::white(SIZE);
    let mut encoder = StripeEncoder::new(SIZE, STRIPE).unwrap();
    let corner = [Rect::new(0, 0, 5, 5)];
    encoder.encode(&screen.frame(&corner), &corner, 24).unwrap();
    // The others were never begun.
    drop(encoder);
}

#[test]
fn watched_an_encoder_works_on_in_another_thread() {
    let mut encoder = StripeEncoder::new(SIZE, STRIPE).unwrap();
    let screen = Screen::white(SIZE);
    let whole = [SIZE.rect()];
    let first = encoder.encode(&screen.frame(&whole), &whole, 24).unwrap();
    let (encoder, second) = std::thread::spawn(move || {
        let screen = Screen::white(SIZE);
        let corner = [Rect::new(10, 10, 30, 30)];
        let coded = encoder.encode(&screen.frame(&corner), &corner, 24);
        (encoder, coded.unwrap())
    })
    .join()
    .unwrap();
    let mut viewer = Viewer::new(encoder.layout());
    viewer.show(&first);
    viewer.show(&second);
}

/// The first two pictures of the uppermost stripe.
fn two_pictures() -> (Layout, Vec<u8>, Vec<u8>) {
    let mut numbers = Numbers::new(7);
    let mut screen = Screen::white(SIZE);
    let mut encoder = StripeEncoder::new(SIZE, STRIPE).unwrap();
    let whole = [SIZE.rect()];
    let mut coded = [0, 1].map(|_| {
        screen.write(SIZE.rect(), &mut numbers);
        let encoded = encoder.encode(&screen.frame(&whole), &whole, 28).unwrap();
        encoded.stripes[0].data.clone()
    });
    let [key, delta] = &mut coded;
    (encoder.layout(), std::mem::take(key), std::mem::take(delta))
}
