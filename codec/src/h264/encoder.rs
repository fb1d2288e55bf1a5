//! A safe face on one OpenH264 encoder, set up for screens. Owns the C object; knows no stripes and no damage.

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use openh264_sys2::source::APILoader;
use openh264_sys2::{
    API, ENCODER_LTR_MARKING_FEEDBACK, ENCODER_LTR_RECOVERY_REQUEST, ENCODER_OPTION,
    ENCODER_OPTION_BITRATE, ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, ENCODER_OPTION_TRACE_LEVEL,
    ISVCEncoder, ISVCEncoderVtbl, LTR_MARKING_SUCCESS, LTR_RECOVERY_REQUEST, SBitrateInfo,
    SEncParamExt, SFrameBSInfo, SLTRMarkingFeedback, SLTRRecoverRequest, SPATIAL_LAYER_ALL,
    SSourcePicture, videoFormatI420, videoFrameTypeIDR,
};

use super::decoder::References;
use super::options::{MAX_QP, Options, Rate};
use crate::colour::Planes;
use crate::geometry::Size;

/// The numbers of pictures begin anew after so many (OpenH264 writes 15 bits of them).
const PICTURE_NUMBERS: c_int = 1 << 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncoderFault {
    #[error("the H.264 encoder failed in {call} with code {code}")]
    Call { call: &'static str, code: c_int },
    #[error("the H.264 encoder cannot do {0:?} for a picture of this size")]
    Options(Options),
    #[error(
        "a picture of {got:?} for an H.264 encoder of {expected:?}, which is whole macroblocks"
    )]
    Size { got: Size, expected: Size },
    #[error("whether a quantiser or a bit rate decides is chosen when the H.264 encoder is made")]
    Rate,
}

/// Codes pictures of one size. One per stripe in the product; a whole screen's is possible.
pub struct Encoder {
    raw: *mut ISVCEncoder,
    calls: &'static ISVCEncoderVtbl,
    size: Size,
    rate: Rate,
    parameters: SEncParamExt,
    /// Boxed, as it is 7 kB and an encoder is moved between threads.
    info: Box<SFrameBSInfo>,
    timestamp: i64,
}

// SAFETY: the C object has no thread affinity (one thread, no globals that change), and `&mut self` allows one caller at a time.
unsafe impl Send for Encoder {}

impl Encoder {
    /// `size` is made of whole macroblocks.
    ///
    /// # Errors
    /// When it is not, or the library cannot do this, or makes something else of these options.
    pub fn new(size: Size, rate: Rate, options: Options) -> Result<Self, EncoderFault> {
        if size.area() == 0 || size != size.align16() {
            let expected = size.align16();
            return Err(EncoderFault::Size {
                got: size,
                expected,
            });
        }
        let mut raw: *mut ISVCEncoder = null_mut();
        // SAFETY: `raw` is a valid place for the pointer that the call writes.
        let code = unsafe { APILoader::new().WelsCreateSVCEncoder(&mut raw) };
        if code != 0 || raw.is_null() {
            let call = "WelsCreateSVCEncoder";
            return Err(EncoderFault::Call { call, code });
        }
        // SAFETY: a created encoder points to its table of functions, which is static data of the library.
        let calls: &'static ISVCEncoderVtbl = unsafe { &**raw };
        let mut encoder = Self {
            raw,
            calls,
            size,
            rate,
            parameters: SEncParamExt::default(),
            info: Box::default(),
            timestamp: 0,
        };
        encoder.initialise(options)?;
        Ok(encoder)
    }

    fn initialise(&mut self, options: Options) -> Result<(), EncoderFault> {
        let mut silent: c_int = 0;
        self.set_option(ENCODER_OPTION_TRACE_LEVEL, &mut silent)?;
        let defaults = self.calls.GetDefaultParams.expect("part of the library");
        // SAFETY: `self.raw` is alive, `parameters` a valid place.
        check("GetDefaultParams", unsafe {
            defaults(self.raw, &mut self.parameters)
        })?;
        options.fill(&mut self.parameters, self.size, self.rate);
        let initialise = self.calls.InitializeExt.expect("part of the library");
        // SAFETY: `self.raw` is alive and not yet initialised, `parameters` is filled.
        check("InitializeExt", unsafe {
            initialise(self.raw, &self.parameters)
        })?;
        // What the library made of it (level, reference frames), so that a later change of the quantiser changes nothing else.
        let get = self.calls.GetOption.expect("part of the library");
        // SAFETY: this option writes one SEncParamExt.
        check("GetOption", unsafe {
            get(
                self.raw,
                ENCODER_OPTION_SVC_ENCODE_PARAM_EXT,
                (&raw mut self.parameters).cast(),
            )
        })?;
        self.set_option(ENCODER_OPTION_TRACE_LEVEL, &mut silent)?;
        match options.are_in(&self.parameters) {
            true => Ok(()),
            false => Err(EncoderFault::Options(options)),
        }
    }

    fn set_option<T>(&mut self, option: ENCODER_OPTION, value: &mut T) -> Result<(), EncoderFault> {
        let set = self.calls.SetOption.expect("part of the library");
        let value: *mut c_void = (&raw mut *value).cast();
        // SAFETY: the callers below pass the type that `option` reads, and it is only read, during the call.
        check("SetOption", unsafe { set(self.raw, option, value) })
    }

