//! A bounds-checked cursor over received bytes, and its big-endian twin for writing.

/// Bytes that are not what this protocol says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("message ends early")]
    Truncated,
    #[error("message goes on after its end")]
    Trailing,
    #[error("{what} is {value}, outside its range")]
    OutOfRange { what: &'static str, value: u64 },
    #[error("{what} is not known")]
    Unknown { what: &'static str },
    #[error("message is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("text is not UTF-8")]
    NotText,
}

pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn i16(&mut self) -> Result<i16, Malformed> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// A count that is limited before anything is allocated for it.
    pub(crate) fn count(
        &mut self,
        what: &'static str,
        count: usize,
        limit: usize,
    ) -> Result<usize, Malformed> {
        if count > limit {
            return Err(Malformed::OutOfRange {
                what,
                value: count as u64,
            });
        }
        Ok(count)
    }

    pub(crate) fn end(self) -> Result<(), Malformed> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed::Trailing)
        }
    }
}
