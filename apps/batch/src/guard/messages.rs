//! What a runner and a guard tell each other: short messages on a pair of sockets that keeps each
//! in one piece, with open files where a command is to be begun.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use jobwise_core::Wire;
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

/// What a guard tells its runner, each with the time at which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The runner gave no sign of life for too long, so the command is ended.
    Late,
    /// A signal came from outside the group.
    Told,
    /// A signal came from who is gone already.
    ToldByNobody,
    /// The command has ended, with this status.
    Ended(ExitStatus),
    /// The command was not begun: this machine has no room for another process.
    NoRoom,
    /// Nothing is left of the command, and the guard waits to be told of the next one.
    Free,
}

impl Note {
    fn code(self) -> (u8, i32) {
        match self {
            Note::Late => (b'l', 0),
            Note::Told => (b't', 0),
            Note::ToldByNobody => (b'n', 0),
            Note::Ended(status) => (b'e', status.into_raw()),
            Note::NoRoom => (b'r', 0),
            Note::Free => (b'f', 0),
        }
    }

    fn of_code(code: u8, status: i32) -> Option<Note> {
        Some(match code {
            b'l' => Note::Late,
            b't' => Note::Told,
            b'n' => Note::ToldByNobody,
            b'e' => Note::Ended(ExitStatus::from_raw(status)),
            b'r' => Note::NoRoom,
            b'f' => Note::Free,
            _ => return None,
        })
    }
}

/// A command, as it is told to a guard.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// The command and its arguments.
    pub words: Vec<OsString>,
    /// What it finds in its environment besides ours.
    pub environment: Vec<(&'static str, OsString)>,
}

/// A command to be begun, as its guard hears of it.
#[derive(Debug)]
pub(super) struct Begin {
    /// The command and its arguments.
    pub(super) words: Vec<OsString>,
    /// What it finds in its environment besides the guard's.
    pub(super) environment: Vec<(OsString, OsString)>,
    /// Where its output goes.
    pub(super) log: File,
    /// Until when it may go on, since the boot.
    pub(super) until: Duration,
}

/// What a runner tells its guard.
#[derive(Debug)]
pub(super) enum Order {
    Begin(Begin),
    /// So long after the boot of this machine.
    GoOnUntil(Duration),
}

const BEGIN: u8 = b'b';
const GO_ON: u8 = b'g';

/// No message is longer.
const LONGEST: usize = 16;

/// What was heard of the other one.
#[derive(Debug)]
pub(super) enum Heard<T> {
    Message(T),
    /// It has said nothing since.
    Nothing,
    /// It is gone, or makes no sense.
    End,
}

/// Two ends of a pair of sockets, for a runner and its guard. Neither blocks.
pub(super) fn pair() -> Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        flags,
        None,
    )?)
}

