use super::runs::{Cursor, Runs};
use jobwise_core::{Channel, Comm, Error, Nodes, Result, Wire};

/// How a change of an array goes from the rank that brings it to one rank of every other node: a
/// binomial tree, in messages of bounded length of which few are under way.
pub(super) struct Tree<'c> {
    comm: &'c dyn Comm,
    from: usize,
    parent: usize,
    children: Vec<usize>,
    /// How many messages went to each child.
    sent: usize,
}

impl<'c> Tree<'c> {
    /// Bytes of an array in one message.
    const PART: usize = 4 << 20;
    /// Messages to a child that it has not confirmed.
    const UNDER_WAY: usize = 3;

    /// From the place of `node`'s rank in it: rank `from`, or the leader of another node.
    pub(super) fn new(comm: &'c dyn Comm, nodes: &Nodes, from: usize, node: usize) -> Tree<'c> {
        let (count, root) = (nodes.count(), nodes.of(from));
        let rank = |place: usize| match place {
            0 => from,
            _ => nodes.leader((place + root) % count),
        };
        let place = (node + count - root) % count;
        let mut reach = 1;
        while reach <= place {
            reach *= 2;
        }
        let parent = rank(place.saturating_sub(reach / 2));
        let mut children = Vec::new();
        while place + reach < count {
            children.push(rank(place + reach));
            reach *= 2;
        }
        Tree {
            comm,
            from,
            parent,
            children,
            sent: 0,
        }
    }

    /// Tells the other nodes what is changed and what lies there now in `copy`; on rank `from`.
    pub(super) fn tell(mut self, order: &Result<&[Runs], &str>, copy: &[u8]) -> Result<()> {
        let mut message = Vec::new();
        match order {
            Err(why) => {
                Some((*why).to_owned()).put(&mut message);
                self.pass(&message)
            }
            Ok(boxes) => {
                None::<String>.put(&mut message);
                boxes.len().put(&mut message);
                boxes.iter().for_each(|runs| runs.put(&mut message));
                let mut cursor = Cursor::new(boxes);
                for _ in 0..messages(boxes) {
                    cursor.pack(copy, Self::PART, &mut message);
                    self.pass(&message)?;
                    message.clear();
                }
                Ok(())
            }
        }
    }

    /// Changes `copy` as rank `from` tells, and passes it on; on another node's leader.
    pub(super) fn follow(mut self, copy: &mut [u8]) -> Result<()> {
        let first = self.receive()?;
        self.pass(&first)?;
        let mut input = first.as_slice();
        if let Some(why) = <Option<String> as Wire>::take(&mut input)? {
            return Err(Error::Peer {
                rank: self.from,
                cause: why,
            });
        }
        let boxes = Vec::<Runs>::take(&mut input)?;
        if let Some(runs) = boxes.iter().find(|runs| !runs.lies_in(copy.len())) {
            return Err(Error::Malformed(format!(
                "{runs:?} in {} bytes",
                copy.len()
            )));
        }
        let mut cursor = Cursor::new(&boxes);
        cursor.fill(copy, input)?;
        let messages = messages(&boxes);
        for number in 1..messages {
            // The parent waits for this before it sends message number - 1 + UNDER_WAY, and takes
            // exactly those.
            if number - 1 + Self::UNDER_WAY < messages {
                self.comm.send(self.parent, Channel::ARRAY, &[])?;
            }
            let message = self.receive()?;
            self.pass(&message)?;
            cursor.fill(copy, &message)?;
        }
        Ok(())
    }

    fn receive(&self) -> Result<Vec<u8>> {
        Ok(self.comm.receive(Some(self.parent), Channel::ARRAY)?.1)
    }

    fn pass(&mut self, message: &[u8]) -> Result<()> {
        if self.sent >= Self::UNDER_WAY {
            for &child in &self.children {
                self.comm.receive(Some(child), Channel::ARRAY)?;
            }
        }
        self.sent += 1;
        for &child in &self.children {
            self.comm.send(child, Channel::ARRAY, message)?;
        }
        Ok(())
    }
}

/// How many messages carry these boxes: the first one goes in any case.
fn messages(boxes: &[Runs]) -> usize {
    let bytes: usize = boxes.iter().map(Runs::bytes).sum();
    bytes.div_ceil(Tree::PART).max(1)
}
