//! What a stripe costs after a loss: a picture that refers to a long-term reference (LTR), a key picture, or a blank key picture and lossless
//! tiles of what changed. `cargo run --release -p mayday-codec --example ltr_cost [FOLDER]`; in FOLDER it leaves pages that let a browser
//! decode the LTR's pictures behind the loss, and say what became of them (open one, or `chromium --headless=new --enable-logging=stderr`).

mod work;

use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::path::Path;

use mayday_codec::tile::{self, Coding};
use mayday_codec::{Encoder, Options, Pixels, Planes, Rate, Rect, Size, StripeDecoder};

use work::{Stripe, Work, works};

const WIDTH: usize = 1920;
const HEIGHT: usize = 144;
const SIZE: Size = Size {
    width: WIDTH as u16,
    height: HEIGHT as u16,
};
const QP: u8 = 26;
/// Pictures before the loss, pictures lost, and pictures after it.
const BEFORE: usize = 24;
const LOST: usize = 2;
const AFTER: usize = 4;
/// A long-term reference every so many pictures: the fewer, the older what is referred to.
const MARKED: NonZeroU32 = NonZeroU32::new(8).unwrap();

fn main() {
    let folder = std::env::args().nth(1);
    println!(
        "One stripe of {WIDTH}x{HEIGHT}, QP {QP}, {LOST} pictures lost, a long-term reference every {MARKED} pictures. Bytes:"
    );
    println!(
        "| work | picture as usual | LTR | key picture | blank key + lossless tiles of the damage | luma after LTR as the encoder's |"
    );
    println!("|---|---|---|---|---|---|");
    for work in works() {
        let ltr = Run::of(&work, true);
        let key = Run::of(&work, false);
        let blank = blank_key();
        let pixels = bgrx(&work.pictures[BEFORE + LOST]);
        let tile = tiles(&pixels, work.damage);
        println!(
            "| {} | {} | {} | {} | {} + {tile} | {} |",
            work.name,
            ltr.usual,
            ltr.recovery,
            key.recovery,
            blank,
            if ltr.is_right { "yes" } else { "no" }
        );
        if let Some(folder) = &folder {
            let page = page(&ltr);
            std::fs::write(Path::new(folder).join(format!("{}.html", work.name)), page)
                .expect("the folder can be written");
        }
    }
}

/// The bytes of one cut into pieces as an update may hold them.
fn tiles(pixels: &[u8], damage: Rect) -> usize {
    let piece = |x| Rect {
        x,
        width: 448.min(damage.x + damage.width - x),
        ..damage
    };
    let pieces = (damage.x..damage.x + damage.width).step_by(448).map(piece);
    let coded = pieces
        .map(|rect| tile::encode(pixels, WIDTH * 4, rect, Coding::Small).expect("small enough"));
    coded.map(|data| data.len()).sum()
}

fn bgrx(stripe: &Stripe) -> Vec<u8> {
    stripe
        .0
        .iter()
        .flat_map(|grey| [*grey, *grey, *grey, 0])
        .collect()
}

/// One stream, with and without its lost pictures.
struct Run {
    usual: usize,
    recovery: usize,
    /// What a viewer gets, and whether it is a key picture.
    came: Vec<(Vec<u8>, bool)>,
    /// The last picture's luma as a decoder sees it that missed nothing.
    whole: Vec<u8>,
    is_right: bool,
}

