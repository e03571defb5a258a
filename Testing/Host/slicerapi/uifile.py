"""The checker: a .ui file against what Slicer, CTK and Qt have."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from .api import Api, UnknownClass


def read_widgets(path: Path) -> dict[str, str]:
    """Return the classes of a .ui file's widgets by their names."""
    return {w.get("name", ""): w.get("class", "") for w in ElementTree.parse(path).iter("widget")}


def check_ui(path: Path, api: Api) -> list[str]:
    """Return what a .ui file uses that does not exist: classes, properties, signals and slots."""
    tree, widgets, problems = ElementTree.parse(path), read_widgets(path), []
    for widget in tree.iter("widget"):
        name, class_name = widget.get("name"), widget.get("class", "")
        try:
            members = api.members(class_name)
        except UnknownClass as error:
            problems.append(f"{path.name}: {name}: {error}.")
            continue
        for item in widget.findall("property"):
            if item.get("stdset") != "0" and members.get(item.get("name", "")) != "property":
                problems.append(f"{path.name}: {name}: {class_name} has no property {item.get('name')}.")
    for custom in tree.iter("customwidget"):
        class_name, extends = custom.findtext("class", ""), custom.findtext("extends", "")
        if class_name in api.classes and extends not in api.line_of(class_name):
            problems.append(f"{path.name}: {class_name} extends {api.classes[class_name]['base']}, not {extends}.")
    for connection in tree.iter("connection"):
        sender, signal, receiver, slot = (connection.findtext(k, "") for k in ("sender", "signal", "receiver", "slot"))
        if not {widgets.get(sender), widgets.get(receiver)} <= {None, *api.classes}:
            continue  # said already
        if sender not in widgets or signal not in api.signals(widgets[sender]):
            problems.append(f"{path.name}: {sender} has no signal {signal}.")
        if receiver not in widgets or slot.partition("(")[0] not in api.members(widgets[receiver]):
            problems.append(f"{path.name}: {receiver} has no slot {slot}.")
    return problems
