"""What a screen reader finds in an output: Chromium's own accessibility tree."""

from playwright.sync_api import Locator

NAMED = ("button", "textbox", "combobox", "checkbox", "img", "image", "spinbutton")


def tree(output: Locator) -> list[dict]:
    """The nodes below an output that a screen reader would be told of."""
    output.evaluate("node => node.dataset.asked = 'yes'")
    session = output.page.context.new_cdp_session(output.page)
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    place = {"nodeId": root, "selector": "[data-asked='yes']"}
    node = session.send("DOM.querySelector", place)["nodeId"]
    nodes = session.send("Accessibility.queryAXTree", {"nodeId": node})["nodes"]
    session.detach()
    output.evaluate("node => { delete node.dataset.asked }")
    return [node for node in nodes if not node.get("ignored")]


def role_of(node: dict) -> str:
    return node.get("role", {}).get("value", "")


def name_of(node: dict) -> str:
    return (node.get("name", {}).get("value") or "").strip()


def live_of(node: dict) -> str:
    """ "polite", "assertive", or nothing."""
    for each in node.get("properties", []):
        if each["name"] == "live":
            return each["value"].get("value", "")
    return ""


def complaints(output: Locator, is_panel: bool) -> list[str]:
    """Controls and pictures without a name; a panel whose words are not read out as they change."""
    nodes = tree(output)
    wrong = [
        f"a {role_of(node)} without a name for a screen reader"
        for node in nodes
        if role_of(node) in NAMED and not name_of(node)
    ]
    # ipywidgets gives a slider's handle no name, nor a way to: then its label must be read out
    labelled = False
    for node in nodes:
        if role_of(node) == "LabelText":
            labelled = True
        if role_of(node) == "slider":
            if not (labelled or name_of(node)):
                wrong.append("a slider with neither a name nor a label before it")
            labelled = False
    if is_panel and not any(live_of(node) == "polite" for node in nodes):
        wrong.append("no live region: a screen reader does not hear what a slider changes")
    return wrong
