//! Properties of a channel on their way between ranks.

use jobwise_core::{Error as Broken, Result as Received, Wire};

use super::{Cadence, Order, Properties};

impl Wire for Properties {
    fn put(&self, out: &mut Vec<u8>) {
        self.rate.put(out);
        self.cadence.subdirectory_seconds().put(out);
        self.cadence.file_milliseconds().put(out);
        self.is_float.put(out);
        self.is_unsigned.put(out);
        self.size.put(out);
        (self.order == Order::Big).put(out);
        self.is_complex.put(out);
        self.subchannels.put(out);
        self.is_continuous.put(out);
        self.version.put(out);
    }

    fn take(input: &mut &[u8]) -> Received<Self> {
        Ok(Properties {
            rate: Wire::take(input)?,
            cadence: Cadence::new(Wire::take(input)?, Wire::take(input)?)
                .map_err(|error| Broken::Malformed(error.to_string()))?,
            is_float: Wire::take(input)?,
            is_unsigned: Wire::take(input)?,
            size: Wire::take(input)?,
            order: if Wire::take(input)? {
                Order::Big
            } else {
                Order::Little
            },
            is_complex: Wire::take(input)?,
            subchannels: Wire::take(input)?,
            is_continuous: Wire::take(input)?,
            version: Wire::take(input)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Rate;
    use crate::drf::{ElementType, Kind};

    #[test]
    fn properties_survive_the_trip() {
        let rate = Rate::new(1_000_000, 3).unwrap();
        let element = ElementType {
            kind: Kind::I16,
            order: Order::Big,
            is_complex: true,
        };
        let properties = Properties::new(rate, Cadence::new(3600, 50).unwrap(), element, 4, true);
        let bytes = properties.to_bytes();
        assert_eq!(Properties::from_bytes(&bytes).unwrap(), properties);
        assert!(Properties::from_bytes(&bytes[1..]).is_err());
    }
}
