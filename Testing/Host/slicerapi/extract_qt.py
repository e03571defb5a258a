"""Write `qt.json`: what both Qt 5.15 and Qt 6 have, for the classes that a scripted module may use.

    python -m slicerapi.extract_qt dump PyQt5 > qt5.json       # where PyQt5 is installed
    python -m slicerapi.extract_qt dump PySide6 > qt6.json     # where PySide6 is installed
    python -m slicerapi.extract_qt merge qt5.json qt6.json

A class that the checker does not know yet is added to `CLASSES` here.
"""

from __future__ import annotations

import enum
import importlib
import json
import sys
from pathlib import Path
from typing import Any

CLASSES = (
    *("QObject", "Qt", "QTimer", "QProcess", "QProcessEnvironment", "QIODevice", "QFile", "QFileInfo", "QDir"),
    *("QByteArray", "QUrl", "QSize", "QPoint", "QRect", "QSettings", "QStandardPaths", "QEvent", "QEventLoop"),
    *("QCoreApplication", "QGuiApplication", "QApplication", "QElapsedTimer", "QThread", "QLocale", "QMargins"),
    *("QColor", "QFont", "QFontMetrics", "QIcon", "QPixmap", "QImage", "QPalette", "QBrush", "QCursor", "QPainter"),
    *("QDesktopServices", "QAction", "QWidget", "QFrame", "QLabel", "QLineEdit", "QTextEdit", "QPlainTextEdit"),
    *("QTextBrowser", "QAbstractButton", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QComboBox"),
    *("QAbstractSlider", "QSlider", "QAbstractSpinBox", "QSpinBox", "QDoubleSpinBox", "QProgressBar", "QGroupBox"),
    *("QAbstractScrollArea", "QScrollArea", "QAbstractItemView", "QTableView", "QTableWidget", "QTableWidgetItem"),
    *("QHeaderView", "QListView", "QListWidget", "QListWidgetItem", "QMenu", "QDialog", "QMessageBox", "QFileDialog"),
    *("QInputDialog", "QProgressDialog", "QDialogButtonBox", "QSizePolicy", "QStyle", "QToolTip", "QClipboard"),
    *("QLayout", "QLayoutItem", "QBoxLayout", "QHBoxLayout", "QVBoxLayout", "QGridLayout", "QFormLayout"),
    *("QSpacerItem", "QTabWidget", "QStackedWidget", "QSplitter", "QButtonGroup", "QMovie"),
)
_MODULES = ("QtCore", "QtGui", "QtWidgets")
_LEFT_OUT = ("_", "Key_", "WA_", "AA_", "Im")  # what no panel needs, for brevity
_SIGNAL = 1  # QMetaMethod::Signal


def dump(package: str) -> dict[str, Any]:
    """Return the classes as a binding of Qt has them."""
    modules = [importlib.import_module(f"{package}.{name}") for name in _MODULES]
    found = {}
    for name in CLASSES:
        cls = next(getattr(module, name) for module in modules if hasattr(module, name))
        bases = [base.__name__ for base in cls.__mro__[1:] if base.__name__ in CLASSES]
        found[name] = {"base": bases[0] if bases else "", **_members(cls)}
    return found


def _members(cls: Any) -> dict[str, Any]:
    names, scoped = set(), set()
    # Qt 6 has moved some members to bases that Qt 5 lacks (QIODeviceBase).
    listed = next((base for base in cls.__mro__[1:] if base.__name__ in CLASSES), object)
    unlisted = [base for base in cls.__mro__[1:] if base not in listed.__mro__ and base.__name__ not in CLASSES]
    for name, member in ((name, member) for each in (cls, *unlisted) for name, member in vars(each).items()):
        if isinstance(member, type) and issubclass(member, enum.Enum):
            names |= set(member.__members__)
            scoped.add(name)
        elif not name.startswith(_LEFT_OUT) and not name.endswith(("Event", "MetaObject")):
            names.add(name)
    result = {"properties": [], "signals": [], "overloaded": []}
    meta = getattr(cls, "staticMetaObject", None)
    if meta is not None and (not cls.__mro__[1:] or meta is not getattr(cls.__mro__[1], "staticMetaObject", None)):
        own = [meta.method(i) for i in range(meta.methodOffset(), meta.methodCount())]
        signals = [method for method in own if _number(method.methodType()) == _SIGNAL]
        result["properties"] = [meta.property(i).name() for i in range(meta.propertyOffset(), meta.propertyCount())]
        result["signals"] = [_text(method.methodSignature()) for method in signals]
        # clicked() beside clicked(bool) is one signal whose argument has a default.
        several = [s.partition("(")[0] for s in result["signals"] if not s.endswith("()")]
        result["overloaded"] = [name for name in several if several.count(name) > 1]
    signal_names = {signature.partition("(")[0] for signature in result["signals"]}
    methods = names - scoped - set(result["properties"]) - signal_names
    return {"methods": sorted(methods), **{key: sorted(set(value)) for key, value in result.items()}}


def _number(value: Any) -> int:
    return int(getattr(value, "value", value))


def _text(value: Any) -> str:
    return bytes(value).decode()


def merge(qt5: dict[str, Any], qt6: dict[str, Any]) -> dict[str, Any]:
    """Return what both have; a signal that is overloaded in either counts as overloaded.

    What one has further up its line of classes counts for both, so a name may move between classes.
    """
    merged = {}
    for name in CLASSES:
        merged[name] = {"base": qt6[name]["base"]}
        for kind in ("properties", "methods", "signals"):
            both = set(qt5[name][kind]) & _inherited(qt6, name, kind)
            both |= set(qt6[name][kind]) & _inherited(qt5, name, kind)
            merged[name][kind] = " ".join(sorted(both))
        overloaded = set(qt5[name]["overloaded"]) | set(qt6[name]["overloaded"])
        merged[name]["overloaded"] = " ".join(sorted(overloaded))
    return merged


def _inherited(classes: dict[str, Any], name: str, kind: str) -> set[str]:
    found = set()
    while name:
        found |= set(classes[name][kind])
        name = classes[name]["base"]
    return found


def main() -> None:
    """Run one of the two commands."""
    command, *arguments = sys.argv[1:]
    if command == "dump":
        json.dump(dump(arguments[0]), sys.stdout)
        return
    from .extract_slicer import write_lines

    qt5, qt6 = (json.loads(Path(path).read_text(encoding="utf-8")) for path in arguments)
    Path(__file__).with_name("qt.json").write_text(write_lines(merge(qt5, qt6), 1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
