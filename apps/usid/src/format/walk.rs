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
    let failed = |name: &str| failed::member(group, name);
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
    /// Groups, and datasets of several names, that were met.
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
        walk.is_new(group, true)?;
        walk.enter(0, group)?;
        Ok(walk)
    }

    fn enter(&mut self, depth: usize, group: &Group) -> Result<()> {
        let members = members(group)?.into_iter().rev();
        self.next
            .extend(members.map(|(name, member)| (depth + 1, name, member)));
        Ok(())
    }

    /// Whether an object is met for the first time. How many names a group has is not believed: in
    /// a damaged file a group may be below itself.
    fn is_new(&mut self, object: &hdf5::Location, is_group: bool) -> Result<bool> {
        let info = object.loc_info().map_err(failed::member(object, ""))?;
        if self.met.contains(&info.token) {
            return Ok(false);
        }
        if info.num_links > 1 || is_group {
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
            Member::Group(group) => self.is_new(group, true).and_then(|is_new| {
                if is_new {
                    self.enter(depth, group)?;
                }
                Ok(is_new)
            }),
            Member::Dataset(dataset) => self.is_new(dataset, false),
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

#[cfg(test)]
mod tests {
    use super::*;
    use jobwise_hdf5::file_access;

    #[test]
    fn a_group_below_itself_is_met_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("round.h5");
        let file = file_access::create(&path).unwrap();
        let group = file.create_group("a").unwrap();
        group.create_group("b").unwrap();
        file.link_hard("/a", "/a/b/a").unwrap();
        // The address of the group, which the binding shows and does not give.
        let token = format!("{:?}", group.loc_info().unwrap().token);
        let at: String = token.chars().filter(char::is_ascii_digit).collect();
        let at: usize = at.parse().unwrap();
        drop(group);
        file.close().unwrap();
        // The group says that it has one name only.
        let mut bytes = std::fs::read(&path).unwrap();
        let names = &mut bytes[at + 4..][..4];
        assert_eq!(names, [2, 0, 0, 0]);
        names[0] = 1;
        std::fs::write(&path, bytes).unwrap();
        let file = file_access::open(&path).unwrap();
        let met: Vec<_> = Walk::new(&file).unwrap().take(10).collect();
        let names: Vec<_> = met
            .iter()
            .map(|(depth, name, _)| (*depth, &**name))
            .collect();
        assert_eq!(names, [(1, "a"), (2, "b"), (3, "a")]);
        assert!(matches!(met[2].2, Member::Link));
    }
}
