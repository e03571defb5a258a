# ruff: noqa: N801, N802, N815 (the names are CTK's)
"""The module `ctk`: the few widgets of CTK that a panel uses, over PySide6."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from PySide6.QtCore import Property, QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

HEADER = 24
"""The height of a collapsible button's header in pixels."""
_WANTED = "visibilityToParent"
"""A child's property: whether somebody wants to see it, not set where nobody has said."""


class ctkCollapsibleButton(QAbstractButton):
    """A header over a frame of widgets, which a click folds away.

    As CTK's: what is folded away is hidden, also where somebody shows it meanwhile, and comes when the frame is
    unfolded, unless somebody has hidden it; before the button itself was shown, nothing of this happens.
    """

    contentsCollapsed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._collapsed = self._made = self._forcing = False
        self.setCheckable(True)
        self.setChecked(True)
        self.setContentsMargins(0, HEADER, 0, 0)
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Preferred)
        self.toggled.connect(lambda checked: self._set_collapsed(not checked))

    def _is_collapsed(self) -> bool:
        return self._collapsed

    def _set_collapsed(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        self.setChecked(not collapsed)
        self.setMaximumHeight(HEADER if collapsed else 16777215)
        self._place_all()
        self.updateGeometry()
        self.contentsCollapsed.emit(collapsed)

    def setVisible(self, visible: bool) -> None:
        self._forcing = True
        super().setVisible(visible)
        self._forcing = False
        if not self._made and self.testAttribute(Qt.WA_WState_Created):
            self._made = True
            self._place_all()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.ChildPolished and event.child().isWidgetType():
            child = event.child()
            if child.testAttribute(Qt.WA_WState_ExplicitShowHide) and child.testAttribute(Qt.WA_WState_Hidden):
                child.setProperty(_WANTED, False)
            child.installEventFilter(self)
            self._place(child)
        return super().event(event)

    def eventFilter(self, child: QObject, event: QEvent) -> bool:
        if not self._forcing and event.type() in (QEvent.ShowToParent, QEvent.HideToParent):
            shown = event.type() == QEvent.ShowToParent
            child.setProperty(_WANTED, shown)
            if shown:
                self._place(child)
        return super().eventFilter(child, event)

    def _place_all(self) -> None:
        for child in self.children():
            if child.isWidgetType():
                self._place(child)

    def _place(self, child: QWidget) -> None:
        """Show or hide a child as the frame is, without this counting as somebody's wish."""
        if not self.testAttribute(Qt.WA_WState_Created):
            return
        unwanted = child.property(_WANTED) is False
        shown = not self._collapsed and not unwanted
        self._forcing = True
        if not shown or child.testAttribute(Qt.WA_WState_Created):
            child.setVisible(shown)
        if not unwanted:
            child.setAttribute(Qt.WA_WState_ExplicitShowHide, False)
        self._forcing = False

    collapsed = Property(bool, _is_collapsed, _set_collapsed)

    def sizeHint(self) -> QSize:
        inner = QSize() if self._collapsed or self.layout() is None else self.layout().sizeHint()
        return QSize(max(inner.width(), 120), max(inner.height() + HEADER * (self.layout() is None), HEADER))

    def minimumSizeHint(self) -> QSize:
        inner = QSize() if self._collapsed or self.layout() is None else self.layout().minimumSize()
        return QSize(max(inner.width(), 120), max(inner.height(), HEADER))

    def paintEvent(self, event: Any) -> None:
        painter, option = QPainter(self), QStyleOptionButton()
        option.initFrom(self)
        option.rect = QRect(0, 0, self.width, HEADER)
        option.state |= QStyle.State_Raised
        self.style().drawControl(QStyle.CE_PushButtonBevel, option, painter, self)
        option.rect = QRect(6, 6, HEADER - 12, HEADER - 12)
        arrow = QStyle.PE_IndicatorArrowRight if self._collapsed else QStyle.PE_IndicatorArrowDown
        self.style().drawPrimitive(arrow, option, painter, self)
        painter.drawText(QRect(HEADER, 0, self.width - HEADER, HEADER), Qt.AlignVCenter | Qt.AlignLeft, self.text)


class ctkSliderWidget(QWidget):
    """A slider and a spin box of one value."""

    valueChanged = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider, self._box = QSlider(Qt.Horizontal), QDoubleSpinBox()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        layout.addWidget(self._box)
        self._slider.valueChanged.connect(self._follow_slider)
        self._box.valueChanged.connect(self._follow_box)
        self._set("maximum", 100.0)

    def _follow_slider(self, steps: int) -> None:
        self._box.setValue(self._box.minimum + steps * self._box.singleStep)

    def _follow_box(self, value: float) -> None:
        self._place_slider()
        self.valueChanged.emit(value)

    def _place_slider(self) -> None:
        box, blocked = self._box, self._slider.blockSignals(True)
        self._slider.setRange(0, round((box.maximum - box.minimum) / box.singleStep))
        self._slider.setValue(round((box.value - box.minimum) / box.singleStep))
        self._slider.blockSignals(blocked)

    def _set(self, name: str, value: Any) -> None:
        setattr(self._box, name, value)
        self._place_slider()

    def setValue(self, value: float) -> None:
        self._set("value", value)

    value = Property(float, lambda self: self._box.value, setValue)
    minimum = Property(float, lambda self: self._box.minimum, lambda self, v: self._set("minimum", v))
    maximum = Property(float, lambda self: self._box.maximum, lambda self, v: self._set("maximum", v))
    singleStep = Property(float, lambda self: self._box.singleStep, lambda self, v: self._set("singleStep", v))
    decimals = Property(int, lambda self: self._box.decimals, lambda self, v: self._set("decimals", v))
    suffix = Property(str, lambda self: self._box.suffix, lambda self, v: self._set("suffix", v))
    prefix = Property(str, lambda self: self._box.prefix, lambda self, v: self._set("prefix", v))


class ctkComboBox(QComboBox):
    """A combo box that shows a text where nothing is chosen."""

    defaultText = Property(str, lambda self: self.placeholderText, lambda self, text: self.setPlaceholderText(text))


class ctkPathLineEdit(QWidget):
    """A line for a path."""

    currentPathChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QLineEdit()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line)
        self._line.textChanged.connect(self.currentPathChanged)

    def setCurrentPath(self, path: str) -> None:
        self._line.setText(path)

    currentPath = Property(str, lambda self: self._line.text, setCurrentPath)


class ctkCheckBox(QCheckBox):
    pass


class ctkCheckablePushButton(QPushButton):
    pass


class ctkMessageBox(QMessageBox):
    pass


WIDGETS = (
    ctkCollapsibleButton,
    ctkSliderWidget,
    ctkComboBox,
    ctkPathLineEdit,
    ctkCheckBox,
    ctkCheckablePushButton,
    ctkMessageBox,
)
_ONLY_NAMES = (  # Slicer's parameterNodeWrapper asks whether a widget is one of these
    *("ctkDoubleSlider", "ctkDoubleSpinBox", "ctkRangeWidget", "ctkDoubleRangeSlider"),
    *("ctkDirectoryButton", "ctkColorPickerButton"),
)


def make_ctk() -> ModuleType:
    """Return the module `ctk`."""
    ctk = ModuleType("ctk", "CTK's widgets.")
    for cls in WIDGETS:
        setattr(ctk, cls.__name__, cls)
    for name in _ONLY_NAMES:
        setattr(ctk, name, type(name, (), {}))
    return ctk
