"""The tool that makes the notebooks: what it stores, and what it leaves out."""

import build_notebooks as tool
import pytest
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

A, B, C, D, E, F = (letter * 32 for letter in "abcdef")


def model(name, **state):
    return {"model_name": name, "model_module": "m", "state": state}


def with_widgets(state, shown):
    view = new_output("display_data", {tool.WIDGET_VIEW: {"model_id": shown}})
    return new_notebook(
        cells=[new_code_cell("panel", outputs=[view])],
        metadata={"widgets": {tool.WIDGET_STATE: {"state": state}}},
    )


def test_widgets_that_nothing_shows_are_left_out():
    ref = "IPY_MODEL_{}".format
    state = {
        A: model("VBoxModel", children=[ref(B)]),
        B: model("SliderModel", layout=ref(C)),
        C: model("LayoutModel"),
        D: model("SliderModel", layout=ref(C)),  # never shown
        E: model("LinkModel", source=[ref(C), "x"], target=[ref(B), "y"]),  # moves what is shown
        F: model("LinkModel", source=[ref(D), "x"], target=[ref(B), "y"]),
    }
    assert tool.reachable(state, [A]) == [A, B, C, E]
    assert tool.reachable(state, [D]) == [C, D]
    assert tool.reachable(state, []) == []


def test_widgets_get_names_that_do_not_change_from_run_to_run():
    def build(first, second):
        box = model("VBoxModel", children=[f"IPY_MODEL_{second}"])
        notebook = with_widgets({first: box, second: model("SliderModel")}, shown=first)
        tool.tidy_widgets(notebook)
        return notebook

    notebook = build(A, B)
    (view,) = (output.data[tool.WIDGET_VIEW] for output in tool.outputs(notebook))
    state = notebook.metadata.widgets[tool.WIDGET_STATE].state
    (child,) = state[view.model_id].state.children
    assert state[child.removeprefix("IPY_MODEL_")].model_name == "SliderModel"
    assert notebook.metadata == build(C, D).metadata


def test_a_bar_says_how_it_ended_and_not_how_it_began():
    ref = "IPY_MODEL_{}".format
    state = {
        A: model("HBoxModel", children=[ref(B), ref(C), ref(D)]),
        B: model("HTMLModel", value="50%"),
        C: model("FloatProgressModel", value=4.0, max=8.0),
        D: model("HTMLModel", value="\u20074 of 8 runs,\u2007return\u200712"),
        E: model("SliderModel"),
    }
    notebook = with_widgets(state, shown=A)
    (output,) = tool.outputs(notebook)
    for before, after in (
        ("  0%|          | 0 of 8 runs", "50%|█████     | 4 of 8 runs"),
        ("An interactive panel.", "An interactive panel."),
    ):
        output.data["text/plain"] = before
        tool.finish_bars(notebook)
        assert output.data["text/plain"] == after


def test_a_notebook_without_a_view_stores_no_widgets():
    notebook = with_widgets({A: model("VBoxModel")}, shown=B)
    tool.tidy_widgets(notebook)
    assert "widgets" not in notebook.metadata


def test_an_error_keeps_the_readers_cell_and_drops_the_machines_paths():
    output = new_output(
        "error",
        ename="E",
        evalue="while tracing f at /tmp/ipykernel_12/345.py:3 for jit",
        traceback=["Cell In[1], line 3", "\x1b[36mFile \x1b[39m/x/site-packages/y.py:1", "E: no"],
    )
    tool.clean_output(output)
    assert output.evalue == "while tracing f at <cell> for jit"
    assert output.traceback == ["Cell In[1], line 3", "E: no"]


def test_no_execute_keeps_outputs_of_unchanged_code_only():
    def ran(source, count):
        return new_code_cell(source, outputs=[new_output("stream", text=source)]) | {
            "execution_count": count
        }

    old = new_notebook(cells=[from_dict(ran("a", 1)), from_dict(ran("b", 2))])
    new = new_notebook(
        cells=[new_code_cell("new"), new_markdown_cell("b"), new_code_cell("b")],
    )
    assert tool.keep_outputs(new, old) == 1
    assert new.cells[0].outputs == [] and new.cells[0].execution_count is None
    assert new.cells[2].outputs[0].text == "b" and new.cells[2].execution_count == 2


def test_cell_ids_depend_on_the_content_alone(tmp_path):
    source = tmp_path / "00_x.py"
    source.write_text("# %%\na = 1\n\n# %%\na = 1\n")
    before = [cell.id for cell in tool.read_source(source).cells]
    source.write_text("# %% [markdown]\n# New.\n\n# %%\na = 1\n\n# %%\na = 1\n")
    after = [cell.id for cell in tool.read_source(source).cells]
    assert len(set(after)) == 3 and after[1:] == before


@pytest.mark.parametrize("tags", [[], ["raises-exception"]])
def test_a_failing_cell_stops_the_build_unless_it_is_meant_to(tags, tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "NOTEBOOKS", tmp_path)
    source = tmp_path / "00_x.py"
    source.write_text(f"# %% tags={tags}\nmissing\n".replace("'", '"'))
    succeeded, said = tool.build(source, run=True)
    assert succeeded == bool(tags) == (tmp_path / "00_x.ipynb").exists()
    assert succeeded or ("missing" in said and "NameError" in said)
