use super::blob::Object;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Part, Written, whole_objects};
use super::map::Map;
use super::maps::{read_entries, write_entries};
use crate::archive::{Result, Text};

/// An argument of a module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModuleArg {
    /// As it would be written in a program.
    pub text: Text,
    /// The argument itself, where it is an object.
    pub object: Option<Object>,
}

/// A module of a pipeline, and how it was called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModuleConfig {
    /// The module.
    pub module: Text,
    /// What this instance of it is called.
    pub instance: Text,
    /// Its arguments by name.
    pub arguments: Map<ModuleArg>,
}

/// What made a file: which program, of which version, with which modules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PipelineInfo {
    /// Where the program comes from.
    pub vcs_url: Text,
    /// The branch of its history.
    pub vcs_branch: Text,
    /// The revision in its history.
    pub vcs_revision: Text,
    /// Whether it was changed since.
    pub has_local_changes: bool,
    /// The name of its version.
    pub version_name: Text,
    /// The digest of its revision.
    pub git_hash: Text,
    /// The machine on which it ran.
    pub host: Text,
    /// Who ran it.
    pub user: Text,
    /// The modules, in their order.
    pub modules: Vec<ModuleConfig>,
    /// Its version in full; empty in old files.
    pub full_version: Text,
}

impl Layout for ModuleArg {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        let text = from.shared_text()?;
        let object = from.pointer_to(None)?;
        Ok(ModuleArg { text, object })
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.text(&self.text);
        to.pointer_to(self.object.as_ref(), false)
    }
}

/// Of an argument, version 1 has either the text or the object.
fn read_arguments(from: &mut Decoder<'_>) -> Result<Map<ModuleArg>> {
    let count = from.count(8 + 1 + 4)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let name = from.shared_text()?;
        let argument = if from.number::<bool>()? {
            ModuleArg {
                text: Text::default(),
                object: from.pointer_to(None)?,
            }
        } else {
            ModuleArg {
                text: from.shared_text()?,
                object: None,
            }
        };
        entries.push((name, argument));
    }
    Ok(Map::from_entries(entries))
}

impl Layout for ModuleConfig {
    const NEWEST: u32 = 2;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        Ok(ModuleConfig {
            module: from.shared_text()?,
            instance: from.shared_text()?,
            arguments: if version < 2 {
                read_arguments(from)?
            } else {
                read_entries(from)?
            },
        })
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.text(&self.module);
        to.text(&self.instance);
        write_entries(&self.arguments, to)
    }
}

whole_objects! {
    ModuleArg, 12;
    ModuleConfig, 24;
}

impl Layout for PipelineInfo {
    const NEWEST: u32 = 2;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        Ok(PipelineInfo {
            vcs_url: from.shared_text()?,
            vcs_branch: from.shared_text()?,
            vcs_revision: from.shared_text()?,
            has_local_changes: from.number()?,
            version_name: from.shared_text()?,
            git_hash: from.shared_text()?,
            host: from.shared_text()?,
            user: from.shared_text()?,
            modules: from.parts()?,
            full_version: if version < 2 {
                Text::default()
            } else {
                from.shared_text()?
            },
        })
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.text(&self.vcs_url);
        to.text(&self.vcs_branch);
        to.text(&self.vcs_revision);
        to.number(self.has_local_changes);
        for text in [&self.version_name, &self.git_hash, &self.host, &self.user] {
            text.write_part(to)?;
        }
        to.parts(&self.modules)?;
        to.text(&self.full_version);
        Ok(())
    }
}
