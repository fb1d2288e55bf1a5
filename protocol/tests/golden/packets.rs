//! Golden vectors: every kind of message with its bytes, read by the tests of each implementation (here and in the console).
//! A changed byte is a changed protocol, and fails here first.

use crate::files::{check_vectors, hex, refused, vector};
use bytes::Bytes;
use mayday_protocol::cursor::{Cursor, Shape};
use mayday_protocol::feedback::{Feedback, Pong, Report};
use mayday_protocol::framing::{self, Chunk, End, Ordered, WebSocketMessage};
use mayday_protocol::input::{Event, Input, Pointer};
use mayday_protocol::update::{
    Copy, FORMAT, Layout, PictureKind, Rect, StageTimes, Stripe, Tile, Update,
};
use mayday_protocol::{Audience, Class, ClearHeader, Epoch, Packet, Sequence, SessionId};
use serde_json::{Value, json};

fn packet(class: Class, payload: &'static [u8]) -> Packet {
    let header = ClearHeader {
        class,
        source: 2,
        audience: Audience(0x85),
        session: SessionId(9_007_199_254_740_991),
        sequence: Sequence(4_294_967_295),
        size: 0,
        age_us: 1500,
    };
    Packet::new(header, Bytes::from_static(payload))
}

#[test]
fn packets() {
    let classes = [
        (Class::Update, "update"),
        (Class::Cursor, "cursor"),
        (Class::Refinement, "refinement"),
        (Class::Pong, "pong"),
        (Class::Input, "input"),
        (Class::Pointer, "pointer"),
        (Class::Feedback, "feedback"),
    ];
    let accepted = classes.map(|(class, name)| {
        let packet = packet(class, b"abc");
        let value = json!({
            "class": class as u8, "source": 2, "audience": 0x85, "session": 9_007_199_254_740_991_u64,
            "sequence": 4_294_967_295_u32, "size": 3, "ageUs": 1500, "payload": hex(b"abc"),
        });
        assert_eq!(Packet::decode(&packet.encode()).as_ref(), Ok(&packet));
        vector(name, &packet.encode(), value)
    });
    let good = packet(Class::Update, b"abc").encode();
    let changed = |at: usize, value: u8| {
        let mut bytes = good.to_vec();
        bytes[at] = value;
        bytes
    };
    let bad = [
        ("cut in the header", good[..23].to_vec()),
        ("cut in the payload", good[..26].to_vec()),
        ("goes on", [&good[..], b"d"].concat()),
        ("another version", changed(0, 2)),
        ("class 0", changed(1, 0)),
        ("class 8", changed(1, 8)),
        ("larger than any update", changed(16, 0xff)),
    ];
    for (name, bytes) in &bad {
        assert!(
            Packet::decode(&bytes.clone().into()).is_err(),
            "{name} was read"
        );
    }
    check_vectors(
        "packets",
        accepted.into(),
        bad.map(|(name, bytes)| refused(name, &bytes)).into(),
    );
}

const RECT: Rect = Rect {
    x: 16,
    y: 144,
    width: 32,
    height: 16,
};

fn full_update() -> Update {
    Update {
        epoch: Epoch(3),
        layout: Some(Layout {
            width: 1920,
            height: 1080,
            stripe_height: 144,
        }),
        stages: StageTimes {
            wait_us: 1,
            grab_us: 2,
            convert_us: 3,
            encode_us: 4_000_000_000,
        },
        qp: 24,
        input: Sequence(9),
        follows: vec![Sequence(4), Sequence(8)],
        copies: vec![Copy {
            source: RECT,
            x: 16,
            y: 128,
        }],
        stripes: vec![
            Stripe {
                index: 1,
                picture: 5,
                kind: PictureKind::Anew,
                draw: vec![RECT],
                data: Bytes::from_static(&[0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x28]),
            },
            Stripe {
                index: 63,
                picture: u32::MAX,
                kind: PictureKind::Key,
                draw: vec![],
                data: Bytes::from_static(&[0, 0, 0, 1, 0x67, 0x42]),
            },
            Stripe {
                index: 62,
                picture: 9,
                kind: PictureKind::Next,
                draw: vec![],
                data: Bytes::new(),
            },
        ],
        tiles: vec![Tile {
            rect: RECT,
            format: 1,
            data: Bytes::from_static(b"tile"),
        }],
    }
}

