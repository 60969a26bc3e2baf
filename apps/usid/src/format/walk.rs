use hdf5::{Dataset, Group, LinkType, LocationToken, LocationType};

use super::failed;
use crate::Result;

/// What a name in a group stands for.
#[derive(Clone, Debug)]
pub enum Member {
    /// A group.
    Group(Group),
    /// A dataset.
    Dataset(Dataset),
    /// A named type.
    Datatype,
    /// A name for an object elsewhere, in this file or in another.
    Link,
    /// Something that cannot be opened, and why.
    Unreadable(String),
}

/// The members of a group, sorted by name. Links are not followed. What cannot be opened is a
/// member like others.
///
/// # Errors
/// The file cannot be read.
pub fn members(group: &Group) -> Result<Vec<(String, Member)>> {
    let failed = |name: &str| failed::at(group, name);
    let mut links = Vec::new();
    group
        .iter_visit_default(|name, link| {
            // The binding takes any bytes for UTF-8, which those of a damaged file need not be.
            let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
            links.push((name, link.link_type));
            Ok(())
        })
        .map_err(failed(""))?;
    links.sort_by(|a, b| a.0.cmp(&b.0));
    let open = |(name, link): (String, LinkType)| -> Result<(String, Member)> {
        if link != LinkType::Hard {
            return Ok((name, Member::Link));
        }
        let kind = group.loc_type_by_name(&name).map_err(failed(&name))?;
        let member = match kind {
            LocationType::Group => Member::Group(group.group(&name).map_err(failed(&name))?),
            LocationType::Dataset => Member::Dataset(group.dataset(&name).map_err(failed(&name))?),
            LocationType::NamedDatatype => Member::Datatype,
        };
        Ok((name, member))
    };
    let or_why = |link: (String, LinkType)| {
        let name = link.0.clone();
        open(link).unwrap_or_else(|error| (name, Member::Unreadable(error.to_string())))
    };
    Ok(links.into_iter().map(or_why).collect())
}

/// Every object below a group, once, each group before its members: [`Member`]s with their depth, 1
/// for the members of the group itself, and their name.
///
/// An object of several names is met under one of them, and again as a [`Member::Link`].
#[derive(Debug)]
pub struct Walk {
    /// What comes next, last first.
    next: Vec<(usize, String, Member)>,
    /// Objects of several names that were met.
    met: Vec<LocationToken>,
}

impl Walk {
    /// Everything below `group`.
    ///
    /// # Errors
    /// The group cannot be read.
    pub fn new(group: &Group) -> Result<Walk> {
        let mut walk = Walk {
            next: Vec::new(),
            met: Vec::new(),
        };
        walk.is_new(group)?;
        walk.enter(0, group)?;
        Ok(walk)
    }

    fn enter(&mut self, depth: usize, group: &Group) -> Result<()> {
        let members = members(group)?.into_iter().rev();
        self.next
            .extend(members.map(|(name, member)| (depth + 1, name, member)));
        Ok(())
    }

    /// Whether an object is met for the first time. Only those of several names can be met twice;
    /// the group at the start, too.
    fn is_new(&mut self, object: &hdf5::Location) -> Result<bool> {
        let info = object.loc_info().map_err(failed::at(object, ""))?;
        if self.met.contains(&info.token) {
            return Ok(false);
        }
        if info.num_links > 1 || self.met.is_empty() {
            self.met.push(info.token);
        }
        Ok(true)
    }
}

impl Iterator for Walk {
    type Item = (usize, String, Member);

    fn next(&mut self) -> Option<Self::Item> {
        let (depth, name, member) = self.next.pop()?;
        let step = match &member {
            Member::Group(group) => self.is_new(group).and_then(|is_new| {
                if is_new {
                    self.enter(depth, group)?;
                }
                Ok(is_new)
            }),
            Member::Dataset(dataset) => self.is_new(dataset),
            Member::Datatype | Member::Link | Member::Unreadable(_) => Ok(true),
        };
        let member = match step {
            Ok(true) => member,
            Ok(false) => Member::Link,
            Err(error) => Member::Unreadable(error.to_string()),
        };
        Some((depth, name, member))
    }
}
