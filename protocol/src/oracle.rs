//! What must hold of every reader, whatever bytes come: the judges of the randomised tests and of the fuzz targets. None may panic,
//! and whatever is read must be written and read as the same.

use bytes::{Bytes, BytesMut};

use crate::control::{self, FromAgent, FromTechnician, ToAgent, ToTechnician};
use crate::cursor::Cursor;
use crate::feedback::{Feedback, Pong};
use crate::framing::{Ordered, WebSocketMessage, split_ordered};
use crate::input::{Input, Pointer};
use crate::invite::{Pin, Token};
use crate::limits;
use crate::stamp::{self, GatewayAddress, SECTION_BYTES};
use crate::update::{PictureKind, Rect, Update};
use crate::{ClearHeader, Packet};

/// Messages come out of an ordered stream the same, at once or byte by byte, and go back to the bytes they came from.
///
/// # Panics
/// When a rule is broken, as all of these.
pub fn framing(bytes: &[u8]) {
    let mut all = BytesMut::from(bytes);
    let mut messages = Vec::new();
    while let Ok(Some(message)) = split_ordered(&mut all) {
        messages.push(message);
    }
    let mut slowly = BytesMut::new();
    let mut one_by_one = Vec::new();
    for byte in bytes {
        slowly.extend_from_slice(&[*byte]);
        match split_ordered(&mut slowly) {
            Ok(message) => one_by_one.extend(message),
            Err(_) => break,
        }
    }
    assert_eq!(messages, one_by_one);
    let written: Vec<u8> = messages
        .iter()
        .map(Ordered::encode)
        .flat_map(|message| message.to_vec())
        .collect();
    assert_eq!(written, bytes[..written.len()]);
    if let Ok(message) = WebSocketMessage::decode(&Bytes::copy_from_slice(bytes)) {
        assert_eq!(message.encode(), bytes);
    }
}

/// Packets and every class of payload.
///
/// # Panics
/// When a rule is broken.
pub fn packet(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    if let Ok(packet) = Packet::decode(&bytes) {
        assert_eq!(packet.encode(), bytes);
    }
    if let Ok(header) = ClearHeader::decode(&bytes) {
        assert_eq!(ClearHeader::decode(&header.encode()), Ok(header));
    }
    if let Ok(cursor) = Cursor::decode(&bytes) {
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }
    if let Ok(input) = Input::decode(&bytes) {
        assert_eq!(Input::decode(&input.encode()), Ok(input));
    }
    if let Ok(pointer) = Pointer::decode(&bytes) {
        assert_eq!(Pointer::decode(&pointer.encode()), Ok(pointer));
    }
    if let Ok(feedback) = Feedback::decode(&bytes) {
        assert_eq!(Feedback::decode(&feedback.encode()), Ok(feedback));
    }
    if let Ok(pong) = Pong::decode(&bytes) {
        assert_eq!(Pong::decode(&pong.encode()), Ok(pong));
    }
}

/// Updates: also, nothing in one is larger than what it came in.
///
/// # Panics
/// When a rule is broken.
pub fn update(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    let Ok(update) = Update::decode(&bytes) else {
        return;
    };
    let stripes = update.stripes.iter().map(|stripe| stripe.data.len());
    let tiles = update.tiles.iter().map(|tile| tile.data.len());
    assert!(stripes.chain(tiles).sum::<usize>() <= bytes.len());
    let pixels = |rect: Rect| usize::from(rect.width) * usize::from(rect.height);
    let all: usize = update.tiles.iter().map(|tile| pixels(tile.rect)).sum();
    assert!(all <= limits::UPDATE_TILE_PIXELS);
    assert_eq!(Update::decode(&update.encode()), Ok(update));
}

/// Control messages of all four kinds.
///
/// # Panics
/// When a rule is broken.
pub fn control(bytes: &[u8]) {
    macro_rules! comes_back {
        ($($kind:ty),*) => {$(
            if let Ok(message) = control::decode::<$kind>(bytes)
                && message != <$kind>::Unknown
                && let Ok(written) = control::encode(&message)
            {
                assert_eq!(control::decode(&written), Ok(message));
            }
        )*};
    }
    comes_back!(FromAgent, ToAgent, FromTechnician, ToTechnician);
}

/// A stamp section with these bytes for its fields and what follows: whatever is read is the one way to write it.
///
/// # Panics
/// When a rule is broken.
pub fn stamp(bytes: &[u8]) {
    const AT: usize = 16;
    let mut section = stamp::blank();
    let room = &mut section[AT..];
    let used = bytes.len().min(room.len());
    room[..used].copy_from_slice(&bytes[..used]);
    if let Ok(Some(read)) = stamp::read(&section) {
        let written = stamp::write(&read.fields, &read.key, |_| read.signature);
        assert_eq!(written, Ok(section));
    }
    assert!(bytes.len() == SECTION_BYTES || stamp::read(bytes).is_err());
    if let Ok(at) = stamp::find(bytes) {
        assert!(bytes[at..].starts_with(&stamp::HEAD));
    }
}

