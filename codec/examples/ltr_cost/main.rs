//! What a stripe costs after a loss: a picture that refers to a long-term reference (LTR), a key picture, or a blank key picture and lossless
//! tiles of what changed. `cargo run --release -p mayday-codec --example ltr_cost [FOLDER]`; in FOLDER it leaves pages that let a browser
//! decode the LTR's pictures behind the loss, and say what became of them (open one, or `chromium --headless=new --enable-logging=stderr`).

mod work;

use std::ffi::{c_int, c_void};
use std::fmt::Write as _;
use std::path::Path;
use std::ptr::null_mut;

use mayday_codec::{Rect, tile};
use openh264_sys2::source::APILoader;
use openh264_sys2::{
    API, CAMERA_VIDEO_REAL_TIME, CONSTANT_ID, DECODER_OPTION, DECODER_OPTION_FRAME_NUM,
    DECODER_OPTION_IDR_PIC_ID, DECODER_OPTION_LTR_MARKED_FRAME_NUM,
    DECODER_OPTION_LTR_MARKING_FLAG, ENCODER_LTR_MARKING_FEEDBACK, ENCODER_LTR_RECOVERY_REQUEST,
    ENCODER_OPTION, ENCODER_OPTION_TRACE_LEVEL, ERROR_CON_SLICE_COPY, ISVCDecoder, ISVCEncoder,
    LOW_COMPLEXITY, LTR_MARKING_SUCCESS, LTR_RECOVERY_REQUEST, PRO_BASELINE, RC_OFF_MODE,
    SBufferInfo, SDecodingParam, SEncParamExt, SFrameBSInfo, SLTRMarkingFeedback,
    SLTRRecoverRequest, SM_SINGLE_SLICE, SSourcePicture, VIDEO_BITSTREAM_AVC, videoFormatI420,
};

use work::{Stripe, Work, works};