fn send(socket: BorrowedFd<'_>, bytes: &[u8], files: &[BorrowedFd<'_>]) -> Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(files));
    }
    sendmsg(
        socket,
        &[IoSlice::new(bytes)],
        &mut control,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// A message of the other one, and the files that came with it.
fn receive(socket: BorrowedFd<'_>) -> Heard<(Vec<u8>, Vec<OwnedFd>)> {
    let mut bytes = [0; LONGEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut slices = [IoSliceMut::new(&mut bytes)];
        match recvmsg(socket, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            received => break received,
        }
    };
    match received {
        Ok(message) if message.bytes > 0 => {
            let files = control.drain().filter_map(|message| match message {
                RecvAncillaryMessage::ScmRights(files) => Some(files),
                _ => None,
            });
            let files = files.flatten().collect();
            Heard::Message((bytes[..message.bytes].to_vec(), files))
        }
        Err(Errno::AGAIN) => Heard::Nothing,
        Ok(_) | Err(_) => Heard::End,
    }
}

/// Tells a runner something, at this time. One that is gone needs to know nothing.
pub(super) fn say(runner: BorrowedFd<'_>, note: Note, time: Duration) {
    let (code, status) = note.code();
    let mut bytes = Vec::with_capacity(LONGEST);
    (code, nanos(time), status).put(&mut bytes);
    let _ = send(runner, &bytes, &[]);
}

/// What a guard has said, and when.
pub(super) fn hear_note(guard: BorrowedFd<'_>) -> Heard<(Note, Duration)> {
    let (bytes, _) = match receive(guard) {
        Heard::Message(message) => message,
        Heard::Nothing => return Heard::Nothing,
        Heard::End => return Heard::End,
    };
    let read = <(u8, u64, i32)>::take(&mut &bytes[..]).ok();
    let note = read.and_then(|(code, time, status)| Some((Note::of_code(code, status)?, time)));
    note.map_or(Heard::End, |(note, time)| {
        Heard::Message((note, Duration::from_nanos(time)))
    })
}

/// Lets the command of a guard go on. A guard that is stopped hears it later, and one that is gone
/// needs not.
pub(super) fn let_go_on(guard: BorrowedFd<'_>, until: Duration) {
    let _ = send(guard, &order(GO_ON, until), &[]);
}

/// Tells a guard to begin a command.
///
/// # Errors
/// When the guard is gone, or this process has no room for another file.
pub(super) fn tell_to_begin(
    guard: BorrowedFd<'_>,
    command: &CommandLine,
    log: &File,
    until: Duration,
) -> Result<()> {
    let bytes = |text: &OsString| text.clone().into_vec();
    let words: Vec<_> = command.words.iter().map(bytes).collect();
    let environment = command.environment.iter().map(|(name, value)| {
        let name = OsString::from(name);
        (name.into_vec(), bytes(value))
    });
    let mut text = Vec::new();
    (words, environment.collect::<Vec<_>>()).put(&mut text);
    // Command lines are longer than messages may be.
    let mut file = File::from(memfd_create("command", MemfdFlags::CLOEXEC)?);
    file.write_all(&text)?;
    send(guard, &order(BEGIN, until), &[file.as_fd(), log.as_fd()])
}

fn order(kind: u8, until: Duration) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LONGEST);
    (kind, nanos(until)).put(&mut bytes);
    bytes
}

/// What a runner has said.
///
/// # Errors
/// When a command is to be begun that cannot be read, for want of room.
pub(super) fn hear_order(runner: BorrowedFd<'_>) -> Result<Heard<Order>> {
    let (bytes, files) = match receive(runner) {
        Heard::Message(message) => message,
        Heard::Nothing => return Ok(Heard::Nothing),
        Heard::End => return Ok(Heard::End),
    };
    let Ok((kind, until)) = <(u8, u64)>::take(&mut &bytes[..]) else {
        return Ok(Heard::End);
    };
    let until = Duration::from_nanos(until);
    Ok(match kind {
        BEGIN => Heard::Message(Order::Begin(begin(files, until)?)),
        GO_ON => Heard::Message(Order::GoOnUntil(until)),
        _ => Heard::End,
    })
}

/// Words and environment, as they are written.
type Text = (Vec<Vec<u8>>, Vec<(Vec<u8>, Vec<u8>)>);

fn begin(files: Vec<OwnedFd>, until: Duration) -> Result<Begin> {
    let files: Vec<File> = files.into_iter().map(File::from).collect();
    // The system leaves out what a process has no room for.
    let [text, log] = <[File; 2]>::try_from(files).map_err(|_| ErrorKind::OutOfMemory)?;
    let length = usize::try_from(text.metadata()?.len()).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    text.read_exact_at(&mut bytes, 0)?;
    let (words, environment) = Text::take(&mut &bytes[..]).map_err(Error::other)?;
    let string = OsString::from_vec;
    Ok(Begin {
        words: words.into_iter().map(string).collect(),
        environment: (environment.into_iter())
            .map(|(name, value)| (string(name), string(value)))
            .collect(),
        log,
        until,
    })
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