fn small_update() -> Update {
    let full = full_update();
    Update {
        layout: None,
        input: Sequence(0),
        follows: vec![],
        copies: vec![],
        stripes: vec![full.stripes[0].clone()],
        tiles: vec![],
        ..full
    }
}

fn rect_value(rect: Rect) -> Value {
    json!({ "x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height })
}

fn update_value(update: &Update) -> Value {
    let stages = update.stages;
    json!({
        "epoch": update.epoch.0,
        "layout": update.layout.map(|l| json!({ "width": l.width, "height": l.height, "stripeHeight": l.stripe_height })),
        "stages": { "waitUs": stages.wait_us, "grabUs": stages.grab_us, "convertUs": stages.convert_us, "encodeUs": stages.encode_us },
        "qp": update.qp,
        "input": update.input.0,
        "follows": update.follows.iter().map(|f| f.0).collect::<Vec<_>>(),
        "copies": update.copies.iter().map(|c| json!({ "source": rect_value(c.source), "x": c.x, "y": c.y })).collect::<Vec<_>>(),
        "stripes": update.stripes.iter().map(|s| json!({
            "index": s.index, "picture": s.picture, "kind": kind_value(s.kind), "data": hex(&s.data),
            "draw": s.draw.iter().copied().map(rect_value).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "tiles": update.tiles.iter().map(|t| json!({ "rect": rect_value(t.rect), "format": t.format, "data": hex(&t.data) })).collect::<Vec<_>>(),
    })
}

fn kind_value(kind: PictureKind) -> &'static str {
    match kind {
        PictureKind::Next => "next",
        PictureKind::Key => "key",
        PictureKind::Anew => "anew",
    }
}

fn bad_updates() -> Vec<(&'static str, Bytes)> {
    let with_layout = |width, height, stripe_height| {
        let layout = Layout {
            width,
            height,
            stripe_height,
        };
        Update {
            layout: Some(layout),
            ..full_update()
        }
        .encode()
    };
    let with_stripe = |index, draw: Vec<Rect>| {
        let mut update = small_update();
        update.stripes[0].index = index;
        update.stripes[0].draw = draw;
        update.encode()
    };
    let with_empty = |kind, draw: Vec<Rect>| {
        let mut update = small_update();
        let stripe = &mut update.stripes[0];
        (stripe.kind, stripe.draw, stripe.data) = (kind, draw, Bytes::new());
        update.encode()
    };
    let many = |count| vec![full_update().copies[0]; count];
    let far = Rect { x: 16_390, ..RECT };
    let mut longer = full_update().encode().to_vec();
    longer.push(0);
    let mut another_form = full_update().encode().to_vec();
    another_form[0] = FORMAT + 1;
    vec![
        ("another form", another_form.into()),
        ("goes on", longer.into()),
        ("stripe height 100", with_layout(1920, 1080, 100)),
        ("stripe height 0", with_layout(1920, 1080, 0)),
        ("width 0", with_layout(0, 1080, 144)),
        ("height 16400", with_layout(1920, 16_400, 1024)),
        ("68 stripes", with_layout(1920, 1080, 16)),
        ("stripe 64", with_stripe(64, vec![])),
        (
            "an empty picture that draws something",
            with_empty(PictureKind::Next, vec![RECT]),
        ),
        ("an empty key picture", with_empty(PictureKind::Key, vec![])),
        ("65 rectangles", with_stripe(0, vec![RECT; 65])),
        (
            "a rectangle outside every screen",
            with_stripe(0, vec![far]),
        ),
        (
            "65 copies",
            Update {
                copies: many(65),
                ..full_update()
            }
            .encode(),
        ),
    ]
}

#[test]
fn updates() {
    let accepted = [
        ("everything", full_update()),
        ("one stripe", small_update()),
    ];
    let bad = bad_updates();
    for (name, bytes) in &bad {
        assert!(Update::decode(bytes).is_err(), "{name} was read");
    }
    check_vectors(
        "updates",
        accepted
            .iter()
            .map(|(name, update)| {
                assert_eq!(Update::decode(&update.encode()).as_ref(), Ok(update));
                vector(name, &update.encode(), update_value(update))
            })
            .collect(),
        bad.iter()
            .map(|(name, bytes)| refused(name, bytes))
            .collect(),
    );
}

#[test]
fn cursors() {
    let shape = Shape {
        id: 7,
        width: 2,
        height: 1,
        hot_x: 1,
        hot_y: 0,
        rgba: Bytes::from_static(&[1, 2, 3, 4, 5, 6, 7, 8]),
    };
    let position = Cursor::Position {
        x: 1919,
        y: 1079,
        shape: 7,
    };
    let shape_bytes = Cursor::Shape(shape).encode();
    let bad = [
        ("cut", shape_bytes.slice(..20)),
        ("kind 3", Bytes::from_static(&[3, 0, 0, 0, 0, 0, 0, 0, 0])),
        (
            "giant",
            Bytes::from_static(&[2, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 0]),
        ),
        ("goes on", [&position.encode()[..], b"x"].concat().into()),
    ];
    for (name, bytes) in &bad {
        assert!(Cursor::decode(bytes).is_err(), "{name} was read");
    }
    check_vectors(
        "cursors",
        vec![
            vector(
                "position",
                &position.encode(),
                json!({ "kind": "position", "x": 1919, "y": 1079, "shape": 7 }),
            ),
            vector(
                "shape",
                &shape_bytes,
                json!({ "kind": "shape", "id": 7, "width": 2, "height": 1, "hotX": 1, "hotY": 0, "rgba": "0102030405060708" }),
            ),
        ],
        bad.map(|(name, bytes)| refused(name, &bytes)).into(),
    );
}

#[test]
fn input() {
    let events = vec![
        Event::Key {
            code: 30,
            down: true,
        },
        Event::Button {
            button: 1,
            down: false,
            x: 10,
            y: 20,
        },
        Event::Wheel {
            dx: 0,
            dy: -120,
            x: 1,
            y: 2,
        },
        Event::Text("aé€ß".to_owned()),
        Event::ReleaseAll,
    ];
    let value = json!({ "epoch": 2, "events": [
        { "kind": "key", "code": 30, "down": true },
        { "kind": "button", "button": 1, "down": false, "x": 10, "y": 20 },
        { "kind": "wheel", "dx": 0, "dy": -120, "x": 1, "y": 2 },
        { "kind": "text", "text": "aé€ß" },
        { "kind": "release_all" },
    ]});
    let input = Input {
        epoch: Epoch(2),
        events,
    };
    let bad = [
        ("cut", input.encode()[..20].to_vec()),
        ("65 events", [&[0, 0, 0, 2, 65][..], &[5; 65]].concat()),
        ("event 6", vec![0, 0, 0, 2, 1, 6]),
        ("not UTF-8", vec![0, 0, 0, 2, 1, 4, 0, 1, 0xff]),
    ];
    for (name, bytes) in &bad {
        assert!(Input::decode(bytes).is_err(), "{name} was read");
    }
    check_vectors(
        "input",
        vec![vector("one of each", &input.encode(), value)],
        bad.map(|(name, bytes)| refused(name, &bytes)).into(),
    );
    let pointer = Pointer {
        epoch: Epoch(1),
        x: 3,
        y: 65_535,
        after: Sequence(5),
    };
    check_vectors(
        "pointer",
        vec![vector(
            "a move",
            &pointer.encode(),
            json!({ "epoch": 1, "x": 3, "y": 65_535, "after": 5 }),
        )],
        vec![refused("cut", &pointer.encode()[..11])],
    );
}

#[test]
fn feedback() {
    let report = Report {
        update: Sequence(1),
        bytes: 2,
        arrival_us: 4_294_967_295,
        spread_us: 4,
        wait_us: 5,
        decode_us: 6,
        draw_us: 7,
        queued: 255,
    };
    let report_value = json!({
        "kind": "drawn", "update": 1, "bytes": 2, "arrivalUs": 4_294_967_295_u32, "spreadUs": 4, "waitUs": 5,
        "decodeUs": 6, "drawUs": 7, "queued": 255,
    });
    let refresh = Feedback::Refresh {
        epoch: Epoch(1),
        stripes: 0x8000_0000_0000_0005,
    };
    check_vectors(
        "feedback",
        vec![
            vector("drawn", &Feedback::Drawn(report).encode(), report_value),
            vector(
                "refresh of stripes 0, 2 and 63",
                &refresh.encode(),
                json!({ "kind": "refresh", "epoch": 1, "stripes": [0, 2, 63] }),
            ),
            vector(
                "ping",
                &Feedback::Ping { id: 77 }.encode(),
                json!({ "kind": "ping", "id": 77 }),
            ),
        ],
        vec![refused("kind 4", &[4, 0, 0, 0, 0])],
    );
    check_vectors(
        "pong",
        vec![vector(
            "pong",
            &Pong { id: 77 }.encode(),
            json!({ "id": 77 }),
        )],
        vec![refused("cut", &[0, 0, 1]), refused("goes on", &[0; 5])],
    );
}

#[test]
fn framing_of_the_ordered_stream() {
    let accepted = [
        ("control", Ordered::Control(Bytes::from_static(b"one"))),
        ("empty packet", Ordered::Packet(Bytes::new())),
    ];
    let bad: [(&str, &[u8]); 4] = [
        ("kind 3", &[0, 0, 0, 1, 3]),
        ("length 0", &[0, 0, 0, 0, 1]),
        ("control of 64 KiB and one byte", &[0, 1, 0, 2, 1]),
        ("packet of 16 KiB and one byte", &[0, 0, 0x40, 2, 2]),
    ];
    for (name, bytes) in bad {
        assert!(
            framing::split_ordered(&mut bytes.into()).is_err(),
            "{name} was read"
        );
    }
    check_vectors(
        "ordered",
        accepted
            .map(|(name, ordered)| {
                let value = match &ordered {
                    Ordered::Control(bytes) => json!({ "kind": "control", "bytes": hex(bytes) }),
                    Ordered::Packet(bytes) => json!({ "kind": "packet", "bytes": hex(bytes) }),
                };
                vector(name, &ordered.encode(), value)
            })
            .into(),
        bad.map(|(name, bytes)| refused(name, bytes)).into(),
    );
}

#[test]
fn framing_of_websocket() {
    let chunk = |end| {
        WebSocketMessage::Chunk(Chunk {
            stream: 9,
            end,
            data: Bytes::from_static(b"data"),
        })
    };
    let chunk_value =
        |end: &str| json!({ "kind": "chunk", "stream": 9, "end": end, "bytes": hex(b"data") });
    let accepted = [
        (
            "control",
            WebSocketMessage::Ordered(Ordered::Control(Bytes::from_static(b"c"))),
            json!({ "kind": "control", "bytes": "63" }),
        ),
        (
            "packet",
            WebSocketMessage::Ordered(Ordered::Packet(Bytes::from_static(b"p"))),
            json!({ "kind": "packet", "bytes": "70" }),
        ),
        (
            "datagram",
            WebSocketMessage::Datagram(Bytes::from_static(b"d")),
            json!({ "kind": "datagram", "bytes": "64" }),
        ),
        ("first piece", chunk(End::Open), chunk_value("open")),
        ("last piece", chunk(End::Finished), chunk_value("finished")),
        ("given up", chunk(End::Abandoned), chunk_value("abandoned")),
    ];
    let bad = [
        ("empty", vec![]),
        ("kind 0", vec![0]),
        ("kind 5", vec![5, 1]),
        ("cut chunk", vec![4, 0, 0, 0, 9]),
        ("end 3", vec![4, 0, 0, 0, 9, 3]),
        ("long datagram", [&[3][..], &[0; 1125]].concat()),
    ];
    for (name, bytes) in &bad {
        assert!(
            WebSocketMessage::decode(&bytes.clone().into()).is_err(),
            "{name} was read"
        );
    }
    check_vectors(
        "websocket",
        accepted
            .map(|(name, message, value)| vector(name, &message.encode(), value))
            .into(),
        bad.map(|(name, bytes)| refused(name, &bytes)).into(),
    );
}