const WIDTH: usize = 1920;
const HEIGHT: usize = 144;
const QP: c_int = 26;
/// Pictures before the loss, pictures lost, and pictures after it.
const BEFORE: usize = 24;
const LOST: usize = 2;
const AFTER: usize = 4;
/// A long-term reference every so many pictures: the fewer, the older what is referred to.
const MARKED: u32 = 8;

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
    let coded = pieces.map(|rect| tile::encode(pixels, WIDTH * 4, rect).expect("small enough"));
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
        let mut encoder = Encoder::new(with_ltr);
        let (mut whole, mut viewer) = (Decoder::new(), Decoder::new());
        let (mut usual, mut recovery) = (Vec::new(), 0);
        let (mut came, mut seen, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (at, picture) in work.pictures.iter().enumerate() {
            let is_lost = (BEFORE..BEFORE + LOST).contains(&at);
            let first = at == BEFORE + LOST;
            if first && with_ltr {
                encoder.recover(&viewer);
            } else if first {
                encoder.force_key();
            }
            let (data, key) = encoder.encode(picture);
            if first {
                recovery = data.len();
                if with_ltr {
                    assert!(!key, "the encoder had no long-term reference to go by");
                    // The decoder of one who missed nothing goes the same way.
                }
            } else if at > 0 {
                usual.push(data.len());
            }
            last = whole.decode(&data);
            if !is_lost {
                seen = viewer.decode(&data);
                if with_ltr && at < BEFORE {
                    encoder.confirm(&viewer);
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
    let mut encoder = Encoder::new(false);
    encoder.encode(&Stripe(vec![16; WIDTH * HEIGHT])).0.len()
}

struct Encoder {
    raw: *mut ISVCEncoder,
    info: Box<SFrameBSInfo>,
    time: i64,
}

impl Encoder {
    fn new(with_ltr: bool) -> Self {
        let mut raw = null_mut();
        // SAFETY: as the library's header says: create, defaults, initialise, each with a valid place for what it writes.
        unsafe {
            assert_eq!(APILoader::new().WelsCreateSVCEncoder(&mut raw), 0);
            let calls = &**raw;
            let mut parameters = SEncParamExt::default();
            calls.GetDefaultParams.unwrap()(raw, &mut parameters);
            for_a_stripe(&mut parameters, with_ltr);
            assert_eq!(calls.InitializeExt.unwrap()(raw, &parameters), 0);
        }
        let mut encoder = Self {
            raw,
            info: Box::default(),
            time: 0,
        };
        encoder.set(ENCODER_OPTION_TRACE_LEVEL, &mut 0);
        encoder
    }

    fn set<T>(&mut self, option: ENCODER_OPTION, value: &mut T) {
        // SAFETY: the callers pass what `option` reads.
        unsafe {
            let value: *mut c_void = (&raw mut *value).cast();
            (**self.raw).SetOption.unwrap()(self.raw, option, value);
        }
    }

    fn force_key(&mut self) {
        // SAFETY: the encoder is initialised.
        unsafe {
            (**self.raw).ForceIntraFrame.unwrap()(self.raw, true);
        }
    }

    fn confirm(&mut self, viewer: &Decoder) {
        if viewer.get(DECODER_OPTION_LTR_MARKING_FLAG) == 0 {
            return;
        }
        let mut feedback = SLTRMarkingFeedback {
            uiFeedbackType: LTR_MARKING_SUCCESS as u32,
            uiIDRPicId: viewer.get(DECODER_OPTION_IDR_PIC_ID) as u32,
            iLTRFrameNum: viewer.get(DECODER_OPTION_LTR_MARKED_FRAME_NUM),
            iLayerId: 0,
        };
        self.set(ENCODER_LTR_MARKING_FEEDBACK, &mut feedback);
    }

    fn recover(&mut self, viewer: &Decoder) {
        let frame = viewer.get(DECODER_OPTION_FRAME_NUM);
        let mut request = SLTRRecoverRequest {
            uiFeedbackType: LTR_RECOVERY_REQUEST as u32,
            uiIDRPicId: viewer.get(DECODER_OPTION_IDR_PIC_ID) as u32,
            iLastCorrectFrameNum: frame,
            iCurrentFrameNum: frame + LOST as c_int,
            iLayerId: 0,
        };
        self.set(ENCODER_LTR_RECOVERY_REQUEST, &mut request);
    }

    fn encode(&mut self, stripe: &Stripe) -> (Vec<u8>, bool) {
        let luma: Vec<u8> = stripe
            .0
            .iter()
            .map(|grey| (16 + u32::from(*grey) * 219 / 255) as u8)
            .collect();
        let chroma = vec![128_u8; WIDTH * HEIGHT / 4];
        self.time += 16;
        let chroma_row = (WIDTH / 2) as c_int;
        let plane = chroma.as_ptr().cast_mut();
        let source = SSourcePicture {
            iColorFormat: videoFormatI420,
            iStride: [WIDTH as c_int, chroma_row, chroma_row, 0],
            pData: [luma.as_ptr().cast_mut(), plane, plane, null_mut()],
            iPicWidth: WIDTH as c_int,
            iPicHeight: HEIGHT as c_int,
            uiTimeStamp: self.time,
            ..SSourcePicture::default()
        };
        // SAFETY: the planes live across the call; afterwards each layer names its NAL units' lengths and bytes.
        let data = unsafe {
            assert_eq!(
                (**self.raw).EncodeFrame.unwrap()(self.raw, &source, &mut *self.info),
                0
            );
            let layers = &self.info.sLayerInfo[..self.info.iLayerNum as usize];
            let bytes = layers.iter().flat_map(|layer| {
                let lengths =
                    std::slice::from_raw_parts(layer.pNalLengthInByte, layer.iNalCount as usize);
                let total: c_int = lengths.iter().sum();
                std::slice::from_raw_parts(layer.pBsBuf, total as usize)
            });
            bytes.copied().collect::<Vec<u8>>()
        };
        // An IDR slice's NAL unit type is 5; parameter sets stand before it.
        let key = data
            .windows(4)
            .any(|four| four[..3] == [0, 0, 1] && four[3] & 31 == 5);
        (data, key)
    }
}

/// As the product's, but for the references.
fn for_a_stripe(parameters: &mut SEncParamExt, with_ltr: bool) {
    let (width, height) = (WIDTH as c_int, HEIGHT as c_int);
    parameters.iUsageType = CAMERA_VIDEO_REAL_TIME;
    parameters.iPicWidth = width;
    parameters.iPicHeight = height;
    parameters.iRCMode = RC_OFF_MODE;
    parameters.iTargetBitrate = 8_000_000;
    parameters.fMaxFrameRate = 60.0;
    parameters.iComplexityMode = LOW_COMPLEXITY;
    parameters.uiIntraPeriod = 0;
    parameters.eSpsPpsIdStrategy = CONSTANT_ID;
    parameters.bPrefixNalAddingCtrl = false;
    parameters.iEntropyCodingModeFlag = 0;
    parameters.bEnableFrameSkip = false;
    parameters.bEnableLongTermReference = with_ltr;
    parameters.iLTRRefNum = if with_ltr { 2 } else { 0 };
    parameters.iLtrMarkPeriod = MARKED;
    parameters.iMultipleThreadIdc = 1;
    parameters.iLoopFilterDisableIdc = 1;
    parameters.bEnableDenoise = false;
    parameters.bEnableBackgroundDetection = false;
    parameters.bEnableAdaptiveQuant = false;
    parameters.bEnableSceneChangeDetect = false;
    let layer = &mut parameters.sSpatialLayers[0];
    layer.iVideoWidth = width;
    layer.iVideoHeight = height;
    layer.fFrameRate = 60.0;
    layer.iSpatialBitrate = 8_000_000;
    layer.iDLayerQp = QP;
    layer.uiProfileIdc = PRO_BASELINE;
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made once, ended once.
        unsafe {
            (**self.raw).Uninitialize.unwrap()(self.raw);
            APILoader::new().WelsDestroySVCEncoder(self.raw);
        }
    }
}

struct Decoder {
    raw: *mut ISVCDecoder,
    last: Vec<u8>,
}

impl Decoder {
    fn new() -> Self {
        let mut raw = null_mut();
        // SAFETY: as the library's header says: create, then initialise with filled parameters.
        unsafe {
            assert_eq!(APILoader::new().WelsCreateDecoder(&mut raw), 0);
            let mut parameters = SDecodingParam::default();
            parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
            // Without concealment a decoder stays broken behind a gap, even when the next picture does not refer to it.
            parameters.eEcActiveIdc = ERROR_CON_SLICE_COPY;
            assert_eq!((**raw).Initialize.unwrap()(raw, &parameters), 0);
        }
        Self {
            raw,
            last: Vec::new(),
        }
    }

    fn get(&self, option: DECODER_OPTION) -> c_int {
        let mut value: c_int = 0;
        // SAFETY: these options write one int.
        unsafe {
            (**self.raw).GetOption.unwrap()(self.raw, option, (&raw mut value).cast());
        }
        value
    }

    /// The luma of the picture.
    fn decode(&mut self, data: &[u8]) -> Vec<u8> {
        let mut planes = [null_mut::<u8>(); 3];
        let mut info = SBufferInfo::default();
        // SAFETY: `data` lives across the call; with a picture ready the planes have the strides that `info` names.
        unsafe {
            (**self.raw).DecodeFrameNoDelay.unwrap()(
                self.raw,
                data.as_ptr(),
                data.len() as c_int,
                planes.as_mut_ptr(),
                &mut info,
            );
            if info.iBufferStatus == 1 {
                let stride = info.UsrData.sSystemBuffer.iStride[0] as usize;
                let rows = (0..HEIGHT)
                    .flat_map(|row| std::slice::from_raw_parts(planes[0].add(row * stride), WIDTH));
                self.last = rows.copied().collect();
            }
        }
        self.last.clone()
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made once, ended once.
        unsafe {
            (**self.raw).Uninitialize.unwrap()(self.raw);
            APILoader::new().WelsDestroyDecoder(self.raw);
        }
    }
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
