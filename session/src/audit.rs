//! The audit's chain: each record's hash covers the one before it, so that a changed, missing or inserted record shows; and heads that
//! were signed and kept elsewhere, so that a cut or rewritten tail shows too. Owns what is hashed and how a chain is judged; storage,
//! the hash function (SHA-256) and signatures are the caller's.

use std::fmt::Write as _;

use crate::time::Timestamp;

/// SHA-256 of some bytes.
pub type Digest = fn(&[u8]) -> [u8; 32];

/// Who did what to which session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub at: Timestamp,
    /// `technician:ID`, `end_user`, `agent`, `gateway`, `machine`.
    pub actor: &'a str,
    /// A stable word.
    pub action: &'a str,
    pub session: Option<u64>,
    pub detail: &'a str,
    /// The address it was asked for from; empty for what the gateway does by itself.
    pub source: &'a str,
}

/// The end of a chain: how many records it has, and the hash of the last, which stands for all before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// 0 for an empty chain.
    pub sequence: u64,
    /// Hexadecimal, lower case; empty for an empty chain.
    pub hash: String,
}

/// Why a chain is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("record {expected} is missing; the next one there is {found}")]
    Missing { expected: u64, found: u64 },
    #[error("record {sequence}, or one before it, was changed")]
    Changed { sequence: u64 },
    #[error(
        "record {sequence} is not the one of the head that was signed then: the records were written anew"
    )]
    Rewritten { sequence: u64 },
    #[error("the records end at {last}, but a head was signed at {signed}: the end was cut off")]
    Cut { last: u64, signed: u64 },
}

impl Head {
    /// Of a chain without records.
    #[must_use]
    pub fn start() -> Self {
        Self {
            sequence: 0,
            hash: String::new(),
        }
    }

    /// The head after one more record. Fields are length-prefixed, so that no two records read alike.
    #[must_use]
    pub fn after(&self, entry: Entry<'_>, digest: Digest) -> Self {
        let sequence = self.sequence + 1;
        let session = entry.session.map(|id| id.to_string()).unwrap_or_default();
        let mut bytes = Vec::new();
        for field in [
            self.hash.as_str(),
            &sequence.to_string(),
            &entry.at.0.to_string(),
            entry.actor,
            entry.action,
            &session,
            entry.detail,
            entry.source,
        ] {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field.as_bytes());
        }
        Self {
            sequence,
            hash: hex(digest(&bytes)),
        }
    }

    /// What to sign, and to keep outside the database with its signature: one line.
    #[must_use]
    pub fn to_line(&self, at: Timestamp) -> String {
        format!(
            "mayday-audit-head 1 {} {} {}",
            self.sequence, at.0, self.hash
        )
    }

    /// Reads what [`Head::to_line`] wrote; the caller has checked its signature.
    #[must_use]
    pub fn from_line(line: &str) -> Option<(Self, Timestamp)> {
        let mut words = line.split(' ');
        if (words.next()?, words.next()?) != ("mayday-audit-head", "1") {
            return None;
        }
        let sequence = words.next()?.parse().ok()?;
        let at = Timestamp(words.next()?.parse().ok()?);
        let hash = words.next()?.to_owned();
        let head = Self { sequence, hash };
        (words.next().is_none() && head.to_line(at) == line).then_some((head, at))
    }
}

/// Judges a chain, record by record from the first, against the heads that were signed.
#[derive(Debug)]
pub struct Check {
    digest: Digest,
    head: Head,
    /// Not met yet, the earliest last.
    signed: Vec<Head>,
}

impl Check {
    #[must_use]
    pub fn new(mut signed: Vec<Head>, digest: Digest) -> Self {
        signed.sort_by_key(|head| std::cmp::Reverse(head.sequence));
        Self {
            digest,
            head: Head::start(),
            signed,
        }
    }

    /// The next record as it is stored.
    ///
    /// # Errors
    /// [`Broken`], at the first record that is not what was written.
    pub fn handle_record(
        &mut self,
        sequence: u64,
        entry: Entry<'_>,
        hash: &str,
    ) -> Result<(), Broken> {
        let next = self.head.after(entry, self.digest);
        if next.sequence != sequence {
            return Err(Broken::Missing {
                expected: next.sequence,
                found: sequence,
            });
        }
        if next.hash != hash {
            return Err(Broken::Changed { sequence });
        }
        while let Some(signed) = self.signed.pop_if(|one| one.sequence <= sequence) {
            if signed.sequence == sequence && signed != next {
                return Err(Broken::Rewritten { sequence });
            }
        }
        self.head = next;
        Ok(())
    }

    /// There are no more records: gives the head of the whole chain.
    ///
    /// # Errors
    /// [`Broken::Cut`] when a head was signed beyond the last record.
    pub fn end(self) -> Result<Head, Broken> {
        match self.signed.first() {
            Some(signed) if signed.sequence > self.head.sequence => Err(Broken::Cut {
                last: self.head.sequence,
                signed: signed.sequence,
            }),
            Some(_) | None => Ok(self.head),
        }
    }
}

