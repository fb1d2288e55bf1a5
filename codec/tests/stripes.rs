//! Encoder, decoder and canvas together, without a display: what is drawn is what was on the screen, and nothing else is sent.

use mayday_codec::geometry::Damage;
use mayday_codec::{
    CodedStripe, DEFAULT_STRIPE_HEIGHT, DecodeError, EncodeError, Encoded, Layout, Part, Rect,
    ScreenDecoder, Size, StripeDecoder, StripeEncoder,
};

use self::painted::{Numbers, Screen};
use self::viewer::{Viewer, psnr};

#[expect(dead_code, reason = "nothing scrolls here")]
mod painted;
mod viewer;

const SIZE: Size = Size {
    width: 723,
    height: 437,
};

fn start() -> (Screen, Numbers, StripeEncoder, Viewer) {
    let mut numbers = Numbers::new(7);
    let mut screen = Screen::white(SIZE);
    screen.write(SIZE.rect(), &mut numbers);
    let encoder = StripeEncoder::new(SIZE, DEFAULT_STRIPE_HEIGHT).unwrap();
    let viewer = Viewer::new(encoder.layout());
    (screen, numbers, encoder, viewer)
}

/// Shows the first picture of every stripe.
fn shown() -> (Screen, Numbers, StripeEncoder, Viewer) {
    let (screen, numbers, mut encoder, mut viewer) = start();
    let whole = [SIZE.rect()];
    viewer.show(&encoder.encode(&screen.frame(&whole), &whole, 24).unwrap());
    (screen, numbers, encoder, viewer)
}

/// How near what the viewer shows is to the screen, dB.
fn quality(viewer: &Viewer, screen: &Screen, rect: Rect) -> f64 {
    psnr(
        viewer.canvas.pixels(),
        &screen.pixels,
        screen.size.width,
        rect,
    )
}

#[track_caller]
fn is_near(viewer: &Viewer, screen: &Screen, rect: Rect, what: &str) {
    let quality = quality(viewer, screen, rect);
    assert!(quality >= 38.0, "{what}: {quality:.1} dB");
}

#[test]
fn the_first_pictures_are_keys_of_the_whole_screen_and_right() {
    let (screen, _, mut encoder, mut viewer) = start();
    let whole = [SIZE.rect()];
    let encoded = encoder.encode(&screen.frame(&whole), &whole, 24).unwrap();
    assert_eq!(encoded.stripes.len(), 4);
    assert!(encoded.stripes.iter().all(|stripe| stripe.key));
    viewer.show(&encoded);
    is_near(&viewer, &screen, SIZE.rect(), "the whole screen");
}

#[test]
fn one_glyph_encodes_one_stripe_and_draws_its_macroblocks_only() {
    let (mut screen, _, mut encoder, mut viewer) = shown();
    let before = viewer.canvas.pixels().to_vec();
    let glyph = [Rect::new(333, 200, 7, 12)];
    screen.fill(glyph[0], [0, 0, 200]);
    let encoded = encoder.encode(&screen.frame(&glyph), &glyph, 24).unwrap();
    let [stripe] = &encoded.stripes[..] else {
        panic!("{} stripes", encoded.stripes.len());
    };
    assert_eq!((stripe.index, stripe.picture, stripe.key), (1, 2, false));
    assert_eq!(stripe.draw, [Rect::new(320, 192, 32, 32)]);
    assert!(stripe.data.len() < 400, "{} bytes", stripe.data.len());
    viewer.show(&encoded);
    let glyph = quality(&viewer, &screen, glyph[0]);
    assert!(glyph >= 34.0, "{glyph:.1} dB in 84 pixels");
    let changed = viewer
        .canvas
        .pixels()
        .chunks(4)
        .zip(before.chunks(4))
        .enumerate();
    for (at, _) in changed.filter(|(_, (now, before))| now != before) {
        let (x, y) = (at % 723, at / 723);
        assert!(
            (320..352).contains(&x) && (192..224).contains(&y),
            "{x} {y}"
        );
    }
}

