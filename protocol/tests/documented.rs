//! docs/protocol.md repeats the limits for whoever writes a client. Owns that comparison.

use mayday_protocol::limits::{
    CHUNK_BYTES, CONTROL_BYTES, COPIES, CURSOR_SIDE, DATAGRAM_PAYLOAD_BYTES, FOLLOWS, INPUT_EVENTS,
    LIST, NAME_CHARS, ORDERED_BYTES, RECTS_PER_STRIPE, SCREEN_SIDE, STRIPES, TEXT_CHARS,
    TILE_PIXELS, TILES, UPDATE_BYTES, UPDATE_TILE_PIXELS,
};

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

#[test]
fn the_documented_limits_are_those_of_the_code() {
    assert!(
        [RECTS_PER_STRIPE, COPIES, INPUT_EVENTS] == [STRIPES; 3],
        "they share a row"
    );
    let rows = [
        format!("control message | {} KiB |", CONTROL_BYTES >> 10),
        format!(
            "packet on the ordered stream | {} KiB |",
            ORDERED_BYTES >> 10
        ),
        format!("payload of a datagram, tag included | {DATAGRAM_PAYLOAD_BYTES} bytes |"),
        format!("payload of an update | {} MiB |", UPDATE_BYTES >> 20),
        format!("piece on WebSocket | {} KiB |", CHUNK_BYTES >> 10),
        format!("screen side | {SCREEN_SIDE} pixels |"),
        format!("stripes, rectangles per stripe, copies, events per packet | {STRIPES} |"),
        format!(
            "tiles | {TILES}; pixels in one {}, in all of an update {} |",
            thousands(TILE_PIXELS),
            thousands(UPDATE_TILE_PIXELS)
        ),
        format!("updates that one follows | {FOLLOWS} |"),
        format!("cursor side | {CURSOR_SIDE} pixels |"),
        format!("text | {TEXT_CHARS} characters; names {NAME_CHARS} |"),
        format!("lists in a control message (addresses, displays) | {LIST} |"),
    ];
    for row in rows {
        assert!(DOCUMENT.contains(&format!("| {row}\n")), "{row}");
    }
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(groups.join(&b',')).expect("digits")
}
