use crate::archive::Text;

/// Values by name, in the order of the names' bytes, in which files keep them.
#[derive(Clone, Debug, PartialEq)]
pub struct Map<T> {
    entries: Vec<(Text, T)>,
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Map::new()
    }
}

impl<T> Map<T> {
    /// One without entries.
    pub fn new() -> Map<T> {
        Map {
            entries: Vec::new(),
        }
    }

    /// From entries in any order. Of those with the same name, the first counts.
    pub fn from_entries(mut entries: Vec<(Text, T)>) -> Map<T> {
        if !entries.is_sorted_by(|(one, _), (next, _)| one < next) {
            // It keeps the order of equal ones.
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.dedup_by(|(later, _), (first, _)| later == first);
        }
        Map { entries }
    }

    /// The value of that name.
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&T> {
        let index = self.find(name.as_ref()).ok()?;
        Some(&self.entries[index].1)
    }

    /// Puts a value in, in place of that of the same name.
    pub fn insert(&mut self, name: impl Into<Text>, value: T) -> Option<T> {
        let name = name.into();
        match self.find(&name) {
            Ok(index) => Some(std::mem::replace(&mut self.entries[index].1, value)),
            Err(index) => {
                self.entries.insert(index, (name, value));
                None
            }
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> Option<T> {
        let index = self.find(name.as_ref()).ok()?;
        Some(self.entries.remove(index).1)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &T)> + DoubleEndedIterator {
        self.entries.iter().map(|(name, value)| (name, value))
    }

    /// The names, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Text> + DoubleEndedIterator {
        self.entries.iter().map(|(name, _)| name)
    }

    /// The values, in the order of the names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        self.entries.iter().map(|(_, value)| value)
    }

    fn find(&self, name: &[u8]) -> Result<usize, usize> {
        self.entries.binary_search_by(|(own, _)| (**own).cmp(name))
    }
}

impl<N: Into<Text>, T> FromIterator<(N, T)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(entries: I) -> Map<T> {
        let entries = entries.into_iter();
        Map::from_entries(entries.map(|(name, value)| (name.into(), value)).collect())
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (Text, T);
    type IntoIter = std::vec::IntoIter<(Text, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
