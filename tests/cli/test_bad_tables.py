"""What the command refuses of tables: one message, exit code 2, and nothing written."""

import csv

from tests.samples import rows_of


def test_bad_tables_get_one_message_and_exit_code_2(
    vae, people_files, people_run, conditional_people_run, blobs_npz, tmp_path
):
    run, conditional, out = people_run, conditional_people_run, tmp_path / "untouched"
    table, named = people_files / "people.csv", people_files / "named.csv"
    names, rows = rows_of(table)
    texts = {
        "less.csv": [names[1:], *(row[1:] for row in rows)],
        "more.csv": [[*names, "shoe"], *([*row, "42"] for row in rows)],
        "words.csv": [names, *([*row[:1], "tall", *row[2:]] for row in rows)],
        "ten.csv": [names, *rows[:10]],
        "header.csv": [names],
        "empty.csv": [],
        "empties.csv": [names, *([*row[:-1], ""] for row in rows)],
        "ids.csv": [["id", *names], *([i, *row] for i, row in enumerate(rows))],
    }
    for name, lines in texts.items():
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    (tmp_path / "nul.csv").write_bytes(table.read_bytes() + b"\0\0\n")
    x = {name: tmp_path / name for name in (*texts, "nul.csv")}
    cases = {
        ("train", named): "'name' holds 200 different texts in 200 rows",
        ("train", x["ids.csv"]): "Leave it out: --column id=ignore",
        ("train", x["ten.csv"]): "holds 10 rows, and at least 20",
        ("train", x["header.csv"]): "holds no rows",
        ("train", x["empty.csv"]): "cannot be read as a table",
        ("train", x["empties.csv"]): "'born' is missing in every row",
        ("train", x["nul.csv"]): "NUL bytes",
        ("train", tmp_path / "none.csv"): "No table at",
        ("train", table, "--column", "nosuch=real"): "Unknown column 'nosuch'",
        ("train", table, "--column", "age=reel"): "Did you mean 'real'",
        ("train", table, "--column", "age"): "--column is written NAME=KIND. Received: 'age'",
        ("train", table, "--column", "kind=real"): "'kind' is no real",
        ("train", table, "--column", "height=count"): "'height' is no count",
        ("train", table, "--split", "nosuch"): "Unknown column 'nosuch'",
        ("train", table, "--split", "kind"): "must say train or test in each row",
        ("train", table, "--recipe", "conv"): "recipe 'conv' is for images. Use another: table",
        ("train", blobs_npz, "--recipe", "table"): "recipe 'table' is for tables",
        ("train", table, "--likelihood", "bernoulli"): "need a likelihood each: mixed",
        ("train", table, "--size", "64"): "can be chosen for a folder of images",
        ("train", table, "--color", "rgb"): "can be chosen for a folder of images",
        ("train", blobs_npz, "--column", "age=real"): "Columns can be told of a table",
        ("train", blobs_npz, "--split", "age"): "Columns can be told of a table",
        ("train", table, "--condition", "nosuch"): "Unknown column 'nosuch'",
        ("train", table, "--condition", "height=category"): "a category is an integer",
        ("inspect", table, "--column", "age"): "written NAME=KIND",
        ("inspect", table, "--out", "p.csv"): "files end in .png",
        ("inspect", x["empty.csv"]): "cannot be read as a table",
        ("evaluate", run, x["less.csv"]): "missing: age.",
        ("evaluate", run, x["more.csv"]): "not known: shoe.",
        ("evaluate", run, x["words.csv"]): "'height' is no real",
        ("evaluate", run, x["ten.csv"]): "holds 10 rows",
        ("evaluate", run, "mnist-5k"): "No table at mnist-5k",
        ("map", run, x["less.csv"]): "missing: age.",
        ("reconstruct", run, x["more.csv"]): "not known: shoe.",
        ("reconstruct", run, "-n", 0): "at least 1",
        ("sample", run, "--out", "x.png"): "written as .csv, .csv.gz, .parquet, .npy",
        ("sample", run, "--out", "made"): "written as .csv, .csv.gz, .parquet, .npy",
        ("reconstruct", run, "--out", "x.png"): "written as .csv",
        ("interpolate", run, "--out", "x.pdf"): "written as .csv",
        ("interpolate", run, "--from", 999): "no test example 999",
        ("map", run, "--out", "x.csv"): "files end in .png",
        ("grid", run): "makes rows of a table: use vae sample",
        ("sample", run, "--condition", "kind=cat"): "has no conditions",
        ("sample", conditional, "--condition", "kind=unicorn"): "Unknown category 'unicorn'",
        ("sample", conditional, "--condition", "born=yesterday"): "a date, such as 2024-01-31",
        ("sample", conditional, "--condition", "age=3"): "Unknown condition 'age'",
        ("sample", conditional, "--condition", "born"): "written NAME=VALUE",
        ("impute", table, "--run", run, "--fill", "nosense"): "Unknown way to fill 'nosense'",
        ("impute", table, "--run", run, "--out", "x.npy"): "--out x.npy: files end in .csv",
        ("impute", table, "--run", run, "--uncertainty", "x.png"): "--uncertainty x.png: files end in .csv",
        ("impute", table, "--run", run, "--num-samples", 0): "At least one sample",
        ("impute", table, "--run", run, "--column", "age=real"): "that of --run knows its columns",
        ("impute", table, "--run", tmp_path / "nowhere"): "No run folder",
        ("impute", x["less.csv"], "--run", run): "missing: age.",
        ("impute", x["more.csv"], "--run", run): "not known: shoe.",
        ("impute", x["words.csv"], "--run", run): "'height' is no real",
        ("impute", x["header.csv"], "--run", run): "holds no rows",
        ("impute", x["ten.csv"]): "holds 10 rows",
        ("impute", table, "--column", "age"): "written NAME=KIND",
        ("impute", "mnist-5k"): "No table at mnist-5k",
        ("impute", tmp_path / "none.csv"): "No table at",
    }  # fmt: skip
    for arguments, message in cases.items():
        target = ("--out", out) if arguments[0] == "train" else ()
        code, printed, err = vae(*arguments, *target)
        assert code == 2, (arguments, err)
        assert message in " ".join(err.split()), (arguments, err)
        assert "Traceback" not in err
        assert err.count("vae: ") <= 1
        assert printed == "", arguments
        assert not out.exists(), arguments


def test_a_run_on_images_takes_no_tables(vae, people_files, blobs_run):
    run, table = blobs_run.folder, people_files / "people.csv"
    for arguments, message in {
        ("impute", table, "--run", run): "holds a model of images, and none of a table",
        ("evaluate", run, table): "this model was trained on (12, 12, 1)",
        ("sample", run, "--out", "x.csv"): "x.csv: this run's model makes images",
        ("reconstruct", run, "--out", "x.parquet"): "this run's model makes images",
        ("interpolate", run, "--out", "x.csv.gz"): "this run's model makes images",
    }.items():
        code, printed, err = vae(*arguments)
        assert (code, printed) == (2, ""), arguments
        assert message in " ".join(err.split()), (arguments, err)
