"""Templates filled by jinja2, every value escaped; a page needs no other file and asks for none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.errors import DependencyError
from .language import Language, Translator

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, language: Language, contents: Mapping[str, Any]) -> str:
    """Return a page. Raises DependencyError without jinja2, which torch brings along."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise DependencyError(
            "Reports need jinja2; install it with: pip install 'braintumorvaeseg[report]'."
        ) from error
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(t=Translator(language), language=language.value, **contents)
