use super::text::Json;
use crate::archive::Text;
use crate::object::{BolometerProperties, ChannelMapping, Complex, Map, Quat, Time};

/// What looks the same wherever it stands.
pub(super) trait Part {
    fn write(&self, out: &mut Json);
}

impl Part for bool {
    fn write(&self, out: &mut Json) {
        out.plain(self);
    }
}

macro_rules! integers {
    ($($number:ty),*) => {$(
        impl Part for $number {
            fn write(&self, out: &mut Json) {
                out.plain(self);
            }
        }
    )*};
}

integers!(u8, i8, u32, i32, u64, i64, usize);

impl Part for f64 {
    fn write(&self, out: &mut Json) {
        out.number(*self);
    }
}

impl Part for f32 {
    fn write(&self, out: &mut Json) {
        out.number((*self).into());
    }
}

impl Part for Text {
    fn write(&self, out: &mut Json) {
        out.text(&self.to_str());
    }
}

impl Part for Time {
    fn write(&self, out: &mut Json) {
        out.plain(self.0);
    }
}

impl Part for Complex {
    fn write(&self, out: &mut Json) {
        [self.re, self.im].write(out);
    }
}

impl Part for Quat {
    fn write(&self, out: &mut Json) {
        self.parts().write(out);
    }
}

impl<T: Part> Part for [T] {
    fn write(&self, out: &mut Json) {
        out.list(|out| self.iter().for_each(|part| part.write(out)));
    }
}

impl<T: Part, const N: usize> Part for [T; N] {
    fn write(&self, out: &mut Json) {
        self[..].write(out);
    }
}

impl<T: Part> Part for Vec<T> {
    fn write(&self, out: &mut Json) {
        self[..].write(out);
    }
}

impl<T: Part> Part for Map<T> {
    fn write(&self, out: &mut Json) {
        out.list(|out| {
            for (name, value) in self.iter() {
                out.list(|out| {
                    name.write(out);
                    value.write(out);
                });
            }
        });
    }
}

impl Part for BolometerProperties {
    fn write(&self, out: &mut Json) {
        out.object(|out| {
            self.physical_name.write(out.name("physical_name"));
            out.name("x_offset").number(self.x_offset);
            out.name("y_offset").number(self.y_offset);
            out.name("band").number(self.band);
            out.name("pol_angle").number(self.pol_angle);
            out.name("pol_efficiency").number(self.pol_efficiency);
            self.wafer.write(out.name("wafer_id"));
            self.pixel.write(out.name("pixel_id"));
            out.name("coupling").text(&self.coupling.to_string());
            self.pixel_type.write(out.name("pixel_type"));
            out.name("center_frequency").number(self.center_frequency);
            out.name("bandwidth").number(self.bandwidth);
        });
    }
}

impl Part for ChannelMapping {
    fn write(&self, out: &mut Json) {
        out.object(|out| {
            out.name("board_ip").plain(self.board_ip);
            out.name("board_serial").plain(self.board_serial);
            out.name("board_slot").plain(self.board_slot);
            out.name("crate_serial").plain(self.crate_serial);
            out.name("module").plain(self.module);
            out.name("channel").plain(self.channel);
        });
    }
}