#[test]
fn without_damage_nothing_is_sent() {
    let (screen, _, mut encoder, _) = shown();
    assert!(
        encoder
            .encode(&screen.frame(&[]), &[], 24)
            .unwrap()
            .stripes
            .is_empty()
    );
}

#[test]
fn random_damage_keeps_the_viewers_canvas_at_the_source_without_another_key() {
    let (mut screen, mut numbers, mut encoder, mut viewer) = shown();
    for round in 0..60u8 {
        let mut damage = Damage::default();
        for _ in 0..=numbers.below(4) {
            let (x, y) = (
                numbers.below(SIZE.width - 1),
                numbers.below(SIZE.height - 1),
            );
            let rect = Rect::new(x, y, 1 + numbers.below(200), 1 + numbers.below(120));
            let rect = rect.intersect(SIZE.rect());
            match numbers.below(4) {
                0 => screen.fill(rect, [90, 90, 90]),
                _ => screen.write(rect, &mut numbers),
            }
            damage.add(rect);
        }
        let frame = screen.frame(damage.rects());
        let encoded = encoder
            .encode(&frame, damage.rects(), 16 + round % 12)
            .unwrap();
        assert!(encoded.stripes.iter().all(|stripe| !stripe.key));
        viewer.show(&encoded);
        is_near(&viewer, &screen, SIZE.rect(), &format!("round {round}"));
    }
}

#[test]
fn a_stripe_begins_anew_with_a_small_picture_of_nothing_and_goes_on_with_what_is_damaged() {
    let (mut screen, mut numbers, mut encoder, mut viewer) = shown();
    encoder.begin(1 << 2);
    let encoded = encoder.encode(&screen.frame(&[]), &[], 24).unwrap();
    let [stripe] = &encoded.stripes[..] else {
        panic!("{} stripes", encoded.stripes.len());
    };
    assert_eq!((stripe.index, stripe.key), (2, true));
    assert!(stripe.draw.is_empty());
    println!("a picture of nothing has {} bytes", stripe.data.len());
    assert!(stripe.data.len() < 1024, "{} bytes", stripe.data.len());
    viewer.show(&encoded);
    let mut late = StripeDecoder::new(encoder.layout().coded(2)).unwrap();
    late.decode(&stripe.data).unwrap();
    let damage = [Rect::new(96, 304, 64, 32)];
    screen.write(damage[0], &mut numbers);
    let next = encoder.encode(&screen.frame(&damage), &damage, 24).unwrap();
    assert!(!next.stripes[0].key);
    assert_eq!(next.stripes[0].draw, damage);
    late.decode(&next.stripes[0].data).unwrap();
    viewer.show(&next);
    is_near(&viewer, &screen, SIZE.rect(), "the rest stays as it was");
}

#[test]
fn a_touched_stripe_gives_one_empty_picture_and_goes_on_as_if_there_was_none() {
    let (mut screen, mut numbers, mut encoder, mut viewer) = shown();
    let before = viewer.canvas.pixels().to_vec();
    encoder.touch(0b1010);
    let encoded = encoder.encode(&screen.frame(&[]), &[], 18).unwrap();
    let touched: Vec<u8> = encoded.stripes.iter().map(|stripe| stripe.index).collect();
    assert_eq!(touched, [1, 3]);
    for stripe in &encoded.stripes {
        assert!(!stripe.key && stripe.draw.is_empty() && stripe.data.is_empty());
    }
    viewer.show(&encoded);
    assert_eq!(viewer.canvas.pixels(), before);
    let again = encoder.encode(&screen.frame(&[]), &[], 18).unwrap();
    assert!(again.stripes.is_empty());
    let all = [SIZE.rect()];
    screen.write(SIZE.rect(), &mut numbers);
    encoder.touch(0b0010);
    let next = encoder.encode(&screen.frame(&all), &all, 18).unwrap();
    let picture = |encoded: &Encoded, stripe: u8| {
        let mut stripes = encoded.stripes.iter();
        stripes
            .find(|one| one.index == stripe)
            .map(|one| one.picture)
    };
    assert_eq!(
        picture(&next, 1),
        picture(&encoded, 1).map(|count| count + 1)
    );
    viewer.show(&next);
    is_near(&viewer, &screen, SIZE.rect(), "the whole screen");
}

