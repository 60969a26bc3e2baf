//! Blocks claimed in a directory are done once, whoever does them; what a run did not finish the
//! next one does; claims end with what they are for.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{FAULT, Fault, Row, Toy, value};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, Cancel, Cause, Division, IndexSet, Layout, LeaseName, Leases, Sink};

const LEN: usize = 40;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let root = directory(subject)?;
    let verdict = [1, 3, 64].into_iter().try_for_each(|width| {
        let root = root.join(width.to_string());
        whole(subject, &root.join("whole"), width)?;
        resumed(subject, &root.join("resumed"), width)?;
        failed(subject, &root.join("failed"), width)?;
        ways(subject, &root, width)
    });
    let verdict = subject.on_every_rank(verdict.is_ok(), || verdict.unwrap_err());
    // All ranks are done with it, or the directory of a broken law is left for who looks into it.
    if verdict.is_ok() && subject.rank() == 0 {
        fs::remove_dir_all(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    }
    verdict
}

/// A directory that all ranks see. Collective.
fn directory<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Result<PathBuf, String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let unique = format!(
        "leased-{}-{:?}-{}",
        std::process::id(),
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH),
        COUNT.fetch_add(1, Ordering::SeqCst)
    );
    let names = subject.gathered(unique)?;
    Ok(std::env::temp_dir().join(&names[0]))
}

/// Runs on the files of `root` with claims beside them, and checks that no claim is left.
/// Collective.
fn run<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    root: &Path,
    width: usize,
    toy: &Toy,
    cancel: Option<(usize, Cancel)>,
) -> Result<Vec<End>, String> {
    let claims = root.join("claims");
    let prefix = subject.claims_prefix();
    let leases = Leases::new(&claims, Duration::from_mins(1)).named(move |block| LeaseName {
        group: format!("{}", block / 7),
        name: format!("{prefix}{block}"),
    });
    let plan = Plan {
        division: Division::Leased(&leases),
        layout: Layout::Contiguous,
        width,
        job: (0, 1),
    };
    let mut run = Run::new(toy, plan);
    run.checkpoint = Duration::from_hours(1);
    if let Some((_, switch)) = &cancel {
        run.cancel = switch.clone();
    }
    fs::create_dir_all(root).map_err(|error| error.to_string())?;
    let mut files = Files {
        root: root.to_path_buf(),
        rank: subject.rank(),
        buffer: Vec::new(),
        written: 0,
        cancel,
    };
    let outcome = subject.run(Way::Write, &run, &mut files);
    let ends = subject.ends(&outcome)?;
    let left = fs::exists(&claims).map_err(|error| error.to_string())?;
    subject.on_every_rank(!left, || format!("{} was left", claims.display()))?;
    Ok(ends)
}

/// Every item is computed once, by one rank, and written.
fn whole<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    root: &Path,
    width: usize,
) -> Verdict {
    // Items take long enough that all ranks are at the same blocks.
    let toy = Toy::slow(LEN, Duration::from_millis(2), 0..LEN);
    let ends = run(subject, root, width, &toy, None)?;
    ensure(ends.iter().all(|end| *end == End::Fine), || {
        format!("{ends:?}")
    })?;
    for (index, computes) in toy.computes.iter().enumerate() {
        let times = subject.total(computes.load(Ordering::SeqCst) as usize)?;
        ensure(times == 1, || {
            format!("item {index} was computed {times} times")
        })?;
    }
    complete(root)
}

/// A run that was cancelled gives its claims back; the next does what is left, and that alone.
fn resumed<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    root: &Path,
    width: usize,
) -> Verdict {
    let switch = (subject.rank() == 0).then(|| (3, Cancel::new()));
    let ends = run(subject, root, width, &Toy::new(LEN), switch)?;
    let known = [End::Fine, End::Cancelled];
    ensure(ends.iter().all(|end| known.contains(end)), || {
        format!("{ends:?}")
    })?;
    let before: Vec<bool> = (0..LEN).map(|index| file(root, index).exists()).collect();
    // Nobody goes on before everybody has looked.
    let before = subject
        .gathered(before.into_iter().collect::<Vec<_>>())?
        .swap_remove(0);
    let toy = Toy::new(LEN);
    let ends = run(subject, root, width, &toy, None)?;
    ensure(ends.iter().all(|end| *end == End::Fine), || {
        format!("{ends:?}")
    })?;
    for (index, was_there) in before.into_iter().enumerate() {
        let times = subject.total(toy.computes[index].load(Ordering::SeqCst) as usize)?;
        ensure(times == usize::from(!was_there), || {
            format!("item {index}, {was_there} before, was computed {times} times")
        })?;
    }
    complete(root)
}

/// A failure reaches everyone who runs together and leaves no claim.
fn failed<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    root: &Path,
    width: usize,
) -> Verdict {
    let toy = Toy::failing(LEN, &[(LEN / 2, Fault::Compute)]);
    let ends = run(subject, root, width, &toy, None)?;
    let own = |end: &End| matches!(end, End::Item(20, cause) if cause == FAULT);
    let peers = |end: &End| matches!(end, End::Peer(..));
    ensure(
        ends.iter().filter(|end| own(end)).count() == 1
            && ends.iter().all(|end| own(end) || peers(end)),
        || format!("{ends:?}"),
    )
}

/// What brings all outputs together is refused, on every rank.
fn ways<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    root: &Path,
    width: usize,
) -> Verdict {
    let leases = Leases::new(root.join("ways"), Duration::from_mins(1));
    let plan = Plan {
        division: Division::Leased(&leases),
        layout: Layout::Contiguous,
        width,
        job: (0, 1),
    };
    for way in [Way::AtRoot, Way::Reduce, Way::Collect] {
        let toy = Toy::new(LEN);
        let mut nothing = crate::Memory::new();
        let ends = subject.ends(&subject.run(way, &Run::new(&toy, plan), &mut nothing))?;
        let refused = |end: &End| matches!(end, End::Other(why) if why.contains("leased division"));
        ensure(ends.iter().all(refused), || format!("{way:?}: {ends:?}"))?;
    }
    Ok(())
}

fn complete(root: &Path) -> Verdict {
    for index in 0..LEN {
        let path = file(root, index);
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let expected = value(0, index).to_bits().to_string();
        ensure(text == expected, || {
            format!("item {index} is {text}, not {expected}")
        })?;
    }
    Ok(())
}

fn file(root: &Path, index: usize) -> PathBuf {
    root.join(format!("item-{index}"))
}

/// A file for each item, which every process sees; there from the commit on.
struct Files {
    root: PathBuf,
    rank: usize,
    buffer: Vec<(usize, u64)>,
    written: usize,
    cancel: Option<(usize, Cancel)>,
}

impl Sink<Row> for Files {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(within
            .filter(|&index| file(&self.root, index).exists())
            .collect())
    }

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        self.buffer.push((index, row.value.to_bits()));
        self.written += 1;
        if let Some((after, cancel)) = &self.cancel
            && self.written == *after
        {
            cancel.cancel();
        }
        Ok(())
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        for (index, bits) in self.buffer.drain(..) {
            let path = file(&self.root, index);
            let unnamed = path.with_extension(format!("part-{}", self.rank));
            fs::write(&unnamed, bits.to_string())?;
            fs::rename(unnamed, path)?;
        }
        Ok(())
    }
}
