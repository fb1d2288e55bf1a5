//! A safe face on one OpenH264 decoder for one stripe. Owns the C object and the rule that nothing unchecked reaches it.

use std::ffi::{c_int, c_long};
use std::ptr::null_mut;

use openh264_sys2::source::APILoader;
use openh264_sys2::{
    API, DECODER_OPTION, DECODER_OPTION_FRAME_NUM, DECODER_OPTION_IDR_PIC_ID,
    DECODER_OPTION_LTR_MARKED_FRAME_NUM, DECODER_OPTION_LTR_MARKING_FLAG,
    DECODER_OPTION_TRACE_LEVEL, ERROR_CON_DISABLE, ERROR_CON_IDC, ERROR_CON_SLICE_COPY,
    ISVCDecoder, ISVCDecoderVtbl, SBufferInfo, SDecodingParam, VIDEO_BITSTREAM_AVC,
};

use super::nal::{self, Refused};
use crate::geometry::Size;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the H.264 decoder could not be made (code {0})")]
    Create(c_long),
    #[error("the stripe's data was refused: {0}")]
    Refused(#[from] Refused),
    #[error("decoding can only begin with a key picture")]
    NeedsKey,
    #[error("the stripe's data is damaged (decoder state {0:#x}); ask for a key picture")]
    Damaged(c_int),
}

/// Decodes one stripe's pictures in order. After an error it waits for the next key picture.
pub struct StripeDecoder {
    raw: *mut ISVCDecoder,
    calls: &'static ISVCDecoderVtbl,
    expected: Size,
    needs_key: bool,
}

// SAFETY: the C object has no thread affinity (it decodes without threads of its own), and `&mut self` allows one caller at a time.
unsafe impl Send for StripeDecoder {}

/// Which pictures a decoder has: what an encoder with long-term references wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct References {
    /// The last key picture.
    pub(super) key: u32,
    /// The last picture.
    pub(super) picture: c_int,
    /// The last picture, if it said that it is to be kept.
    pub(super) marked: Option<c_int>,
}

/// A decoded picture, borrowed from the decoder.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub size: Size,
    pub y: &'a [u8],
    pub u: &'a [u8],
    pub v: &'a [u8],
    /// Bytes from one row to the next.
    pub luma_stride: usize,
    pub chroma_stride: usize,
}

impl StripeDecoder {
    /// For a stripe whose coded picture is `expected` ([`crate::Layout::coded`]): anything else is refused.
    ///
    /// # Errors
    /// When the library cannot make a decoder.
    pub fn new(expected: Size) -> Result<Self, DecodeError> {
        // A guess would be drawn as if it were the screen.
        Self::with(expected, ERROR_CON_DISABLE)
    }

    /// As [`Self::new`], but goes on behind a gap: with what it has instead of what it missed. A stream that
    /// [recovers](super::encoder::Encoder::recover) by a long-term reference is whole again from that picture on; OpenH264 takes such a
    /// picture only so.
    ///
    /// # Errors
    /// When the library cannot make a decoder.
    pub fn across_gaps(expected: Size) -> Result<Self, DecodeError> {
        Self::with(expected, ERROR_CON_SLICE_COPY)
    }

    fn with(expected: Size, concealment: ERROR_CON_IDC) -> Result<Self, DecodeError> {
        let mut raw: *mut ISVCDecoder = null_mut();
        // SAFETY: `raw` is a valid place for the pointer that the call writes.
        let code = unsafe { APILoader::new().WelsCreateDecoder(&mut raw) };
        if code != 0 || raw.is_null() {
            return Err(DecodeError::Create(code));
        }
        // SAFETY: a created decoder points to its table of functions, which is static data of the library.
        let calls: &'static ISVCDecoderVtbl = unsafe { &**raw };
        let decoder = Self {
            raw,
            calls,
            expected,
            needs_key: true,
        };
        decoder.initialise(concealment)?;
        Ok(decoder)
    }

