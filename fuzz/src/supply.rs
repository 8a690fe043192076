//! Bytes as a supply of decisions: the same bytes give the same values, and no bytes give zeros.

/// Bytes that are used up from the front.
#[derive(Debug, Clone, Copy)]
pub struct Supply<'a>(&'a [u8]);

/// Numbers at which arithmetic breaks.
const EDGES: [f64; 32] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.1,
    2.0,
    10.0,
    100.0,
    1e-5,
    1e-9,
    1e-12,
    1e5,
    1e9,
    1e15,
    9_007_199_254_740_991.0,
    9_007_199_254_740_993.0,
    4_294_967_295.0,
    4_294_967_296.0,
    9.223_372_036_854_776e18,
    1.844_674_407_370_955_2e19,
    1e100,
    1e300,
    1e-300,
    5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::EPSILON,
];

impl<'a> Supply<'a> {
    /// All of `data`.
    pub const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// What is left.
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Is nothing left?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// The lowest bit of the next byte.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// The next `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// One of `choices`, which are at least one and at most 65 536.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let index =
            if choices.len() > 256 { usize::from(u16::from_le_bytes(self.bytes())) } else { self.byte().into() };
        choices[index % choices.len()]
    }

    /// A number that a program may well give: mostly small decimals, sometimes an edge, sometimes any bits.
    pub fn number(&mut self) -> f64 {
        match self.byte() % 8 {
            0 => f64::from_bits(u64::from_le_bytes(self.bytes())),
            1 | 2 => self.pick(&EDGES),
            3 => f64::from(self.byte()),
            4 => f64::from(i16::from_le_bytes(self.bytes())),
            kind => f64::from(i16::from_le_bytes(self.bytes())) / [1e1, 1e3, 1e5][usize::from(kind - 5)],
        }
    }

    /// A whole number, likewise.
    pub fn integer(&mut self) -> i64 {
        match self.byte() % 4 {
            0 => i64::from_le_bytes(self.bytes()),
            1 => self.pick(&[0, 1, -1, i64::MAX, i64::MIN, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 53, (1 << 53) + 1]),
            2 => self.byte().into(),
            _ => i16::from_le_bytes(self.bytes()).into(),
        }
    }
}