/// Texts that people and browsers bring: file names, links, PINs, addresses.
///
/// # Panics
/// When a rule is broken.
pub fn typed_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(token) = Token::find(&text) {
        let written = token.to_string();
        assert!(text.to_ascii_lowercase().contains(&written));
        assert_eq!(written.parse(), Ok(token));
    }
    if let Ok(pin) = text.parse::<Pin>() {
        assert_eq!(pin.to_string().parse(), Ok(pin));
    }
    if let Ok(address) = text.parse::<GatewayAddress>() {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Join, Person, Rights, SystemReport};
    use crate::ids::{AskId, Epoch, Sequence, SessionId, Slot, TechnicianId};
    use crate::stamp::StampFields;
    use crate::update::{Layout, SMALL, StageTimes, Stripe, Tile};
    use crate::{Audience, Class};

    struct Dice(u64);

    impl Dice {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, limit: usize) -> usize {
            usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
        }

        /// A real message with some harm done to it: bytes changed, cut out, doubled, or put in.
        fn harm(&mut self, real: &[u8]) -> Vec<u8> {
            let mut bytes = real.to_vec();
            for _ in 0..=self.below(4) {
                let at = self.below(bytes.len());
                match self.below(6) {
                    0 if !bytes.is_empty() => bytes[at] = self.next() as u8,
                    1 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                    2 => bytes.truncate(at),
                    3 => bytes.insert(at, self.next() as u8),
                    4 => {
                        let piece = bytes[at..].to_vec();
                        bytes.extend(piece);
                    }
                    _ if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                    _ => {}
                }
            }
            bytes
        }
    }

    fn harmed(rounds: usize, real: &[Vec<u8>], oracle: fn(&[u8])) {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for one in real {
            oracle(one);
            for _ in 0..rounds {
                oracle(&dice.harm(one));
            }
        }
        for _ in 0..rounds {
            let noise: Vec<u8> = (0..dice.below(200)).map(|_| dice.next() as u8).collect();
            oracle(&noise);
        }
    }

    fn real_update() -> Vec<u8> {
        let rect = Rect {
            x: 0,
            y: 144,
            width: 32,
            height: 16,
        };
        let update = Update {
            epoch: Epoch(3),
            layout: Some(Layout {
                width: 1920,
                height: 1080,
                stripe_height: 144,
            }),
            stages: StageTimes::default(),
            qp: 24,
            input: Sequence(7),
            follows: vec![Sequence(3)],
            copies: vec![],
            stripes: vec![Stripe {
                index: 1,
                picture: 5,
                kind: PictureKind::Anew,
                draw: vec![rect, rect],
                data: Bytes::from_static(b"\0\0\0\x01\x65 coded"),
            }],
            tiles: vec![Tile {
                rect,
                format: SMALL,
                data: Bytes::from_static(b"coded"),
            }],
        };
        update.encode().to_vec()
    }

    fn real_controls() -> Vec<Vec<u8>> {
        let hello = FromAgent::Hello {
            version: 1,
            join: Join::Pin("123456".to_owned()),
            system: SystemReport::default(),
        };
        let ask = ToAgent::Ask {
            ask: AskId(5),
            slot: Slot::ALL[1],
            technician: TechnicianId(9),
            person: Person::default(),
            rights: Rights::CONTROL,
            key: vec![1; 32],
            verification: None,
        };
        let bye = FromTechnician::Bye {};
        let clear = ToTechnician::Clear {};
        [
            control::encode(&hello),
            control::encode(&ask),
            control::encode(&bye),
            control::encode(&clear),
        ]
        .map(|message| message.unwrap().to_vec())
        .to_vec()
    }

    #[test]
    fn harmed_streams_keep_the_rules() {
        let mut stream = Vec::new();
        for message in real_controls() {
            stream.extend(Ordered::Control(message.into()).encode());
        }
        harmed(20_000, &[stream], framing);
    }

    #[test]
    fn harmed_packets_keep_the_rules() {
        let header = ClearHeader {
            class: Class::Input,
            source: 1,
            audience: Audience(2),
            session: SessionId(5),
            sequence: Sequence(8),
            size: 0,
            age_us: 70,
        };
        let packet_bytes = Packet::new(header, Bytes::from_static(&[9; 40])).encode();
        let pong = vec![0; 16];
        let input = vec![0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 30, 0, 0, 0, 0];
        harmed(20_000, &[packet_bytes.to_vec(), pong, input], packet);
    }

    #[test]
    fn harmed_updates_keep_the_rules() {
        harmed(30_000, &[real_update()], update);
    }

    #[test]
    fn harmed_control_messages_keep_the_rules() {
        harmed(20_000, &real_controls(), control);
    }

    #[test]
    fn harmed_stamps_keep_the_rules() {
        let fields = StampFields {
            gateway: "help.example.com:8443".parse().unwrap(),
            pin: [7; 32],
            organisation: "Müller".to_owned(),
            version: "1".to_owned(),
        };
        let section = stamp::write(&fields, &[1; 32], |_| [2; 64]).unwrap();
        harmed(3_000, &[section.to_vec(), section[16..].to_vec()], stamp);
    }

    #[test]
    fn harmed_texts_keep_the_rules() {
        let token = Token::new([0x5a; 16]);
        let texts = [
            format!("mayday-sos-{token} (1).exe"),
            format!("https://help.example.com/j/{token}"),
            "123 456".to_owned(),
            "[2001:db8::1]:8443".to_owned(),
        ];
        harmed(20_000, &texts.map(String::into_bytes), typed_text);
    }
}
