use super::*;

fn lines(list: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    entries(list, Separator::Line)
}

fn entries(list: &[u8], separator: Separator) -> Result<Vec<Vec<u8>>, String> {
    let list = parse(list, separator, "list")
        .and_then(List::some)
        .map_err(|error| error.to_string())?;
    Ok(list
        .tasks
        .iter()
        .map(|task| task.text.as_bytes().to_vec())
        .collect())
}

#[test]
fn names_are_kept_exactly() {
    assert_eq!(
        lines(b"a\n\n b  c \n\td\nlat\xe9\n \n-x").unwrap(),
        [&b"a"[..], b" b  c ", b"\td", b"lat\xe9", b" ", b"-x"]
    );
    assert_eq!(lines(b"a\r\nb\r\n\n").unwrap(), [b"a", b"b"]);
    assert_eq!(lines(b"a\r\nb\n").unwrap(), [&b"a\r"[..], b"b"]);
    assert_eq!(lines(b"\xef\xbb\xbfa\nb\n").unwrap(), [b"a", b"b"]);
    assert_eq!(
        entries(b"a\nb\0\xef\xbb\xbfc\r\0d", Separator::Null).unwrap(),
        [&b"a\nb"[..], b"\xef\xbb\xbfc\r", b"d"]
    );
    for (list, warnings) in [
        (&b"a\r\n"[..], 1),
        (b"a\nb\r\n", 1),
        (b"\xef\xbb\xbfa\r\n", 2),
        (b"a \n", 0),
    ] {
        assert_eq!(
            parse(list, Separator::Line, "list").unwrap().warnings.len(),
            warnings,
            "{list:?}"
        );
    }
}

#[test]
fn what_can_be_no_name_is_refused_by_its_number() {
    for (list, told) in [
        (
            &b"a\nb\n a\na\n"[..],
            "list, line 4: the task a is in line 1",
        ),
        (b"\n\n", "list names no task"),
        (b"", "list names no task"),
        (b"a\nb\0c\n", "list, line 2: a NUL byte"),
        (
            &[&b"a\n"[..], &[b'x'; 256], b"\n"].concat(),
            "list, line 2: its directory",
        ),
        (
            &[&b"a\n\n"[..], &[b'x'; 5000]].concat(),
            "list, line 3: more than 4096 bytes",
        ),
    ] {
        let said = lines(list).unwrap_err();
        assert!(said.starts_with(told), "{said}");
    }
    assert!(
        entries(b"a\0\0b\0", Separator::Null)
            .unwrap_err()
            .starts_with("list, entry 2: it is empty")
    );
}

#[test]
fn what_is_written_is_read_back() {
    let names: Vec<OsString> = [
        &b" a "[..],
        b"b\tc",
        b"lat\xe9",
        b"-",
        b"'\"\\",
        b"...",
        b" ",
    ]
    .map(|name| OsStr::from_bytes(name).to_owned())
    .into();
    let hard: Vec<OsString> = [&b"a\nb"[..], b"c\r", b"\xef\xbb\xbfd"]
        .map(|name| OsStr::from_bytes(name).to_owned())
        .into();
    for (separator, names) in [
        (Separator::Line, names.clone()),
        (Separator::Null, [names, hard.clone()].concat()),
    ] {
        let list = write(names.iter().map(OsString::as_os_str), separator).unwrap();
        assert_eq!(
            super::names(&parse(&list, separator, "list").unwrap().tasks),
            names
        );
    }
    for name in &hard {
        assert!(
            write([name.as_os_str()], Separator::Line)
                .unwrap_err()
                .to_string()
                .contains("-0")
        );
    }
}
