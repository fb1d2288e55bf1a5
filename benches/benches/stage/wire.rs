//! An update's way into the bytes of its packet and out again, as agent and viewer do it. Owns no time and no picture.

use bytes::Bytes;
use mayday_codec::tile::Coding;
use mayday_codec::{Encoded, Move, Rect};
use mayday_protocol::update::{
    self, Copy, PictureKind, QUICK, SMALL, StageTimes, Stripe, Tile, Update,
};
use mayday_protocol::{Audience, Class, ClearHeader, Epoch, Packet, Sequence, SessionId};

use super::QP;

/// Copies, coded stripes and coded tiles as one packet.
pub fn pack(
    copies: &[Move],
    encoded: Encoded,
    tiles: Vec<(Vec<u8>, Rect)>,
    coding: Coding,
) -> Bytes {
    let format = match coding {
        Coding::Small => SMALL,
        Coding::Quick => QUICK,
    };
    let copies = copies.iter().map(|copy| Copy {
        source: to_wire(copy.source),
        x: copy.x,
        y: copy.y,
    });
    let stripes = encoded.stripes.into_iter().map(|stripe| Stripe {
        index: stripe.index,
        picture: stripe.picture,
        kind: if stripe.key {
            PictureKind::Key
        } else {
            PictureKind::Next
        },
        draw: stripe.draw.into_iter().map(to_wire).collect(),
        data: stripe.data.into(),
    });
    let tiles = tiles.into_iter().map(|(data, rect)| Tile {
        rect: to_wire(rect),
        format,
        data: data.into(),
    });
    let update = Update {
        epoch: Epoch(1),
        layout: None,
        stages: StageTimes::default(),
        qp: QP,
        input: Sequence(0),
        follows: Vec::new(),
        copies: copies.collect(),
        stripes: stripes.collect(),
        tiles: tiles.collect(),
    };
    let header = ClearHeader {
        class: Class::Update,
        source: 0,
        audience: Audience::NOBODY,
        session: SessionId(1),
        sequence: Sequence(1),
        size: 0,
        age_us: 0,
    };
    Packet::new(header, update.encode()).encode()
}

/// What [`pack`] made.
pub fn unpack(packet: &Bytes) -> Update {
    let packet = Packet::decode(packet).expect("our own packet");
    Update::decode(&packet.payload).expect("our own update")
}

fn to_wire(rect: Rect) -> update::Rect {
    update::Rect {
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
    }
}

pub fn from_wire(rect: update::Rect) -> Rect {
    Rect::new(rect.x, rect.y, rect.width, rect.height)
}
