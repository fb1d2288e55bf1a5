//! What an encoder can be set up for, and how that is said to the library. Owns the product's choice (the defaults) and its reasons.

use std::ffi::c_int;
use std::num::NonZeroU32;

use openh264_sys2::{
    CAMERA_VIDEO_REAL_TIME, CM_BT709, CONSTANT_ID, CP_BT709, LOW_COMPLEXITY, PRO_BASELINE,
    RC_BITRATE_MODE, RC_OFF_MODE, SCREEN_CONTENT_REAL_TIME, SEncParamExt, SM_FIXEDSLCNUM_SLICE,
    SM_SINGLE_SLICE, TRC_BT709, VF_UNDEF,
};

use super::nal::MAX_NAL_UNITS;
use crate::geometry::Size;

/// The coarsest quantiser of H.264.
pub(crate) const MAX_QP: u8 = 51;
/// A key picture has two parameter sets beside its slices, and our decoders take so many NAL units.
pub const MAX_SLICES: u8 = MAX_NAL_UNITS as u8 - 2;
/// The first reference pictures of the product's streams, and what the library needs beside it for a long-term one.
const LONG_TERM_REFERENCES: c_int = 2;
const PICTURES_PER_SECOND: f32 = 60.0;
/// Not used without rate control, but checked by the library.
const UNUSED_BIT_RATE: c_int = 8_000_000;

/// How an encoder works from its first picture to its last. The default is what Mayday streams with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub content: Content,
    /// Parts of a picture that decode on their own, 1 to [`MAX_SLICES`]. Nothing is guessed across their edges.
    pub slices: u8,
    /// Softens the edges of blocks. What is drawn of a picture must then reach beyond what was damaged.
    pub deblocking: bool,
    /// Keeps every so-manieth picture, once a viewer has [confirmed](super::encoder::Encoder::confirm) it, to
    /// [recover](super::encoder::Encoder::recover) from a loss without a key picture.
    pub long_term: Option<NonZeroU32>,
}

/// What the library searches for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Motion by some pixels. For screens, too: [`Self::Screen`] costs three times as much for the same picture.
    #[default]
    Camera,
    /// Also what comes again elsewhere. Has no long-term references.
    Screen,
}

/// What decides how fine a picture is. Its kind stays; its value may change from picture to picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// 0 to 51, the same for the whole picture.
    Quantiser(u8),
    /// The library's own rate control, for 60 pictures a second, none left out.
    BitsPerSecond(u32),
}

impl Default for Options {
    /// The deblocking filter is off: what is drawn is then exactly the damaged macroblocks (with it, their neighbours change too),
    /// text is as sharp, coding costs 2-14 % and decoding up to half less, and video loses 0.3 dB.
    fn default() -> Self {
        Self {
            content: Content::Camera,
            slices: 1,
            deblocking: false,
            long_term: None,
        }
    }
}

impl Options {
    /// Baseline, so that no decoder waits for later pictures; and everything off that decides by itself what to send when.
    pub(super) fn fill(self, parameters: &mut SEncParamExt, size: Size, rate: Rate) {
        let (width, height) = (c_int::from(size.width), c_int::from(size.height));
        parameters.iUsageType = match self.content {
            Content::Camera => CAMERA_VIDEO_REAL_TIME,
            Content::Screen => SCREEN_CONTENT_REAL_TIME,
        };
        parameters.iPicWidth = width;
        parameters.iPicHeight = height;
        parameters.iRCMode = match rate {
            Rate::Quantiser(_) => RC_OFF_MODE,
            Rate::BitsPerSecond(_) => RC_BITRATE_MODE,
        };
        parameters.iTargetBitrate = rate.bits();
        parameters.fMaxFrameRate = PICTURES_PER_SECOND;
        parameters.iTemporalLayerNum = 1;
        parameters.iSpatialLayerNum = 1;
        parameters.iComplexityMode = LOW_COMPLEXITY;
        parameters.uiIntraPeriod = 0;
        parameters.eSpsPpsIdStrategy = CONSTANT_ID;
        parameters.bPrefixNalAddingCtrl = false;
        parameters.bEnableSSEI = false;
        parameters.iEntropyCodingModeFlag = 0;
        parameters.bEnableFrameSkip = false;
        parameters.iMultipleThreadIdc = 1;
        parameters.iLoopFilterDisableIdc = c_int::from(!self.deblocking);
        parameters.bEnableDenoise = false;
        parameters.bEnableBackgroundDetection = false;
        parameters.bEnableAdaptiveQuant = false;
        parameters.bEnableSceneChangeDetect = false;
        self.fill_references(parameters);
        self.fill_layer(parameters, (width, height), rate);
    }

    fn fill_references(self, parameters: &mut SEncParamExt) {
        parameters.bEnableLongTermReference = self.long_term.is_some();
        match self.long_term {
            Some(every) => {
                parameters.iLTRRefNum = LONG_TERM_REFERENCES;
                parameters.iLtrMarkPeriod = every.get();
                parameters.iNumRefFrame = 1 + LONG_TERM_REFERENCES;
            }
            None => parameters.iNumRefFrame = 1,
        }
    }

    fn fill_layer(
        self,
        parameters: &mut SEncParamExt,
        (width, height): (c_int, c_int),
        rate: Rate,
    ) {
        let layer = &mut parameters.sSpatialLayers[0];
        layer.iVideoWidth = width;
        layer.iVideoHeight = height;
        layer.fFrameRate = PICTURES_PER_SECOND;
        layer.iSpatialBitrate = rate.bits();
        if let Rate::Quantiser(qp) = rate {
            layer.iDLayerQp = c_int::from(qp.min(MAX_QP));
        }
        layer.uiProfileIdc = PRO_BASELINE;
        layer.sSliceArgument.uiSliceMode = match self.slices {
            1 => SM_SINGLE_SLICE,
            _ => SM_FIXEDSLCNUM_SLICE,
        };
        layer.sSliceArgument.uiSliceNum = self.slices.into();
        // Said aloud, as browsers guess BT.601 for pictures as low as a stripe.
        layer.bVideoSignalTypePresent = true;
        layer.uiVideoFormat = VF_UNDEF as u8;
        layer.bFullRange = false;
        layer.bColorDescriptionPresent = true;
        layer.uiColorPrimaries = CP_BT709 as u8;
        layer.uiTransferCharacteristics = TRC_BT709 as u8;
        layer.uiColorMatrix = CM_BT709 as u8;
    }

    /// Whether the library took them: some it changes without a word, such as many slices for a small picture.
    pub(super) fn are_in(self, taken: &SEncParamExt) -> bool {
        let slices = taken.sSpatialLayers[0].sSliceArgument.uiSliceNum;
        (1..=MAX_SLICES).contains(&self.slices)
            && slices == u32::from(self.slices)
            && (taken.iLoopFilterDisableIdc == 0) == self.deblocking
            && taken.bEnableLongTermReference == self.long_term.is_some()
    }
}

impl Rate {
    pub(super) fn bits(self) -> c_int {
        match self {
            Self::Quantiser(_) => UNUSED_BIT_RATE,
            Self::BitsPerSecond(bits) => c_int::try_from(bits.max(1)).unwrap_or(c_int::MAX),
        }
    }
}
