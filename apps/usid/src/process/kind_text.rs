use hdf5::types::{CompoundField, EnumMember, Reference, TypeDescriptor};

/// A stored type in words that never change: they go into digests that files keep. Two types have
/// the same words only where they are the same.
pub(super) fn kind_text(kind: &TypeDescriptor) -> String {
    match kind {
        TypeDescriptor::Integer(size) => format!("Integer(U{})", *size as usize),
        TypeDescriptor::Unsigned(size) => format!("Unsigned(U{})", *size as usize),
        TypeDescriptor::Float(size) => format!("Float(U{})", *size as usize),
        TypeDescriptor::Boolean => "Boolean".into(),
        TypeDescriptor::Enum(kind) => {
            let member = |EnumMember { name, value }: &EnumMember| {
                let name = valid(name);
                format!("EnumMember {{ name: {name:?}, value: {value} }}")
            };
            let members: Vec<String> = kind.members.iter().map(member).collect();
            format!(
                "Enum(EnumType {{ size: U{}, signed: {}, members: [{}] }})",
                kind.size as usize,
                kind.signed,
                members.join(", ")
            )
        }
        TypeDescriptor::Compound(kind) => {
            let field = |field: &CompoundField| {
                format!(
                    "CompoundField {{ name: {:?}, ty: {}, offset: {}, index: {} }}",
                    valid(&field.name),
                    kind_text(&field.ty),
                    field.offset,
                    field.index
                )
            };
            let fields: Vec<String> = kind.fields.iter().map(field).collect();
            format!(
                "Compound(CompoundType {{ fields: [{}], size: {} }})",
                fields.join(", "),
                kind.size
            )
        }
        TypeDescriptor::FixedArray(of, length) => {
            format!("FixedArray({}, {length})", kind_text(of))
        }
        TypeDescriptor::FixedAscii(length) => format!("FixedAscii({length})"),
        TypeDescriptor::FixedUnicode(length) => format!("FixedUnicode({length})"),
        TypeDescriptor::VarLenArray(of) => format!("VarLenArray({})", kind_text(of)),
        TypeDescriptor::VarLenAscii => "VarLenAscii".into(),
        TypeDescriptor::VarLenUnicode => "VarLenUnicode".into(),
        TypeDescriptor::Reference(Reference::Object) => "Reference(Object)".into(),
        TypeDescriptor::Reference(_) => "Reference(Region)".into(),
    }
}

/// The binding takes any bytes for UTF-8, which those of a damaged file need not be.
fn valid(name: &str) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use hdf5::types::{CompoundType, EnumType, FloatSize, IntSize};

    use super::*;

    #[test]
    fn words_of_types_are_those_that_files_keep() {
        let number = TypeDescriptor::Float(FloatSize::U4);
        let field = |name: &str, ty: TypeDescriptor, offset| CompoundField {
            name: name.into(),
            ty,
            offset,
            index: offset / 4,
        };
        let choice = TypeDescriptor::Enum(EnumType {
            size: IntSize::U1,
            signed: false,
            members: vec![EnumMember {
                name: "A\"".into(),
                value: 7,
            }],
        });
        let compound = TypeDescriptor::Compound(CompoundType {
            fields: vec![
                field("r", number.clone(), 0),
                field("n", TypeDescriptor::Integer(IntSize::U8), 4),
            ],
            size: 12,
        });
        let words = [
            "Compound(CompoundType { fields: \
             [CompoundField { name: \"r\", ty: Float(U4), offset: 0, index: 0 }, \
             CompoundField { name: \"n\", ty: Integer(U8), offset: 4, index: 1 }], size: 12 })",
            "Enum(EnumType { size: U1, signed: false, \
             members: [EnumMember { name: \"A\\\"\", value: 7 }] })",
            "FixedArray(Unsigned(U2), 3)",
            "VarLenArray(FixedAscii(5))",
            "FixedUnicode(6)",
            "VarLenUnicode",
            "VarLenAscii",
            "Boolean",
            "Reference(Object)",
        ];
        let kinds = [
            compound,
            choice,
            TypeDescriptor::FixedArray(TypeDescriptor::Unsigned(IntSize::U2).into(), 3),
            TypeDescriptor::VarLenArray(TypeDescriptor::FixedAscii(5).into()),
            TypeDescriptor::FixedUnicode(6),
            TypeDescriptor::VarLenUnicode,
            TypeDescriptor::VarLenAscii,
            TypeDescriptor::Boolean,
            TypeDescriptor::Reference(Reference::Object),
        ];
        for (kind, words) in kinds.iter().zip(words) {
            assert_eq!(kind_text(kind), words);
        }
        assert_eq!(kinds.len(), words.len());
    }
}
