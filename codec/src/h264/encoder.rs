//! A safe face on one OpenH264 encoder, set up for screens. Owns the C object; knows no stripes and no damage.

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use openh264_sys2::source::APILoader;
use openh264_sys2::{
    API, CAMERA_VIDEO_REAL_TIME, CM_BT709, CONSTANT_ID, CP_BT709, ENCODER_OPTION,
    ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, ENCODER_OPTION_TRACE_LEVEL, ISVCEncoder, ISVCEncoderVtbl,
    LOW_COMPLEXITY, PRO_BASELINE, RC_OFF_MODE, SEncParamExt, SFrameBSInfo, SM_SINGLE_SLICE,
    SSourcePicture, TRC_BT709, VF_UNDEF, videoFormatI420, videoFrameTypeIDR,
};

use crate::colour::Planes;
use crate::geometry::Size;

/// The coarsest quantiser of H.264.
pub(crate) const MAX_QP: u8 = 51;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the H.264 encoder failed in {call} with code {code}")]
pub struct EncoderFault {
    call: &'static str,
    code: c_int,
}

pub(crate) struct Encoder {
    raw: *mut ISVCEncoder,
    calls: &'static ISVCEncoderVtbl,
    parameters: SEncParamExt,
    /// Boxed, as it is 7 kB and an encoder is moved between threads.
    info: Box<SFrameBSInfo>,
    timestamp: i64,
}

// SAFETY: the C object has no thread affinity (one thread, no globals that change), and `&mut self` allows one caller at a time.
unsafe impl Send for Encoder {}

impl Encoder {
    /// `size` is made of whole macroblocks.
    pub(crate) fn new(size: Size, qp: u8) -> Result<Self, EncoderFault> {
        let mut raw: *mut ISVCEncoder = null_mut();
        // SAFETY: `raw` is a valid place for the pointer that the call writes.
        let code = unsafe { APILoader::new().WelsCreateSVCEncoder(&mut raw) };
        if code != 0 || raw.is_null() {
            return Err(EncoderFault {
                call: "WelsCreateSVCEncoder",
                code,
            });
        }
        // SAFETY: a created encoder points to its table of functions, which is static data of the library.
        let calls: &'static ISVCEncoderVtbl = unsafe { &**raw };
        let mut encoder = Self {
            raw,
            calls,
            parameters: SEncParamExt::default(),
            info: Box::default(),
            timestamp: 0,
        };
        encoder.initialise(size, qp)?;
        Ok(encoder)
    }

    fn initialise(&mut self, size: Size, qp: u8) -> Result<(), EncoderFault> {
        let mut silent: c_int = 0;
        self.set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut silent).cast())?;
        let defaults = self.calls.GetDefaultParams.expect("part of the library");
        // SAFETY: `self.raw` is alive, `parameters` a valid place.
        check("GetDefaultParams", unsafe {
            defaults(self.raw, &mut self.parameters)
        })?;
        for_screens(&mut self.parameters, size, qp);
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
        self.set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut silent).cast())
    }

    fn set_option(
        &mut self,
        option: ENCODER_OPTION,
        value: *mut c_void,
    ) -> Result<(), EncoderFault> {
        let set = self.calls.SetOption.expect("part of the library");
        // SAFETY: the callers below pass a pointer to the type that `option` reads.
        check("SetOption", unsafe { set(self.raw, option, value) })
    }

    /// Sets the quantiser of the pictures to come; costs nothing if it stays.
    pub(crate) fn set_qp(&mut self, qp: u8) -> Result<(), EncoderFault> {
        let qp = c_int::from(qp.min(MAX_QP));
        if self.parameters.sSpatialLayers[0].iDLayerQp == qp {
            return Ok(());
        }
        self.parameters.sSpatialLayers[0].iDLayerQp = qp;
        let mut parameters = self.parameters;
        self.set_option(
            ENCODER_OPTION_SVC_ENCODE_PARAM_EXT,
            (&raw mut parameters).cast(),
        )
    }

    /// Makes the next picture an IDR picture.
    pub(crate) fn force_key(&mut self) -> Result<(), EncoderFault> {
        let force = self.calls.ForceIntraFrame.expect("part of the library");
        // SAFETY: `self.raw` is alive and initialised.
        check("ForceIntraFrame", unsafe { force(self.raw, true) })
    }

    /// Codes one picture in Annex B form; `true` if it is an IDR picture, which then carries its parameter sets.
    pub(crate) fn encode(&mut self, picture: &Planes) -> Result<(Vec<u8>, bool), EncoderFault> {
        self.timestamp += 16;
        let source = source_picture(picture, self.timestamp);
        let encode = self.calls.EncodeFrame.expect("part of the library");
        // SAFETY: `source` points into `picture`, which lives across the call and is only read by it (the library's
        // pointers are not const, but it copies the input first); its planes have the size given at initialisation.
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

/// Camera mode, as screen mode costs three times as much for the same picture; Baseline, so that no decoder waits for later
/// pictures; and everything off that decides by itself what to send when.
///
/// The deblocking filter is off: what is drawn is then exactly the damaged macroblocks (with it, their neighbours change too),
/// text is as sharp, coding costs 2-14 % and decoding up to half less, and video loses 0.3 dB.
fn for_screens(parameters: &mut SEncParamExt, size: Size, qp: u8) {
    let (width, height) = (c_int::from(size.width), c_int::from(size.height));
    parameters.iUsageType = CAMERA_VIDEO_REAL_TIME;
    parameters.iPicWidth = width;
    parameters.iPicHeight = height;
    parameters.iRCMode = RC_OFF_MODE;
    parameters.iTargetBitrate = 8_000_000; // not used without rate control, but checked
    parameters.fMaxFrameRate = 60.0;
    parameters.iTemporalLayerNum = 1;
    parameters.iSpatialLayerNum = 1;
    parameters.iComplexityMode = LOW_COMPLEXITY;
    parameters.uiIntraPeriod = 0;
    parameters.iNumRefFrame = 1;
    parameters.eSpsPpsIdStrategy = CONSTANT_ID;
    parameters.bPrefixNalAddingCtrl = false;
    parameters.bEnableSSEI = false;
    parameters.iEntropyCodingModeFlag = 0;
    parameters.bEnableFrameSkip = false;
    parameters.bEnableLongTermReference = false;
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
    layer.iDLayerQp = c_int::from(qp.min(MAX_QP));
    layer.uiProfileIdc = PRO_BASELINE;
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    // Said aloud, as browsers guess BT.601 for pictures as low as a stripe.
    layer.bVideoSignalTypePresent = true;
    layer.uiVideoFormat = VF_UNDEF as u8;
    layer.bFullRange = false;
    layer.bColorDescriptionPresent = true;
    layer.uiColorPrimaries = CP_BT709 as u8;
    layer.uiTransferCharacteristics = TRC_BT709 as u8;
    layer.uiColorMatrix = CM_BT709 as u8;
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
        code => Err(EncoderFault { call, code }),
    }
}
