//! Colours and measures of the window. Dark in any case: it frames a picture.

use super::sheet::Colour;

pub const GROUND: Colour = 0x12_15_19;
pub const BAR: Colour = 0x1d_22_29;
pub const EDGE: Colour = 0x36_3d_47;
pub const CARD: Colour = 0x23_28_33;
pub const HOT: Colour = 0x33_3b_46;
pub const ON: Colour = 0x1f_4d_8f;
pub const ACCENT: Colour = 0x2f_6f_d0;
pub const FOCUS: Colour = 0x8a_b8_ff;
pub const TEXT: Colour = 0xf0_f3_f6;
pub const QUIET: Colour = 0xa9_b4_c0;
/// How much the last picture is darkened behind words.
pub const DIM: u8 = 150;

/// Sizes in pixels at the window's scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    scale: f64,
}

impl Measure {
    #[must_use]
    pub fn new(scale: f64) -> Self {
        Self {
            scale: scale.clamp(0.5, 8.0),
        }
    }

    /// A length given at scale 1.
    #[must_use]
    pub fn px(self, length: i32) -> i32 {
        (f64::from(length) * self.scale).round() as i32
    }

    /// A letter size given at scale 1.
    #[must_use]
    pub fn letters(self, size: u16) -> u16 {
        (f64::from(size) * self.scale).round() as u16
    }

    #[must_use]
    pub fn bar(self) -> i32 {
        self.px(40)
    }
}
