"""`braintumorvaeseg latent`: what the codes of the VAE branch hold, as volumes and a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.errors import PackageError
from ..core.modalities import Modality
from .latent_measure import describe_given_back, measure, show_given_back, show_smoothness
from .support.decoded import (
    DecodedFiles,
    Drawing,
    as_volumes,
    choose_sequences,
    code_case,
    open_space,
    require_axes,
    write_decoded,
)
from .support.grouping import grouped
from .support.inputs import choose_files
from .support.labelled import claimed_files
from .support.options import FLAG, Json, Model, Overwrite, epilog
from .support.screen import Screen, open_screen

if TYPE_CHECKING:
    import numpy as np

    from ..trust.latent.space import LatentSpace

_HELP = "Look at the latent space: what the VAE branch of stage 1 makes of codes."
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}
_AVERAGE = "average"
_CLOUDS, _BOTH = ("prior", "training"), "both"
Case = Annotated[Path, typer.Argument(metavar="CASE", help="Folder with the four images, or a file of four.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for volumes and figure.")]
Sequences = Annotated[
    list[Modality] | None,
    typer.Option("--sequence", metavar="NAME", help="This one alone; repeatable (all).", case_sensitive=False,
                 **_RESULTS),
]  # fmt: skip
NoFigure = Annotated[bool, typer.Option("--no-figure", help="Write no figure.", **{**FLAG, **_RESULTS})]


@dataclass(frozen=True)
class Wanted:
    """What all commands but measure take: which sequences, whether a figure, and by which model."""

    sequence: Sequences = None
    no_figure: NoFigure = False
    overwrite: Overwrite = False
    model: Model = None
    json: Json = False

    def files(self, out: Path, name: str, keys: Sequence[str]) -> DecodedFiles:
        """Return what is written of these keys."""
        return DecodedFiles(out, name, keys, choose_sequences(self.sequence), not self.no_figure)

    @contextmanager
    def writing(self, files: DecodedFiles) -> Iterator[Screen]:
        """Claim the files' folder and open the screen."""
        with claimed_files(files.folder, files.names, self.overwrite), open_screen(self.json) as screen:
            yield screen


app = typer.Typer(
    help=_HELP,
    rich_markup_mode="rich",
    epilog=epilog("latent reconstruct cases/PATIENT-1 --out codes", "latent sample --out codes"),
)


@app.callback()
def _group() -> None:
    """Look at the latent space: what the VAE branch of stage 1 makes of codes."""


@app.command("reconstruct", epilog=epilog("latent reconstruct cases/PATIENT-1 --out codes"))
@grouped
def reconstruct(
    case: Case,
    out: Out,
    wanted: Wanted = Wanted(),
) -> None:
    """Give a case back from its code alone.

    Writes CASE_reconstruction_T1.nii.gz and so on, of the stage's voxels where the case lies, and CASE_latent.json with
    the code and what it misses.
    """
    name = choose_files(case, {}, optional=lambda: tuple(Modality)).name
    files = wanted.files(out, name, [f"{name}_reconstruction"])
    with wanted.writing(files) as screen:
        import numpy as np

        from ..reporting.latent import Strip
        from ..trust.latent.measuring import given_back, telling_slice

        space = open_space(wanted.model, files.figure)
        coded = code_case(space, case, screen)
        decoded, average = space.decode(np.stack([coded.mean, space.training.mean]))
        errors = given_back(coded.seen, decoded, average)
        place = telling_slice(np.stack([decoded, average]))
        rows = (("given", coded.seen), ("given back", decoded), (f"{_AVERAGE} code", average))
        columns = [space.modalities.index(each) for each in files.sequences]
        strips = [Strip(title, images[columns, place], files.sequences if not n else ()) for n, (title, images)
                  in enumerate(rows)]  # fmt: skip
        missed = (coded.seen - decoded) * (coded.seen != 0).any(axis=0)
        strips.append(Strip("missed", missed[columns, place], signed=True))
        by_sequence = {
            each.value: describe_given_back(error) for each, error in zip(space.modalities, errors, strict=True)
        }
        told = {"name": name, "code": coded.mean.tolist(), "spread": coded.spread.tolist(), "given_back": by_sequence}
        show_given_back(screen, by_sequence)
        volumes = as_volumes(files, space, decoded[None], space.geometry_of(coded))
        write_decoded(files, space, volumes, Drawing(f"{name}, given back from its code", strips), told, screen)


@app.command("sample", epilog=epilog("latent sample --out codes", "latent sample --from training --out codes"))
@grouped
def sample(
    out: Out,
    count: Annotated[int, typer.Option("--count", min=1, max=64, help="How many codes of each cloud.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same gives the same.")] = 0,
    source: Annotated[
        str, typer.Option("--from", metavar="CLOUD", help="prior, training (where the training codes lie) or both.")
    ] = _BOTH,
    wanted: Wanted = Wanted(),
) -> None:
    """Draw codes from a Gaussian and decode them: brains of nobody.

    Writes prior-1_T1.nii.gz, training-1_T1.nii.gz and so on, and sample_latent.json with the codes.
    """
    if source not in (*_CLOUDS, _BOTH):
        raise typer.BadParameter(f"--from {source}: is no cloud of codes; choose {', '.join(_CLOUDS)} or {_BOTH}.")
    space = open_space(wanted.model, not wanted.no_figure)
    if space.package.latent is None and source != "prior":
        raise PackageError(f"{space.package.name} does not tell where its training codes lie; give --from prior.")
    names = [name for name in _CLOUDS if source in (name, _BOTH)]
    keys = [f"{name}-{number + 1}" for name in names for number in range(count)]
    files = wanted.files(out, "sample", keys)
    with wanted.writing(files) as screen:
        import numpy as np

        from ..reporting.latent import strips_by_sequence

        clouds = {"prior": space.prior, "training": space.training}
        codes = {name: clouds[name].draw(count, seed) for name in names}
        screen.step(f"decode {len(keys)} codes")
        images = space.decode(np.concatenate(list(codes.values())))
        slices = np.split(_slices(files, space, images), len(names))
        strips = [
            strip
            for name, part in zip(names, slices, strict=True)
            for strip in strips_by_sequence([f"{each}, {name}" for each in files.sequences], part, ())
        ]
        drawing = Drawing("Codes drawn and decoded: from the prior, or from where the training codes lie", strips)
        told = {"seed": seed, "codes": {name: each.tolist() for name, each in codes.items()}}
        write_decoded(files, space, as_volumes(files, space, images), drawing, told, screen)


