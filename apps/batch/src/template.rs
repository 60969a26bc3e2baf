//! The command with the task filled in.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::task::Task;
use crate::{Error, Result};

/// A command and its arguments, in which `{task}`, `{name}` and `{index}` stand for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    words: Vec<OsString>,
}

impl Template {
    /// From the words after `--`.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(words: &[OsString]) -> Result<Template> {
        if words.is_empty() {
            return Err(Error(
                "there is no command: write it after --, for example: -- python3 fit.py {task}"
                    .to_owned(),
            ));
        }
        Ok(Template {
            words: words.to_vec(),
        })
    }

    /// Whether a word of it is another for every task. If not, its environment still tells.
    pub fn names_the_task(&self) -> bool {
        let tells = |word: &OsString| {
            let word = word.to_string_lossy();
            ["{task}", "{name}", "{index}", "BATCH_"]
                .iter()
                .any(|part| word.contains(part))
        };
        self.words.iter().any(tells)
    }

    /// The words for one task.
    pub fn fill(&self, task: &Task, index: usize) -> Vec<OsString> {
        self.words
            .iter()
            .map(|word| OsString::from_vec(filled(word.as_bytes(), task, index)))
            .collect()
    }
}

/// One pass from left to right: what was filled in is not looked into again.
fn filled(word: &[u8], task: &Task, index: usize) -> Vec<u8> {
    let number = index.to_string();
    let marks = [
        (&b"{task}"[..], task.text.as_bytes()),
        (b"{name}", task.name.as_bytes()),
        (b"{index}", number.as_bytes()),
    ];
    let (mut out, mut rest) = (Vec::new(), word);
    while let Some(at) = rest.iter().position(|byte| *byte == b'{') {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let known = marks.iter().find(|(mark, _)| from.starts_with(mark));
        let (mark, text) = known.copied().unwrap_or((b"{", b"{"));
        out.extend_from_slice(text);
        rest = &from[mark.len()..];
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(words: &[&str]) -> Result<Template> {
        Template::new(
            &words
                .iter()
                .map(|&word| OsString::from(word))
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn tasks_are_filled_in_as_they_are() {
        let task = Task {
            text: "x/{index} y".into(),
            name: "x%2F{index} y".into(),
        };
        let filled = template(&["run", "--in={task}", "{name}.out", "{index}", "{other}"])
            .unwrap()
            .fill(&task, 7);
        assert_eq!(
            filled,
            [
                "run",
                "--in=x/{index} y",
                "x%2F{index} y.out",
                "7",
                "{other}"
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_filled_in_too() {
        let task = Task::new(b"lat\xe9 ".to_vec()).unwrap();
        let words = [OsString::from_vec(b"\xff{task}\xfe".to_vec())];
        let filled = Template::new(&words).unwrap().fill(&task, 0);
        assert_eq!(filled[0].as_bytes(), b"\xfflat\xe9 \xfe");
    }

    #[test]
    fn a_command_that_is_always_the_same_is_noticed() {
        assert!(template(&[]).is_err());
        assert!(!template(&["true"]).unwrap().names_the_task());
        assert!(
            template(&["sh", "-c", "echo $BATCH_TASK"])
                .unwrap()
                .names_the_task()
        );
    }
}