    fn initialise(&self, concealment: ERROR_CON_IDC) -> Result<(), DecodeError> {
        let mut silent: c_int = 0;
        let mut parameters = SDecodingParam::default();
        parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
        parameters.eEcActiveIdc = concealment;
        let set = self.calls.SetOption.expect("part of the library");
        let initialise = self.calls.Initialize.expect("part of the library");
        // SAFETY: `self.raw` is alive; the option reads one int; `parameters` lives across the call.
        let code = unsafe {
            set(
                self.raw,
                DECODER_OPTION_TRACE_LEVEL,
                (&raw mut silent).cast(),
            );
            let code = initialise(self.raw, &parameters);
            set(
                self.raw,
                DECODER_OPTION_TRACE_LEVEL,
                (&raw mut silent).cast(),
            );
            code
        };
        match code {
            0 => Ok(()),
            code => Err(DecodeError::Create(code)),
        }
    }

    /// Whether nothing but a key picture can be decoded next.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        self.needs_key
    }

    /// Where this decoder stands, in the numbers of the stream.
    #[must_use]
    pub fn references(&self) -> References {
        let is_marked = self.number(DECODER_OPTION_LTR_MARKING_FLAG) != 0;
        References {
            key: self.number(DECODER_OPTION_IDR_PIC_ID) as u32,
            picture: self.number(DECODER_OPTION_FRAME_NUM),
            marked: is_marked.then(|| self.number(DECODER_OPTION_LTR_MARKED_FRAME_NUM)),
        }
    }

    fn number(&self, option: DECODER_OPTION) -> c_int {
        let mut value: c_int = 0;
        let get = self.calls.GetOption.expect("part of the library");
        // SAFETY: `self.raw` is alive and initialised; the options above write one int. One that is refused leaves the zero.
        unsafe { get(self.raw, option, (&raw mut value).cast()) };
        value
    }

    /// Decodes one access unit in Annex B form.
    ///
    /// # Errors
    /// When the data is refused or damaged; a key picture is then needed.
    pub fn decode(&mut self, data: &[u8]) -> Result<Picture<'_>, DecodeError> {
        let checked = nal::check(data, self.expected).inspect_err(|_| self.needs_key = true)?;
        if self.needs_key && !checked.key {
            return Err(DecodeError::NeedsKey);
        }
        self.needs_key = true; // until it turned out well
        let mut planes = [null_mut::<u8>(); 3];
        let mut info = SBufferInfo::default();
        let decode = self.calls.DecodeFrameNoDelay.expect("part of the library");
        // SAFETY: `data` is readable for its length, which fits c_int (checked); the other pointers are valid places.
        let state = unsafe {
            decode(
                self.raw,
                data.as_ptr(),
                data.len() as c_int,
                planes.as_mut_ptr(),
                &mut info,
            )
        };
        if state != 0 || info.iBufferStatus != 1 {
            return Err(DecodeError::Damaged(state));
        }
        // SAFETY: with status 1 the union holds the system buffer's description.
        let buffer = unsafe { info.UsrData.sSystemBuffer };
        let (width, height) = (self.expected.width, self.expected.height);
        let [luma_stride, chroma_stride] = buffer.iStride.map(|stride| stride.max(0) as usize);
        let as_expected = buffer.iWidth == c_int::from(width)
            && buffer.iHeight == c_int::from(height)
            && luma_stride >= usize::from(width)
            && chroma_stride >= usize::from(width) / 2
            && planes.iter().all(|plane| !plane.is_null());
        if !as_expected {
            return Err(DecodeError::Damaged(state));
        }
        self.needs_key = false;
        let rows = usize::from(height);
        let luma = luma_stride * (rows - 1) + usize::from(width);
        let chroma = chroma_stride * (rows / 2 - 1) + usize::from(width) / 2;
        // SAFETY: the library's planes have these rows and strides and stay as they are until the next call to this decoder,
        // which needs `&mut self` and so ends the borrow.
        let plane = |at: usize, length| unsafe { std::slice::from_raw_parts(planes[at], length) };
        Ok(Picture {
            size: self.expected,
            y: plane(0, luma),
            u: plane(1, chroma),
            v: plane(2, chroma),
            luma_stride,
            chroma_stride,
        })
    }
}

impl Drop for StripeDecoder {
    fn drop(&mut self) {
        // SAFETY: `self.raw` was created by WelsCreateDecoder and is destroyed once.
        unsafe {
            if let Some(uninitialise) = self.calls.Uninitialize {
                uninitialise(self.raw);
            }
            APILoader::new().WelsDestroyDecoder(self.raw);
        }
    }
}
