//! Name spaces of their own for programs: of mounts, of processes.

use std::process::Command;

use crate::impossible_here;

/// A shell in a name space of mounts of its own, so that what `script` mounts goes when it ends:
/// small disks, read-only ones. Arguments added to it are `$0`, `$1` and so on. Where that is not
/// allowed, the test is [skipped](impossible_here).
pub fn mounts(script: &str) -> Option<Command> {
    let shell = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script]);
        command
    };
    if succeeds(shell("mount -t tmpfs tmpfs /tmp")) {
        Some(shell(script))
    } else {
        impossible_here("a small file system cannot be mounted here (unshare -rm)")
    }
}

/// What starts a program, which is to be added with its arguments, in a name space of processes of
/// its own, where it has other numbers. `sees_itself`: whether `/proc` shows that name space. Where
/// that is not allowed, the test is [skipped](impossible_here).
pub fn processes(sees_itself: bool) -> Option<Command> {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--pid", "--fork"]);
        command.args(sees_itself.then_some("--mount-proc"));
        command
    };
    let mut nothing = unshare();
    nothing.arg("true");
    if succeeds(nothing) {
        Some(unshare())
    } else {
        impossible_here("this machine makes no name space of processes for us")
    }
}

fn succeeds(mut command: Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
