"""What a home remembers of where its files come from."""

import pytest

from orchestration.errors import StrataError
from orchestration.paths import Home
from orchestration.runs.input_source import InputSource, remember_input, remembered_input


def test_a_new_home_takes_files_from_its_own_landing_folder(tmp_path):
    home = Home(tmp_path / "home")
    assert remembered_input(home) == InputSource(home.landing, None)


def test_landing_and_map_are_remembered(tmp_path):
    home = Home(tmp_path / "home")
    map_path = tmp_path / "shop.yml"
    map_path.write_text("tables: []", encoding="utf-8")
    source = InputSource(tmp_path / "files", map_path)
    remember_input(home, source)
    assert remembered_input(home) == source


def test_the_demo_shops_home_takes_no_other_files(tmp_path):
    home = Home(tmp_path / "home")
    remember_input(home, InputSource(home.demo / "landing", None))
    with pytest.raises(StrataError, match="holds the demo shop"):
        remember_input(home, InputSource(tmp_path / "files", None))


def test_a_map_that_is_gone_is_told(tmp_path):
    home = Home(tmp_path / "home")
    remember_input(home, InputSource(tmp_path, tmp_path / "gone.yml"))
    with pytest.raises(StrataError, match="no file"):
        remembered_input(home)


@pytest.mark.parametrize("text", ["landing: x", "- 1", "{", "landing: 5\nmap: null"])
def test_a_broken_note_is_told(tmp_path, text):
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.input_note.write_text(text, encoding="utf-8")
    with pytest.raises(StrataError, match="delete it and name both again"):
        remembered_input(home)
