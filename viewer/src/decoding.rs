//! Where pictures are decoded: here, or in a caged process. Owns the choice; both give the same pixels on the same canvas.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mayday_codec::{Canvas, DecodeError, Layout, Part, ScreenDecoder, Shown};

use crate::sandbox;

/// A caged decoder that outlives the layouts.
pub(crate) type Cage = Arc<Mutex<sandbox::Decoder>>;

pub(crate) enum Decoding {
    Here(ScreenDecoder),
    Apart {
        cage: Cage,
        layout: Layout,
        canvas: Canvas,
    },
}

impl Decoding {
    /// A black canvas; every stripe begins with a key picture.
    pub(crate) fn new(layout: Layout, cage: Option<Cage>) -> Self {
        let Some(cage) = cage else {
            return Self::Here(ScreenDecoder::new(layout));
        };
        let mut decoder = cage.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = decoder.begin(layout) {
            // What comes is refused until there is a child again, and then asked for.
            tracing::warn!(%error, "the decoder's process did not take the new layout");
        }
        drop(decoder);
        Self::Apart {
            cage,
            layout,
            canvas: Canvas::new(layout.size()),
        }
    }

    pub(crate) fn canvas(&self) -> &Canvas {
        match self {
            Self::Here(decoder) => decoder.canvas(),
            Self::Apart { canvas, .. } => canvas,
        }
    }

    pub(crate) fn canvas_mut(&mut self) -> &mut Canvas {
        match self {
            Self::Here(decoder) => decoder.canvas_mut(),
            Self::Apart { canvas, .. } => canvas,
        }
    }

    /// Black, and every stripe begins anew.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Here(decoder) => decoder.clear(),
            Self::Apart { cage, canvas, .. } => {
                cage.lock().unwrap_or_else(PoisonError::into_inner).clear();
                canvas.clear();
            }
        }
    }

    /// Decodes and draws the parts of one update.
    pub(crate) fn show(&mut self, parts: &[Part<'_>]) -> Shown {
        match self {
            Self::Here(decoder) => decoder.show(parts),
            Self::Apart {
                cage,
                layout,
                canvas,
            } => {
                if parts.iter().all(|part| part.data.is_empty()) {
                    return Shown::default();
                }
                let mut decoder = cage.lock().unwrap_or_else(PoisonError::into_inner);
                shown_apart(decoder.show(parts, canvas), *layout, parts)
            }
        }
    }
}

fn shown_apart(
    answer: Result<sandbox::Answer, sandbox::SandboxError>,
    layout: Layout,
    parts: &[Part<'_>],
) -> Shown {
    let needs_key = |index| (index, DecodeError::NeedsKey);
    match answer {
        Ok(answer) => Shown {
            decode: Duration::from_micros(answer.decode_us.into()),
            draw: Duration::from_micros(answer.draw_us.into()),
            failed: parts
                .iter()
                .map(|part| part.index)
                .filter(|index| answer.failed & 1 << (index & 63) != 0)
                .map(needs_key)
                .collect(),
        },
        // Whatever decoder comes next knows nothing of any stripe.
        Err(error) => {
            tracing::warn!(%error, "an update was not decoded");
            let all = 0..layout.stripes() as u8;
            Shown {
                failed: all.map(needs_key).collect(),
                ..Shown::default()
            }
        }
    }
}
