/// A number of fixed width.
pub trait Element: Copy + Send + Sync + 'static {
    /// How many bytes it takes.
    const WIDTH: usize;

    /// The number in `bytes`, which are [`Element::WIDTH`], lowest byte first.
    fn from_little(bytes: &[u8]) -> Self;

    /// The number in `bytes`, which are [`Element::WIDTH`], highest byte first.
    fn from_big(bytes: &[u8]) -> Self;

    /// Its bytes, lowest first, into `place`, which has [`Element::WIDTH`] of them.
    fn store(self, place: &mut [u8]);
}

macro_rules! elements {
    ($($number:ty),*) => {$(
        impl Element for $number {
            const WIDTH: usize = size_of::<$number>();

            fn from_little(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$number>()];
                own.copy_from_slice(bytes);
                <$number>::from_le_bytes(own)
            }

            fn from_big(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$number>()];
                own.copy_from_slice(bytes);
                <$number>::from_be_bytes(own)
            }

            fn store(self, place: &mut [u8]) {
                place.copy_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

elements!(u8, i8, i16, u16, i32, u32, i64, u64, f32, f64);

impl Element for bool {
    const WIDTH: usize = 1;

    fn from_little(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }

    fn from_big(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }

    fn store(self, place: &mut [u8]) {
        place[0] = u8::from(self);
    }
}
