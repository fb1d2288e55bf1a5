//! H.264 by OpenH264: one encoder and one decoder per stripe, behind safe faces. All of the crate's contact with the C library is here.

pub mod decoder;
pub mod encoder;
pub mod nal;
pub mod options;
