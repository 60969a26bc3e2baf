use std::collections::HashSet;

use super::{Error, Layer, Result, StoredMap};
use crate::archive::Text;
use crate::frame::{Frame, FrameType};

/// Adds the maps of frames: all into one, or those of each name into one.
#[derive(Clone, Debug)]
pub struct Coadd {
    wanted: Option<HashSet<Text>>,
    id: Text,
    collate: bool,
    sums: Vec<Sums>,
}

/// The sum of maps, and where they came from.
#[derive(Clone, Debug)]
struct Sums {
    map: StoredMap,
    ids: Vec<Text>,
    files: Vec<Text>,
    /// Whether each map had its times.
    has_times: bool,
}

impl Coadd {
    /// Adds the maps with the `wanted` names, or all. The sum has the name `id`; with `collate`
    /// there is a sum for each name, called `id` and that name.
    pub fn new(wanted: Option<HashSet<Text>>, id: impl Into<Text>, collate: bool) -> Coadd {
        Coadd {
            wanted,
            id: id.into(),
            collate,
            sums: Vec::new(),
        }
    }

    /// Adds the map of a frame; false where it is none that is wanted. Maps that are not multiplied
    /// by their weights are multiplied first.
    ///
    /// # Errors
    /// The map cannot be read, has no weights, or does not belong to those before: other pixels,
    /// coordinates, layers, units or polarization.
    pub fn add(&mut self, frame: &Frame) -> Result<bool> {
        if frame.kind() != FrameType::MAP {
            return Ok(false);
        }
        let id: &Text = frame.get_as("Id")?;
        if self
            .wanted
            .as_ref()
            .is_some_and(|wanted| !wanted.contains(id))
        {
            return Ok(false);
        }
        let mut map = StoredMap::read(frame)?;
        weigh(&mut map).map_err(|problem| Error::content(frame, problem))?;
        let files = match frame.find_as::<Vec<Text>>("InputFiles")? {
            Some(files) => files.clone(),
            None => frame.place().map(file).into_iter().collect(),
        };
        let ids = match frame.find_as::<Vec<Text>>("InputMapIds")? {
            Some(ids) => ids.clone(),
            None => vec![id.clone()],
        };
        map.id = if self.collate {
            Text::from([&self.id[..], &id[..]].concat().as_slice())
        } else {
            self.id.clone()
        };
        let has_times = map.sum.times().is_some();
        let new = Sums {
            map,
            ids,
            files,
            has_times,
        };
        self.merge_one(new).map_err(|error| error.at(frame))?;
        Ok(true)
    }

    fn merge_one(&mut self, new: Sums) -> Result<()> {
        let same = |own: &&mut Sums| own.map.id == new.map.id;
        let Some(own) = self.sums.iter_mut().find(same) else {
            self.sums.push(new);
            return Ok(());
        };
        if own.map.is_pol_flat != new.map.is_pol_flat {
            return Err(Error::Content {
                at: String::new(),
                problem: "Q and U are relative to the plane in one map, and to the sky in another"
                    .into(),
            });
        }
        own.map.sum.merge(new.map.sum)?;
        unite(&mut own.ids, new.ids);
        unite(&mut own.files, new.files);
        own.has_times &= new.has_times;
        Ok(())
    }

    /// The sums as Map frames, in the order in which their names came: with `InputMapIds`, the
    /// names of the maps, and `InputFiles`. Their times are those of all maps, where each had some.
    ///
    /// # Errors
    /// There is no memory for maps without weights, which have all pixels.
    pub fn frames(&self, unweight: bool) -> Result<Vec<Frame>> {
        let frame = |sums: &Sums| {
            let mut frame = if unweight {
                sums.map.to_unweighted_frame()?
            } else {
                sums.map.to_frame()
            };
            if !sums.has_times {
                frame.remove("StartTime");
                frame.remove("StopTime");
            }
            frame.put("InputMapIds", sums.ids.clone());
            if !sums.files.is_empty() {
                frame.put("InputFiles", sums.files.clone());
            }
            Ok(frame)
        };
        self.sums.iter().map(frame).collect()
    }
}

/// Multiplies by the weights what is not multiplied by them.
fn weigh(map: &mut StoredMap) -> Result<(), String> {
    let has = |layer: Layer| map.sum.layers().contains(&layer);
    let is_only_hits = map.sum.layers() == [Layer::H];
    let weight = if has(Layer::Q) || has(Layer::U) {
        Layer::QQ
    } else {
        Layer::TT
    };
    if is_only_hits || map.is_weighted {
        return Ok(());
    }
    if !has(weight) {
        return Err("the map is not multiplied by its weights, and has none".into());
    }
    map.sum.apply_weights();
    map.is_weighted = true;
    Ok(())
}

fn file(place: &crate::frame::Place) -> Text {
    place.file.to_string_lossy().into_owned().into()
}

/// Adds what is new, behind the others.
fn unite(all: &mut Vec<Text>, others: Vec<Text>) {
    let mut known: HashSet<Text> = all.iter().cloned().collect();
    all.extend(others.into_iter().filter(|one| known.insert(one.clone())));
}
