//! Look-back lengths, in bars.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// A look-back length of at least `MIN` bars, so that nothing behind it has to check for zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Length<const MIN: u32>(u32);

/// At least one bar.
pub type Period = Length<1>;

/// At least two bars: what a sample standard deviation needs.
pub type Window = Length<2>;

/// The length is smaller than the smallest allowed one, or does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not a length of {min} to {max} bars", max = u32::MAX)]
pub struct LengthOutOfRange {
    value: i128,
    min: u32,
}

impl<const MIN: u32> Length<MIN> {
    /// The number of bars.
    pub const fn bars(self) -> usize {
        self.0 as usize
    }
}

impl From<Window> for Period {
    fn from(window: Window) -> Self {
        Self(window.0)
    }
}

macro_rules! from_integer {
    ($($integer:ty)*) => {$(
        impl<const MIN: u32> TryFrom<$integer> for Length<MIN> {
            type Error = LengthOutOfRange;

            fn try_from(value: $integer) -> Result<Self, LengthOutOfRange> {
                match u32::try_from(value) {
                    Ok(bars) if bars >= MIN => Ok(Self(bars)),
                    _ => Err(LengthOutOfRange { value: value as i128, min: MIN }),
                }
            }
        }
    )*};
}

from_integer!(i32 i64 u32 u64 usize);

impl<'de, const MIN: u32> Deserialize<'de> for Length<MIN> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Self::try_from(u32::deserialize(source)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_below_the_smallest_one_does_not_exist() {
        assert_eq!(Period::try_from(1).unwrap().bars(), 1);
        assert!(Period::try_from(0).is_err());
        assert!(Window::try_from(1).is_err());
        assert!(Period::try_from(-3).is_err());
        assert!(Period::try_from(1_u64 << 32).is_err());
        assert!(serde_json::from_str::<Window>("1").is_err());
    }
}