    /// How fine the pictures to come are; costs nothing if it stays.
    ///
    /// # Errors
    /// When it is another kind than at first, or the library fails.
    pub fn set_rate(&mut self, rate: Rate) -> Result<(), EncoderFault> {
        if rate == self.rate {
            return Ok(());
        }
        match (self.rate, rate) {
            (Rate::Quantiser(_), Rate::Quantiser(qp)) => self.set_qp(qp.min(MAX_QP))?,
            (Rate::BitsPerSecond(_), Rate::BitsPerSecond(_)) => self.set_bit_rate(rate)?,
            _ => return Err(EncoderFault::Rate),
        }
        self.rate = rate;
        Ok(())
    }

    fn set_qp(&mut self, qp: u8) -> Result<(), EncoderFault> {
        self.parameters.sSpatialLayers[0].iDLayerQp = c_int::from(qp);
        let mut parameters = self.parameters;
        self.set_option(ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, &mut parameters)
    }

    fn set_bit_rate(&mut self, rate: Rate) -> Result<(), EncoderFault> {
        let mut wanted = SBitrateInfo {
            iLayer: SPATIAL_LAYER_ALL,
            iBitrate: rate.bits(),
        };
        self.set_option(ENCODER_OPTION_BITRATE, &mut wanted)
    }

    /// Makes the next picture an IDR picture.
    ///
    /// # Errors
    /// When the library fails.
    pub fn force_key(&mut self) -> Result<(), EncoderFault> {
        let force = self.calls.ForceIntraFrame.expect("part of the library");
        // SAFETY: `self.raw` is alive and initialised.
        check("ForceIntraFrame", unsafe { force(self.raw, true) })
    }

    /// What a viewer's decoder says after each picture; if that was marked as a long-term reference, later ones may refer to it.
    ///
    /// # Errors
    /// When the library fails.
    pub fn confirm(&mut self, viewer: &References) -> Result<(), EncoderFault> {
        let Some(marked) = viewer.marked else {
            return Ok(());
        };
        let mut feedback = SLTRMarkingFeedback {
            uiFeedbackType: LTR_MARKING_SUCCESS as u32,
            uiIDRPicId: viewer.key,
            iLTRFrameNum: marked,
            iLayerId: 0,
        };
        self.set_option(ENCODER_LTR_MARKING_FEEDBACK, &mut feedback)
    }

    /// Makes the next picture refer to a confirmed long-term reference, for a viewer who stands there and missed so many pictures since;
    /// a key picture if there is none.
    ///
    /// # Errors
    /// When the library fails.
    pub fn recover(&mut self, viewer: &References, missed: u16) -> Result<(), EncoderFault> {
        let mut request = SLTRRecoverRequest {
            uiFeedbackType: LTR_RECOVERY_REQUEST as u32,
            uiIDRPicId: viewer.key,
            iLastCorrectFrameNum: viewer.picture,
            iCurrentFrameNum: (viewer.picture + c_int::from(missed)) % PICTURE_NUMBERS,
            iLayerId: 0,
        };
        self.set_option(ENCODER_LTR_RECOVERY_REQUEST, &mut request)
    }

    /// Codes one picture in Annex B form; `true` if it is an IDR picture, which then carries its parameter sets.
    ///
    /// # Errors
    /// When it has another size, or the library fails.
    pub fn encode(&mut self, picture: &Planes) -> Result<(Vec<u8>, bool), EncoderFault> {
        if picture.size() != self.size {
            return Err(EncoderFault::Size {
                got: picture.size(),
                expected: self.size,
            });
        }
        self.timestamp += 16;
        let source = source_picture(picture, self.timestamp);
        let encode = self.calls.EncodeFrame.expect("part of the library");
        // SAFETY: `source` points into `picture`, which lives across the call and is only read by it (the library's
        // pointers are not const, but it copies the input first); its planes have the size given at initialisation (checked above).
        check("EncodeFrame", unsafe {
            encode(self.raw, &source, &mut *self.info)
        })?;
        Ok((self.coded(), self.info.eFrameType == videoFrameTypeIDR))
    }

    /// Copies the coded picture out of the library's buffer.
    fn coded(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.info.iFrameSizeInBytes.max(0) as usize);
        for layer in &self.info.sLayerInfo[..self.info.iLayerNum.max(0) as usize] {
            // SAFETY: after a successful call each layer names `iNalCount` lengths and their sum of bytes,
            // valid until the next call to this encoder.
            let bytes = unsafe {
                let lengths =
                    std::slice::from_raw_parts(layer.pNalLengthInByte, layer.iNalCount as usize);
                let total: c_int = lengths.iter().sum();
                std::slice::from_raw_parts(layer.pBsBuf, total as usize)
            };
            out.extend_from_slice(bytes);
        }
        out
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: `self.raw` was created by WelsCreateSVCEncoder and is destroyed once; uninitialising twice or too early is allowed.
        unsafe {
            if let Some(uninitialise) = self.calls.Uninitialize {
                uninitialise(self.raw);
            }
            APILoader::new().WelsDestroySVCEncoder(self.raw);
        }
    }
}

fn source_picture(picture: &Planes, timestamp: i64) -> SSourcePicture {
    let chroma = picture.chroma_stride() as c_int;
    SSourcePicture {
        iColorFormat: videoFormatI420,
        iStride: [picture.luma_stride() as c_int, chroma, chroma, 0],
        pData: [
            picture.y.as_ptr().cast_mut(),
            picture.u.as_ptr().cast_mut(),
            picture.v.as_ptr().cast_mut(),
            null_mut(),
        ],
        iPicWidth: picture.size().width.into(),
        iPicHeight: picture.size().height.into(),
        uiTimeStamp: timestamp,
        bPsnrY: false,
        bPsnrU: false,
        bPsnrV: false,
    }
}

fn check(call: &'static str, code: c_int) -> Result<(), EncoderFault> {
    match code {
        0 => Ok(()),
        code => Err(EncoderFault::Call { call, code }),
    }
}