@app.command("walk", epilog=epilog("latent walk cases/PATIENT-1 cases/PATIENT-2 --out codes"))
@grouped
def walk(
    first: Annotated[Path, typer.Argument(metavar="A", help="A case, as of latent reconstruct.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    out: Out,
    steps: Annotated[int, typer.Option("--steps", min=3, max=64, help="Both ends included.")] = 7,
    wanted: Wanted = Wanted(),
) -> None:
    """Go from one case's code to another's on a straight line, beside the straight blend of their images.

    Writes walk-1_T1.nii.gz (A given back) and so on to B, and walk_latent.json with the measures of smoothness.
    """
    files = wanted.files(out, "walk", [f"walk-{number + 1}" for number in range(steps)])
    with wanted.writing(files) as screen:
        import numpy as np

        from ..reporting.latent import strips_of_walk
        from ..trust.latent import codes
        from ..trust.latent.measuring import smoothness, telling_slice

        space = open_space(wanted.model, files.figure)
        ends = [code_case(space, folder, screen) for folder in (first, second)]
        line = codes.walk(ends[0].mean, ends[1].mean, steps)
        screen.step(f"decode {steps} codes")
        images = space.decode(line)
        share = np.linspace(0, 1, steps, dtype=np.float32)[:, None, None, None, None]
        blend = (1 - share) * ends[0].seen + share * ends[1].seen
        captions = ["A", *(f"{number}/{steps - 1}" for number in range(1, steps - 1)), "B"]
        walked, blended = (_slices(files, space, each, telling_slice(images)) for each in (images, blend))
        title = f"From {ends[0].name} to {ends[1].name}: through the codes, and straight through the images"
        drawing = Drawing(title, strips_of_walk(files.sequences, walked, blended, captions))
        measures = asdict(smoothness(images))
        told = {"cases": [end.name for end in ends], "codes": line.tolist(), "smoothness": measures}
        show_smoothness(screen, measures)
        write_decoded(files, space, as_volumes(files, space, images), drawing, told, screen)


@app.command("axes", epilog=epilog("latent axes --out codes", "latent axes --axis 12 --sequence FLAIR --out codes"))
@grouped
def axes(
    out: Out,
    axis: Annotated[
        list[int] | None,
        typer.Option("--axis", metavar="N", help="From 0; repeatable (the strongest).", show_default=False),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=64, help="How many of the strongest.")] = 4,
    reach: Annotated[float, typer.Option("--reach", min=0.0, max=20.0, help="SD of the training codes.")] = 3.0,
    steps: Annotated[int, typer.Option("--steps", min=1, max=15, help="Odd, so that the average is one.")] = 3,
    wanted: Wanted = Wanted(),
) -> None:
    """Vary one number of the average code at a time.

    Writes axis-12-1_T1.nii.gz (the number lowest) and so on, and axes_latent.json with the codes.
    """
    if steps % 2 == 0:
        raise typer.BadParameter(f"--steps {steps}: is even and has no middle; choose an odd number.")
    space = open_space(wanted.model, not wanted.no_figure)
    require_axes(axis or (), space.size)
    chosen = list(dict.fromkeys(axis or space.strongest_axes(count)))
    keys = [f"axis-{each}-{number + 1}" for each in chosen for number in range(steps)]
    files = wanted.files(out, "axes", keys)
    with wanted.writing(files) as screen:
        import numpy as np

        from ..reporting.latent import strips_of_axes
        from ..trust.latent.codes import vary

        cloud = space.training
        offsets = np.linspace(-reach, reach, steps)
        codes = np.concatenate([vary(cloud.mean, each, offsets * cloud.spread[each]) for each in chosen])
        screen.step(f"decode {len(codes)} codes")
        images = space.decode(codes)
        slices = _slices(files, space, images)
        slices = slices.reshape(len(chosen), steps, *slices.shape[1:])
        captions = [f"{value:+g} SD" if value else _AVERAGE for value in offsets]
        strips = strips_of_axes(chosen, files.sequences, slices, captions)
        drawing = Drawing("One number of the average code varied", strips, group=steps)
        told = {"axes": chosen, "offsets_sd": offsets.tolist(), "codes": codes.tolist()}
        write_decoded(files, space, as_volumes(files, space, images), drawing, told, screen)


app.command("measure", epilog=epilog("latent measure --data data/validation"))(measure)


def _slices(files: DecodedFiles, space: LatentSpace, images: np.ndarray, place: int | None = None) -> np.ndarray:
    """Return the slice that tells most of images (n, 4, z, y, x), of the sequences that are wanted, (n, s, y, x)."""
    from ..trust.latent.measuring import telling_slice

    at = telling_slice(images) if place is None else place
    return images[:, [space.modalities.index(each) for each in files.sequences], at]
