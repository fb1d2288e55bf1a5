//! Every bound on what a peer may send, in one place. All are checked before memory is taken.

/// A whole control message (MessagePack), bytes.
pub const CONTROL_BYTES: usize = 64 * 1024;
/// A whole packet on the ordered stream (clear header + payload), bytes.
pub const ORDERED_BYTES: usize = 16 * 1024;
/// Payload of a datagram with the room for a tag, bytes (the header comes on top).
pub const DATAGRAM_PAYLOAD_BYTES: usize = 1100;
/// Room kept at the end of every payload for an authentication tag, bytes.
pub const TAG_BYTES: usize = 16;
/// Payload of one update stream, bytes: a whole 4K screen of noise fits, nothing larger does.
pub const UPDATE_BYTES: usize = 32 * 1024 * 1024;
/// A chunk of an update on WebSocket, bytes, so that urgent messages get between.
pub const CHUNK_BYTES: usize = 16 * 1024;
/// Screen side, pixels.
pub const SCREEN_SIDE: u16 = 16_384;
/// Stripes in one layout.
pub const STRIPES: usize = 64;
/// Rectangles to draw from one stripe.
pub const RECTS_PER_STRIPE: usize = 64;
/// Copies in one update.
pub const COPIES: usize = 64;
/// Tiles in one update.
pub const TILES: usize = 4096;
/// Pixels in one tile.
pub const TILE_PIXELS: usize = 1 << 17;
/// Pixels in all tiles of one update: half of a 4K screen.
pub const UPDATE_TILE_PIXELS: usize = 1 << 22;
/// Updates that one update must follow.
pub const FOLLOWS: usize = 32;
/// Input events in one packet.
pub const INPUT_EVENTS: usize = 64;
/// Cursor side, pixels.
pub const CURSOR_SIDE: u16 = 256;
/// A name shown to a person (technician, organisation, host), characters.
pub const NAME_CHARS: usize = 64;
/// A free text (note, description), characters.
pub const TEXT_CHARS: usize = 2000;
/// The words of a rating and a channel's question for one, characters.
pub const RATING_CHARS: usize = 500;
/// Entries in a list inside a control message (addresses, displays).
pub const LIST: usize = 16;