#[test]
fn every_quantiser_works_in_one_stream_without_a_key() {
    let (mut screen, mut numbers, mut encoder, mut viewer) = shown();
    let mut sizes = Vec::new();
    for qp in (0..=51).rev().chain([60, 255, 0, 30]) {
        let rect = [Rect::new(100, 100, 300, 200)];
        screen.write(rect[0], &mut numbers);
        let encoded = encoder.encode(&screen.frame(&rect), &rect, qp).unwrap();
        assert!(encoded.stripes.iter().all(|stripe| !stripe.key), "qp {qp}");
        sizes.push(encoded.stripes.iter().map(|s| s.data.len()).sum::<usize>());
        viewer.show(&encoded);
    }
    assert!(sizes[0] * 4 < sizes[51], "the quantiser matters: {sizes:?}");
}

#[test]
fn a_glyph_on_a_coarse_page_stays_small_and_a_second_pass_makes_all_of_it_fine() {
    let (mut screen, mut numbers, mut encoder, mut viewer) = start();
    let whole = [SIZE.rect()];
    viewer.show(&encoder.encode(&screen.frame(&whole), &whole, 40).unwrap());
    let glyph = [Rect::new(200, 200, 15, 26)];
    screen.write(glyph[0], &mut numbers);
    let encoded = encoder.encode(&screen.frame(&glyph), &glyph, 20).unwrap();
    assert_eq!((encoded.stripes.len(), encoded.stripes[0].qp), (1, 38));
    assert!(encoded.stripes[0].data.len() < 400);
    viewer.show(&encoded);
    let coarse = quality(&viewer, &screen, SIZE.rect());

    let again = encoder.coarser_than(20);
    let encoded = encoder.encode(&screen.frame(&again), &again, 20).unwrap();
    assert!(
        encoded
            .stripes
            .iter()
            .all(|stripe| stripe.qp == 20 && !stripe.key)
    );
    viewer.show(&encoded);
    let fine = quality(&viewer, &screen, SIZE.rect());
    assert!(fine >= 40.0 && coarse < 34.0, "{coarse:.1} to {fine:.1} dB");
    assert!(encoder.coarser_than(20).is_empty());
}

#[test]
fn a_frame_of_another_size_is_refused() {
    let (_, _, mut encoder, _) = shown();
    let other = Screen::white(Size::new(100, 100));
    let refused = encoder.encode(&other.frame(&[]), &[], 24);
    assert!(matches!(refused, Err(EncodeError::Size { .. })));
    assert!(StripeEncoder::new(SIZE, 20).is_err());
}

#[test]
fn the_decoder_refuses_what_is_not_for_it_and_recovers_with_a_key() {
    let (mut screen, mut numbers, mut encoder, _) = start();
    let whole = [SIZE.rect()];
    let keys = encoder.encode(&screen.frame(&whole), &whole, 24).unwrap();
    let coded = encoder.layout().coded(0);
    let mut decoder = StripeDecoder::new(coded).unwrap();
    screen.write(Rect::new(0, 0, 300, 100), &mut numbers);
    let next = encoder.encode(&screen.frame(&whole), &whole, 24).unwrap();
    let (key, delta) = (&keys.stripes[0].data, &next.stripes[0].data);

    assert_eq!(decoder.decode(delta).err(), Some(DecodeError::NeedsKey));
    assert!(decoder.decode(key).is_ok());
    assert!(matches!(
        decoder.decode(b"garbage"),
        Err(DecodeError::Refused(_))
    ));
    assert_eq!(decoder.decode(delta).err(), Some(DecodeError::NeedsKey));
    assert!(decoder.decode(key).is_ok() && decoder.decode(delta).is_ok());

    let mut wrong = StripeDecoder::new(Size::new(coded.width, coded.height + 16)).unwrap();
    assert!(matches!(wrong.decode(key), Err(DecodeError::Refused(_))));
}

