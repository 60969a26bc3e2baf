//! The command with the task filled in.

use std::ffi::OsString;

use crate::tasks::Task;
use crate::{Error, Result};

/// A command and its arguments, in which `{task}`, `{name}` and `{index}` stand for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    words: Vec<String>,
}

impl Template {
    /// From the words after `--`.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(words: &[String]) -> Result<Template> {
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
        let tells = |word: &String| {
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
            .map(|word| filled(word, task, index).into())
            .collect()
    }
}

/// One pass from left to right: what was filled in is not looked into again.
fn filled(word: &str, task: &Task, index: usize) -> String {
    let number = index.to_string();
    let marks = [
        ("{task}", task.text.as_str()),
        ("{name}", &task.name),
        ("{index}", &number),
    ];
    let (mut out, mut rest) = (String::new(), word);
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let known = marks.iter().find(|(mark, _)| from.starts_with(mark));
        let (mark, text) = known.copied().unwrap_or(("{", "{"));
        out.push_str(text);
        rest = &from[mark.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(words: &[&str]) -> Result<Template> {
        Template::new(
            &words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn tasks_are_filled_in_as_they_are() {
        let task = Task {
            text: "x/{index} y".to_owned(),
            name: "x%2F{index} y".to_owned(),
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
