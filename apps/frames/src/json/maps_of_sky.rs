use super::nodes::{Scope, inner};
use super::parts::Part;
use super::text::Json;
use crate::object::{
    FlatSkyMap, FlatSkyProjection, FlatValues, HealpixSkyMap, HealpixValues, MapHeader, SkyMapMask,
    SkyMapWeights, SparseMap,
};

fn header(header: &MapHeader, scope: Scope<'_>, out: &mut Json) {
    out.name("skymap_v").plain(scope.map_version());
    out.name("coord_ref").plain(header.coordinates.0);
    out.name("units").plain(header.units.0);
    out.name("overflow").number(header.overflow);
    out.name("pol_type").plain(header.pol_type.0);
    out.name("weighted").plain(header.is_weighted);
    out.name("pol_conv").plain(header.pol_convention.0);
}

pub(super) fn projection(projection: &FlatSkyProjection, out: &mut Json) {
    out.object(|out| {
        out.name("xdim").plain(projection.x_len);
        out.name("ydim").plain(projection.y_len);
        out.name("proj").plain(projection.projection.0);
        out.name("alpha_center").number(projection.alpha_center);
        out.name("delta_center").number(projection.delta_center);
        out.name("x_res").number(projection.x_res);
        out.name("y_res").number(projection.y_res);
        out.name("x_center").number(projection.x_center);
        out.name("y_center").number(projection.y_center);
    });
}

fn sparse(map: &SparseMap, out: &mut Json) {
    out.object(|out| {
        out.name("xlen").plain(map.x_len());
        out.name("ylen").plain(map.y_len());
        out.name("offset").plain(map.offset());
        out.name("columns").list(|out| {
            for column in map.columns() {
                out.list(|out| {
                    out.plain(column.first);
                    column.values.write(out);
                });
            }
        });
    });
}

pub(super) fn flat(map: &FlatSkyMap, scope: Scope<'_>, out: &mut Json) {
    out.object(|out| {
        header(&map.header, scope, out);
        projection(&map.projection, out.name("proj"));
        let (x_len, y_len) = (map.projection.x_len, map.projection.y_len);
        out.name("xpix").plain(x_len);
        out.name("ypix").plain(y_len);
        match &map.values {
            FlatValues::Empty => out.name("store").plain(0),
            FlatValues::Sparse(values) => {
                out.name("store").plain(1);
                sparse(values, out.name("data"));
            }
            FlatValues::Dense(values) => {
                out.name("store").plain(2);
                out.name("data").object(|out| {
                    out.name("xlen").plain(x_len);
                    out.name("ylen").plain(y_len);
                    values.write(out.name("data"));
                });
            }
        }
        out.name("flat_pol").plain(map.is_pol_flat);
    });
}

pub(super) fn healpix(map: &HealpixSkyMap, scope: Scope<'_>, out: &mut Json) {
    out.object(|out| {
        header(&map.header, scope, out);
        out.name("nside").plain(map.nside);
        out.name("nested").plain(map.is_nested);
        out.name("shifted").plain(map.is_shifted);
        match &map.values {
            HealpixValues::Empty => out.name("store").plain(0),
            HealpixValues::Indexed(values) => {
                out.name("store").plain(1);
                out.name("data").list(|out| {
                    for (pixel, value) in values {
                        out.list(|out| {
                            out.plain(pixel);
                            out.number(*value);
                        });
                    }
                });
            }
            HealpixValues::Rings(values) => {
                out.name("store").plain(2);
                sparse(values, out.name("data"));
            }
            HealpixValues::Dense(values) => {
                out.name("store").plain(3);
                values.write(out.name("data"));
            }
        }
    });
}

pub(super) fn weights(weights: &SkyMapWeights, scope: Scope<'_>, out: &mut Json) {
    out.object(|out| {
        for (name, map) in weights.parts() {
            match map {
                Some(map) => inner(map, scope, out.name(name)),
                None => out.name(name).null(),
            }
        }
    });
}

pub(super) fn mask(mask: &SkyMapMask, scope: Scope<'_>, out: &mut Json) {
    match &mask.parent {
        Some(parent) => inner(parent, scope, out.name("parent")),
        None => out.name("parent").null(),
    }
    out.name("value")
        .list(|out| mask.iter().for_each(|value| value.write(out)));
}
