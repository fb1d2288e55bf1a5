//! The order of updates, by the cases that both viewers share (`protocol/vectors/order.json`; in the browser:
//! `console/src/remote/core/order-vectors.test.ts`).

use bytes::Bytes;
use mayday_protocol::update::{
    Copy, Layout, PictureKind, Rect, SMALL, StageTimes, Stripe, Tile, Update,
};
use mayday_protocol::{Class, Epoch, Sequence};
use mayday_viewer::{Arrival, Effect, Order, Shown};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../protocol/vectors/order.json");

fn number(value: &Value) -> u16 {
    u16::try_from(value.as_u64().unwrap()).unwrap()
}

fn list<'a, T>(value: &'a Value, read: impl Fn(&'a Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(read).collect()
}

fn rect(sides: &Value) -> Rect {
    Rect {
        x: number(&sides[0]),
        y: number(&sides[1]),
        width: number(&sides[2]),
        height: number(&sides[3]),
    }
}

fn sides(rects: &[Rect]) -> Value {
    let one = |rect: &Rect| json!([rect.x, rect.y, rect.width, rect.height]);
    rects.iter().map(one).collect()
}

fn update(step: &Value, layout: &Value) -> Update {
    let layout = Layout {
        width: number(&layout["width"]),
        height: number(&layout["height"]),
        stripe_height: number(&layout["stripe_height"]),
    };
    Update {
        epoch: Epoch(1),
        layout: (step["sequence"] == 1).then_some(layout),
        stages: StageTimes::default(),
        qp: 24,
        input: Sequence(0),
        follows: list(&step["follows"], |one| Sequence(number(one).into())),
        copies: list(&step["copies"], |copy| Copy {
            source: rect(&copy["source"]),
            x: number(&copy["x"]),
            y: number(&copy["y"]),
        }),
        stripes: list(&step["stripes"], |stripe| Stripe {
            index: number(&stripe["index"]) as u8,
            picture: number(&stripe["picture"]).into(),
            kind: match (stripe["key"] == true, stripe["in_order"] == true) {
                (false, _) => PictureKind::Next,
                (true, true) => PictureKind::Key,
                (true, false) => PictureKind::Anew,
            },
            draw: list(&stripe["draw"], rect),
            data: Bytes::from_static(&[0]),
        }),
        tiles: list(&step["tiles"], |tile| Tile {
            rect: rect(tile),
            format: SMALL,
            data: Bytes::from_static(&[0]),
        }),
    }
}

fn seen(shown: &Shown) -> Value {
    let stripes: Vec<_> = shown
        .update
        .stripes
        .iter()
        .map(|one| json!({"index": one.index, "picture": one.picture, "draw": sides(&one.draw)}))
        .collect();
    let copies: Vec<_> = shown
        .update
        .copies
        .iter()
        .map(|Copy { source, x, y }| json!([source.x, source.y, source.width, source.height, x, y]))
        .collect();
    let tiles: Vec<_> = shown.tiles.iter().map(|tile| sides(&tile.draw)).collect();
    json!({
        "sequence": shown.sequence.0,
        "copies": copies,
        "stripes": stripes,
        "tiles": tiles,
    })
}

/// What a step shows, by sequence, and the stripes it asks for.
fn take(order: &mut Order) -> (Vec<Value>, Vec<u64>) {
    let (mut shown, mut refresh) = (Vec::new(), Vec::new());
    while let Some(effect) = order.poll_effect() {
        match effect {
            Effect::Show(one) => shown.push(seen(&one)),
            Effect::Refresh { stripes, .. } => {
                refresh.extend((0..64).filter(|bit| stripes & 1 << bit != 0));
            }
            Effect::Reset(_) => {}
        }
    }
    shown.sort_by_key(|one| one["sequence"].as_u64());
    (shown, refresh)
}

#[test]
fn updates_are_shown_in_the_order_that_both_viewers_keep() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 14);
    for case in cases {
        let mut order = Order::default();
        for step in case["steps"].as_array().unwrap() {
            let class = if step["class"] == 3 {
                Class::Refinement
            } else {
                Class::Update
            };
            let sequence = Sequence(number(&step["sequence"]).into());
            let arrival = Arrival {
                bytes: 9,
                ..Arrival::default()
            };
            order.handle_update(class, sequence, update(step, &vectors["layout"]), arrival);
            let (shown, refresh) = take(&mut order);
            let mut expected = step["shown"].as_array().unwrap().clone();
            expected.sort_by_key(|one| one["sequence"].as_u64());
            let at = format!("{} at {}", case["name"], step["sequence"]);
            assert_eq!(shown, expected, "{at}");
            assert_eq!(json!(refresh), step["refresh"], "{at}");
        }
    }
}
