use std::fs;

use crate::fixture;
use crate::program::{done, refused};

#[test]
fn figures_say_what_they_show() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    for line in [100.0, 200.0] {
        fixture::write(&at.join(format!("{line:?}.h5")), line, true);
    }
    for (kind, said) in [
        (
            "section",
            &[
                "log10 conductivity [S/m]",
                "elevation [m]",
                "depth of investigation",
            ][..],
        ),
        ("k", &["number of layers", "probability", "mean"]),
        ("entropy", &["entropy [bits]", "surface"]),
        ("interfaces", &["per 10.00 m of depth", "probability"]),
        (
            "misfit",
            &["misfit per datum", "best state", "mean of kept iterations"],
        ),
        (
            "errors",
            &["relative error: mean, P05 and P95", "additive error"],
        ),
    ] {
        let name = format!("{kind}.svg");
        done(
            at,
            &[
                "plot", ".", "--line", "100", "--kind", kind, "--output", &name,
            ],
        );
        let drawing = fs::read_to_string(at.join(&name)).unwrap();
        let common = ["Line 100.0", "distance along the line [m]"];
        for text in said.iter().chain(&common) {
            assert!(drawing.contains(text), "{kind}: {text}");
        }
    }
    let point = [
        "plot",
        ".",
        "--line=100",
        "--kind=point",
        "--fiducial=1",
        "--output=p.svg",
    ];
    done(at, &point);
    let drawing = fs::read_to_string(at.join("p.svg")).unwrap();
    for text in [
        "Line 100.0, fiducial 1.0: 20 kept iterations",
        "P05, P95",
        "number of layers",
        "best state: misfit 5.0 of 2 data",
        "relative error",
    ] {
        assert!(drawing.contains(text), "{text}");
    }
    done(
        at,
        &[
            "plot",
            ".",
            "--line=200",
            "--size=400x300",
            "--output=s.png",
        ],
    );
    let picture = fs::read(at.join("s.png")).unwrap();
    assert_eq!(picture[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(picture[16..24], [0, 0, 1, 144, 0, 0, 1, 44]);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    for line in [100.0, 200.0] {
        fixture::write(&at.join(format!("{line:?}.h5")), line, true);
    }
    for (arguments, status, said) in [
        (&["--output=a.png"][..], 2, "which --line"),
        (&["--line=7", "--output=a.png"], 1, "100.0, 200.0"),
        (&["--line=100", "--output=a.pdf"], 2, ".png or .svg"),
        (
            &["--line=100", "--kind=map", "--output=a.png"],
            2,
            "errors, point",
        ),
        (
            &["--line=100", "--kind=point", "--output=a.png"],
            2,
            "--fiducial",
        ),
        (
            &[
                "--line=100",
                "--kind=point",
                "--fiducial=9",
                "--output=a.png",
            ],
            1,
            "no fiducial 9.0",
        ),
        (
            &[
                "--line=100",
                "--kind=point",
                "--fiducial=3",
                "--output=a.png",
            ],
            1,
            "nothing is kept",
        ),
    ] {
        let all = [&["plot", "."][..], arguments].concat();
        let (message, found) = refused(at, &all);
        assert!(found == status && message.contains(said), "{message}");
    }
    assert!(!at.join("a.png").exists());
}
