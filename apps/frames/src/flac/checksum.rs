//! The checksums of heads and frames.

const fn table8() -> [u8; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x80 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x07
            };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

/// Row `n`: what a byte does to the checksum when `n` bytes follow it.
const fn table16() -> [[u16; 256]; 8] {
    let mut table = [[0; 256]; 8];
    let mut i = 0;
    while i < 256 {
        let mut crc = (i as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x8005
            };
            bit += 1;
        }
        table[0][i] = crc;
        i += 1;
    }
    let mut row = 1;
    while row < 8 {
        let mut i = 0;
        while i < 256 {
            let before = table[row - 1][i];
            table[row][i] = before << 8 ^ table[0][(before >> 8) as usize];
            i += 1;
        }
        row += 1;
    }
    table
}

static TABLE8: [u8; 256] = table8();
static TABLE16: [[u16; 256]; 8] = table16();

/// CRC-8 (polynomial 0x07, begins with 0).
pub(super) fn crc8(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .fold(0, |crc, &byte| TABLE8[usize::from(crc ^ byte)])
}

/// CRC-16 (polynomial 0x8005, begins with 0, not reflected).
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let crc = eights.iter().fold(0u16, |crc, &[a, b, c, d, e, f, g, h]| {
        let [high, low] = crc.to_be_bytes();
        let of = |row: usize, byte: u8| TABLE16[row][usize::from(byte)];
        of(7, a ^ high)
            ^ of(6, b ^ low)
            ^ of(5, c)
            ^ of(4, d)
            ^ of(3, e)
            ^ of(2, f)
            ^ of(1, g)
            ^ of(0, h)
    });
    rest.iter().fold(crc, |crc, &byte| {
        crc << 8 ^ TABLE16[0][usize::from((crc >> 8) as u8 ^ byte)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_catalogue() {
        assert_eq!(crc8(b"123456789"), 0xf4);
        assert_eq!(crc16(b"123456789"), 0xfee8);
    }
}
