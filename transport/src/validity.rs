//! Until when a certificate is valid: the one field of X.509 that an operator asks for and rustls does not tell. Owns nothing else of
//! ASN.1, and judges nothing.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[0] EXPLICIT`: the version, which old certificates do not have.
const VERSION: u8 = 0xa0;

/// `notAfter` of a certificate in DER (RFC 5280, section 4.1.2.5); `None` for what is none.
pub fn ends_at(certificate: &[u8]) -> Option<OffsetDateTime> {
    let (outer, _) = expect(certificate, SEQUENCE)?;
    let (mut signed, _) = expect(outer, SEQUENCE)?;
    if signed.first() == Some(&VERSION) {
        (_, signed) = expect(signed, VERSION)?;
    }
    (_, signed) = expect(signed, INTEGER)?;
    // The signature's algorithm, and the issuer.
    (_, signed) = expect(signed, SEQUENCE)?;
    (_, signed) = expect(signed, SEQUENCE)?;
    let (validity, _) = expect(signed, SEQUENCE)?;
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    moment(tag, std::str::from_utf8(text).ok()?)
}

/// The content of the element that must come next, and what follows it.
fn expect(bytes: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = element(bytes)?;
    (tag == wanted).then_some((content, rest))
}

/// Tag, content and rest. Lengths are definite in DER; ours end below 64 KiB.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0x00..=0x7f => (usize::from(first), rest),
        0x81 => {
            let (&one, rest) = rest.split_first()?;
            (usize::from(one), rest)
        }
        0x82 => {
            let (two, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*two)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDHHMMSSZ` up to 2049, `YYYYMMDDHHMMSSZ` from then on.
fn moment(tag: u8, text: &str) -> Option<OffsetDateTime> {
    let digits = text.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year = year.parse::<i32>().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = digits.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let pair = |at: usize| rest.get(at..at + 2)?.parse::<u8>().ok();
    let month = Month::try_from(pair(0)?).ok()?;
    let date = Date::from_calendar_date(year, month, pair(2)?).ok()?;
    let time = Time::from_hms(pair(4)?, pair(6)?, pair(8)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn made(ends: OffsetDateTime) -> Vec<u8> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::new(vec!["help.example.com".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = ends;
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_is_read_before_and_after_2050() {
        for ends in [date_time_ymd(2027, 2, 28), date_time_ymd(2120, 12, 31)] {
            assert_eq!(ends_at(&made(ends)), Some(ends));
        }
    }

    #[test]
    fn a_cut_or_changed_certificate_has_no_end_and_breaks_nothing() {
        let whole = made(date_time_ymd(2027, 2, 28));
        for length in 0..whole.len() {
            assert_eq!(ends_at(&whole[..length]), None);
        }
        for at in 0..120.min(whole.len()) {
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            let _any = ends_at(&changed);
        }
        assert_eq!(moment(UTC_TIME, "271301000000Z"), None);
        assert_eq!(moment(UTC_TIME, "2é"), None);
    }
}