#[test]
fn cut_or_changed_data_never_becomes_a_picture_of_another_size_and_never_crashes() {
    let (screen, mut numbers, mut encoder, _) = start();
    let whole = [SIZE.rect()];
    let keys = encoder.encode(&screen.frame(&whole), &whole, 30).unwrap();
    let coded = encoder.layout().coded(0);
    let key = &keys.stripes[0].data;
    let mut decoder = StripeDecoder::new(coded).unwrap();
    for end in [
        0,
        1,
        4,
        5,
        9,
        20,
        30,
        40,
        100,
        key.len() / 2,
        key.len() - 200,
    ] {
        assert!(decoder.decode(&key[..end]).is_err(), "cut at {end}");
    }
    for _ in 0..150 {
        let mut changed = key.clone();
        let at = usize::from(numbers.below(1000)).min(key.len() - 1);
        changed[at] ^= 1 << numbers.below(8);
        if let Ok(picture) = decoder.decode(&changed) {
            assert_eq!(picture.size, coded);
        }
    }
    assert!(decoder.decode(key).is_ok());
}

#[test]
fn decoding_on_all_cores_draws_the_same_and_names_what_failed() {
    let (mut screen, mut numbers, mut encoder, mut viewer) = start();
    let whole = [SIZE.rect()];
    let mut parallel = ScreenDecoder::new(encoder.layout());
    for _ in 0..3 {
        screen.write(Rect::new(0, 0, SIZE.width, 400), &mut numbers);
        let encoded = encoder.encode(&screen.frame(&whole), &whole, 24).unwrap();
        viewer.show(&encoded);
        let mut update: Vec<_> = parts(&encoded.stripes).collect();
        assert!(update.iter().map(|part| part.data.len()).sum::<usize>() > 16_384);
        update.push(update[0].clone());
        update.push(Part {
            index: 200,
            ..update[0].clone()
        });
        let shown = parallel.show(&update);
        let failed: Vec<u8> = shown.failed.iter().map(|(index, _)| *index).collect();
        assert_eq!(failed, [0, 200], "twice in one update, and not there");
        assert_eq!(parallel.canvas().pixels(), viewer.canvas.pixels());
    }
    parallel.clear();
    let glyph = [Rect::new(0, 0, 9, 9)];
    let delta = encoder.encode(&screen.frame(&glyph), &glyph, 24).unwrap();
    let shown = parallel.show(&parts(&delta.stripes).collect::<Vec<_>>());
    assert_eq!(shown.failed, [(0, DecodeError::NeedsKey)]);
}

fn parts(stripes: &[CodedStripe]) -> impl Iterator<Item = Part<'_>> {
    stripes.iter().map(|stripe| Part {
        index: stripe.index,
        draw: stripe.draw.clone(),
        data: &stripe.data,
    })
}

#[test]
fn screens_of_any_size_come_through() {
    for (width, height) in [
        (1, 1),
        (17, 200),
        (1366, 768),
        (1080, 1920),
        (3840, 2160),
        (7680, 1440),
        (8688, 150),
    ] {
        let size = Size::new(width, height);
        let mut screen = Screen::white(size);
        let mark = Rect::new(width / 2, height / 2, 40, 40).intersect(size.rect());
        screen.fill(mark, [60, 60, 60]);
        let whole = [size.rect()];
        let mut encoder = StripeEncoder::new(size, DEFAULT_STRIPE_HEIGHT).unwrap();
        let mut viewer = Viewer::new(encoder.layout());
        viewer.show(&encoder.encode(&screen.frame(&whole), &whole, 20).unwrap());
        is_near(&viewer, &screen, mark, &format!("{size:?}"));
    }
}

#[test]
fn a_layout_is_shared_by_both_ends() {
    let layout = Layout::new(SIZE, DEFAULT_STRIPE_HEIGHT).unwrap();
    let encoder = StripeEncoder::new(SIZE, DEFAULT_STRIPE_HEIGHT).unwrap();
    assert_eq!(encoder.layout(), layout);
}