impl Run {
    fn of(work: &Work, with_ltr: bool) -> Self {
        let mut encoder = encoder(with_ltr);
        let make = || StripeDecoder::across_gaps(SIZE).expect("a stripe's size");
        let (mut whole, mut viewer) = (make(), make());
        let (mut usual, mut recovery) = (Vec::new(), 0);
        let (mut came, mut seen, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (at, picture) in work.pictures.iter().enumerate() {
            let is_lost = (BEFORE..BEFORE + LOST).contains(&at);
            let first = at == BEFORE + LOST;
            let asked = match (first, with_ltr) {
                (true, true) => encoder.recover(&viewer.references(), LOST as u16),
                (true, false) => encoder.force_key(),
                (false, _) => Ok(()),
            };
            asked.expect("the encoder works");
            let (data, key) = code(&mut encoder, picture);
            if first {
                recovery = data.len();
                let by_key = "the encoder had no long-term reference to go by";
                assert!(key != with_ltr, "{by_key}");
            } else if at > 0 {
                usual.push(data.len());
            }
            // The decoder of one who missed nothing goes the same way.
            last = luma(&mut whole, &data);
            if !is_lost {
                seen = luma(&mut viewer, &data);
                if at < BEFORE {
                    let confirmed = encoder.confirm(&viewer.references());
                    confirmed.expect("the encoder works");
                }
                came.push((data, key));
            }
        }
        usual.sort_unstable();
        Self {
            usual: usual[usual.len() / 2],
            recovery,
            came,
            is_right: seen == last,
            whole: last,
        }
    }
}

/// A key picture of one colour: what a new decoder needs before tiles do the rest.
fn blank_key() -> usize {
    let black = Stripe(vec![0; WIDTH * HEIGHT]);
    code(&mut encoder(false), &black).0.len()
}

/// The product's, but for the references.
fn encoder(with_ltr: bool) -> Encoder {
    let options = Options {
        long_term: with_ltr.then_some(MARKED),
        ..Options::default()
    };
    Encoder::new(SIZE, Rate::Quantiser(QP), options).expect("a stripe's size")
}

fn code(encoder: &mut Encoder, stripe: &Stripe) -> (Vec<u8>, bool) {
    let mut planes = Planes::new(SIZE);
    let pixels = Pixels {
        bytes: &bgrx(stripe),
        stride: WIDTH * 4,
        size: SIZE,
    };
    planes.convert(SIZE.rect(), pixels, 0);
    encoder.encode(&planes).expect("the encoder works")
}

fn luma(decoder: &mut StripeDecoder, data: &[u8]) -> Vec<u8> {
    let picture = decoder.decode(data).expect("our own stream");
    let rows = picture.y.chunks(picture.luma_stride);
    rows.flat_map(|row| &row[..WIDTH]).copied().collect()
}

/// Decodes what came in a browser's WebCodecs, and says how far its last picture is from the one without a loss.
fn page(run: &Run) -> String {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    let chunks: Vec<String> = run
        .came
        .iter()
        .map(|(data, key)| format!("[{key},\"{}\"]", hex(data)))
        .collect();
    format!(
        "<!doctype html><pre id=o>waiting</pre><script>
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
const chunks = [{}], whole = bytes(\"{}\"), said = [];
const say = (text) => {{ said.push(text); console.log(text); o.textContent = said.join('\\n'); }};
let last = null, frames = 0;
const decoder = new VideoDecoder({{ output: (frame) => {{ frames++; last?.close(); last = frame; }}, error: (error) => say('error: ' + error.message) }});
const codec = 'avc1.' + Array.from(bytes(chunks[0][1].split('00000001').find((unit) => (parseInt(unit.slice(0, 2), 16) & 31) === 7)).slice(1, 4), (one) => one.toString(16).padStart(2, '0')).join('');
decoder.configure({{ codec, optimizeForLatency: true, hardwareAcceleration: 'prefer-software' }});
chunks.forEach(([key, data], at) => decoder.decode(new EncodedVideoChunk({{ type: key ? 'key' : 'delta', timestamp: at, data: bytes(data) }})));
decoder.flush().then(async () => {{
  const buffer = new Uint8Array(last.allocationSize());
  const [luma] = await last.copyTo(buffer);
  let wrong = 0, worst = 0;
  for (let at = 0; at < whole.length; at++) {{
    const apart = Math.abs(whole[at] - buffer[luma.offset + Math.floor(at / {WIDTH}) * luma.stride + at % {WIDTH}]);
    if (apart) wrong++;
    worst = Math.max(worst, apart);
  }}
  say(`${{frames}} of ${{chunks.length}} pictures, ${{wrong}} of ${{whole.length}} luma samples wrong, worst by ${{worst}}`);
}}, (error) => say('flush: ' + error.message));
</script>",
        chunks.join(","),
        hex(&run.whole)
    )
}
