//! Walks of the model, written down for both viewers: `protocol/vectors/walks.json`, which the browser's viewer walks, too
//! (`console/src/remote/core/walks.test.ts`). `UPDATE_VECTORS=1 cargo test -p mayday-viewer --lib walks` writes them anew.
//!
//! A walk is a list of lines. What the agent sends: `[0, sequence, epoch, layout or 0, 1 if it draws again what is believed to be there,
//! follows, copies, stripes, tiles]`. What happens to the viewer: `[1, ms, what, of what, updates shown, stripes asked for, the canvas'
//! sum]`.

use std::fmt::Write as _;
use std::path::Path;

use mayday_protocol::update::PictureKind;
use serde_json::{Value, json};

use super::model::{Happened, Happening, Line, Model, RTT, STEP, Sent};
use super::*;

const WALKS: usize = 64;
const STEPS: usize = 48;
const LIMIT: usize = 300 * 1024;

fn rect(rect: Rect) -> Value {
    json!([rect.x, rect.y, rect.width, rect.height])
}

fn sent(sent: &Sent) -> Value {
    let Update {
        epoch,
        layout,
        follows,
        copies,
        stripes,
        tiles,
        ..
    } = &sent.update;
    let layout = layout.map_or(json!(0), |of| {
        json!([of.width, of.height, of.stripe_height])
    });
    let follows: Vec<u32> = follows.iter().map(|one| one.0).collect();
    let copies = copies.iter().map(|copy| {
        let from = copy.source;
        json!([from.x, from.y, from.width, from.height, copy.x, copy.y])
    });
    let stripes = stripes.iter().map(|stripe| {
        let kind = match stripe.kind {
            PictureKind::Next => 0,
            PictureKind::Key => 1,
            PictureKind::Anew => 2,
        };
        let draw: Value = stripe.draw.iter().copied().map(rect).collect();
        json!([stripe.index, stripe.picture, kind, draw])
    });
    json!([
        0,
        sent.sequence.0,
        epoch.0,
        layout,
        u8::from(sent.again),
        follows,
        copies.collect::<Value>(),
        stripes.collect::<Value>(),
        tiles.iter().map(|tile| rect(tile.rect)).collect::<Value>(),
    ])
}

fn happened(happened: &Happened) -> Value {
    let (what, of) = match &happened.what {
        Happening::Update(sequence) => ("update", json!(sequence.0)),
        Happening::Flowing(sequence) => ("flowing", json!(sequence.0)),
        Happening::Flowed(sequence) => ("flowed", json!(sequence.0)),
        Happening::DecoderFailed(stripe) => ("decoder", json!(stripe)),
        Happening::TileFailed(at) => ("tile", rect(*at)),
        Happening::Nothing => ("", json!(0)),
    };
    let mut shown = happened.shown.clone();
    shown.sort_unstable();
    let asked: Vec<usize> = bits(happened.asked & 0xff).collect();
    json!([
        1,
        happened.now.as_millis() as u64,
        what,
        of,
        shown,
        asked,
        happened.canvas
    ])
}

fn walk(seed: u64) -> Model {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bytes: Vec<u8> = (0..STEP * STEPS)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect();
    Model::walk(&bytes)
}

fn written() -> String {
    let mut text = format!("{{\"rtt\": {}, \"walks\": [", RTT.as_millis());
    for model in walks() {
        assert!(model.is_right());
        let lines: Value = model
            .story
            .iter()
            .map(|line| match line {
                Line::Sent(one) => sent(one),
                Line::Happened(one) => happened(one),
            })
            .collect();
        let comma = if text.ends_with('[') { "" } else { "," };
        let _ = write!(text, "{comma}\n{lines}");
    }
    text + "\n]}\n"
}

/// Those in which both viewers do the same.
fn walks() -> impl Iterator<Item = Model> {
    let all = (1..).map(walk);
    all.filter(|model| !model.decoded_ahead).take(WALKS)
}

#[test]
fn the_walks_that_both_viewers_walk_are_this_viewers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/vectors/walks.json");
    let now = written();
    assert!(now.len() < LIMIT, "{} bytes", now.len());
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap();
    assert!(
        checked_in == now,
        "this viewer walks otherwise; if that is meant, run again with UPDATE_VECTORS=1"
    );
}

#[test]
fn the_walks_have_everything_in_them() {
    let mut story = walks().flat_map(|model| model.story);
    let (mut sizes, mut copies, mut kinds) = (0, 0, std::collections::BTreeMap::new());
    for line in story.by_ref() {
        match line {
            Line::Sent(one) => {
                sizes = sizes.max(one.update.epoch.0);
                copies += one.update.copies.len();
            }
            Line::Happened(one) => {
                let name = format!("{:?}", one.what);
                let name = name.split('(').next().unwrap_or_default().to_owned();
                *kinds.entry(name).or_insert(0) += 1;
            }
        }
    }
    assert!(sizes >= 3 && copies > 50, "{sizes} sizes, {copies} copies");
    assert!(
        kinds.len() == 6 && kinds.values().all(|count| *count > 4),
        "{kinds:?}"
    );
}