fn hex(bytes: [u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Not SHA-256, but every bit of the input reaches every byte: enough to test what is hashed.
    fn digest(bytes: &[u8]) -> [u8; 32] {
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        let mut out = [0; 32];
        for round in 0..32_u8 {
            for &byte in bytes.iter().chain([&round]) {
                state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
            out[usize::from(round)] = (state >> 32) as u8;
        }
        out
    }

    #[derive(Clone)]
    struct Stored {
        sequence: u64,
        at: u64,
        actor: String,
        action: String,
        session: Option<u64>,
        detail: String,
        hash: String,
    }

    impl Stored {
        fn entry(&self) -> Entry<'_> {
            Entry {
                at: Timestamp(self.at),
                actor: &self.actor,
                action: &self.action,
                session: self.session,
                detail: &self.detail,
                source: "192.0.2.7",
            }
        }
    }

    fn chain(length: u64) -> Vec<Stored> {
        let mut head = Head::start();
        (1..=length)
            .map(|sequence| {
                let mut one = Stored {
                    sequence,
                    at: sequence * 1000,
                    actor: format!("technician:{sequence}"),
                    action: "asked".to_owned(),
                    session: (sequence % 3 != 0).then_some(sequence),
                    detail: "view".to_owned(),
                    hash: String::new(),
                };
                head = head.after(one.entry(), digest);
                one.hash.clone_from(&head.hash);
                one
            })
            .collect()
    }

    fn check(records: &[Stored], signed: &[Head]) -> Result<Head, Broken> {
        let mut check = Check::new(signed.to_vec(), digest);
        for one in records {
            check.handle_record(one.sequence, one.entry(), &one.hash)?;
        }
        check.end()
    }

    fn head_of(records: &[Stored]) -> Head {
        check(records, &[]).unwrap()
    }

    #[test]
    fn a_whole_chain_is_whole_with_every_head_that_was_signed() {
        let records = chain(20);
        let signed = [20, 5, 12].map(|length| head_of(&records[..length]));
        assert_eq!(check(&records, &signed), Ok(signed[0].clone()));
        assert_eq!(check(&[], &[Head::start()]), Ok(Head::start()));
    }

    #[test]
    fn a_change_of_any_field_of_any_record_shows() {
        let changes: [fn(&mut Stored); 7] = [
            |one| one.at += 1,
            |one| one.actor.push('0'),
            |one| one.action.push('s'),
            |one| one.session = Some(99),
            |one| one.detail.clear(),
            |one| one.hash.replace_range(..1, "x"),
            // Moving a boundary between two fields is a change too.
            |one| {
                one.actor.push('a');
                one.action.remove(0);
            },
        ];
        for (at, change) in (0..5).flat_map(|at| changes.map(|change| (at, change))) {
            let mut records = chain(5);
            change(&mut records[at]);
            let sequence = records[at].sequence;
            assert_eq!(check(&records, &[]), Err(Broken::Changed { sequence }));
        }
    }

    #[test]
    fn a_record_taken_out_put_in_or_swapped_shows() {
        let whole = chain(5);
        let mut shorter = whole.clone();
        shorter.remove(2);
        let (expected, found) = (3, 4);
        let missing = Broken::Missing { expected, found };
        assert_eq!(check(&shorter, &[]), Err(missing));
        let mut longer = whole.clone();
        longer.insert(2, whole[2].clone());
        assert!(check(&longer, &[]).is_err());
        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert!(check(&swapped, &[]).is_err());
    }

    #[test]
    fn only_a_signed_head_shows_a_cut_or_rewritten_end() {
        let whole = chain(8);
        let signed = [head_of(&whole)];
        let (last, at) = (6, 8);
        assert!(check(&whole[..6], &[]).is_ok());
        let cut = Broken::Cut { last, signed: at };
        assert_eq!(check(&whole[..6], &signed), Err(cut));

        let mut head = head_of(&whole[..7]);
        let mut forged = whole;
        forged[7].detail = "control".to_owned();
        head = head.after(forged[7].entry(), digest);
        forged[7].hash.clone_from(&head.hash);
        assert!(check(&forged, &[]).is_ok());
        let rewritten = Broken::Rewritten { sequence: 8 };
        assert_eq!(check(&forged, &signed), Err(rewritten));
    }

    #[test]
    fn a_head_is_one_line_and_has_one_form() {
        let head = head_of(&chain(3));
        let line = head.to_line(Timestamp(77));
        assert_eq!(Head::from_line(&line), Some((head, Timestamp(77))));
        for wrong in [
            "",
            "mayday-audit-head 1 3 77",
            &format!("{line} "),
            &line.replace(" 3 ", " 03 "),
        ] {
            assert_eq!(Head::from_line(wrong), None, "{wrong}");
        }
    }
}
