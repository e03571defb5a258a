"""The groups of an SR's measurements: one for each region and label, for each lesion one of size and one of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from highdicom.sr import (
    FindingSite,
    Measurement,
    MeasurementProperties,
    MeasurementsAndQualitativeEvaluations,
    NumContentItem,
    QualitativeEvaluation,
    ReferencedSegment,
    RelationshipTypeValues,
    SourceSeriesForSegmentation,
    TrackingIdentifier,
    VolumetricROIMeasurementsAndQualitativeEvaluations,
)

from ..core.labels import ED, NCR, REGIONS, TC, WT, Code, Label, Region
from ..measures.results import Lesion, Measures, Side
from . import codes
from .answers import Algorithm, Answer
from .codes import concept
from .diameters import line, slice_of
from .equipment import algorithm_of_measures
from .parts import burdens, lesion_key, told_lesions
from .segmentations import Tracking, WrittenSegment, track
from .sources import Source

Group = MeasurementsAndQualitativeEvaluations | VolumetricROIMeasurementsAndQualitativeEvaluations
_PARTS: tuple[Label | Region, ...] = (*REGIONS, NCR, ED)
"""What is told of the tumor, ET as a region alone."""


def measurement_groups(answer: Answer, segments: Mapping[str, WrittenSegment], source: Source) -> list[Group]:
    """Return all groups. segments: by the keys of their parts; a part without a voxel has none, and a volume of 0."""
    measures, context = answer.measures, _Context(source, answer.algorithm)
    groups = []
    for part in _PARTS:
        volume = _volume(measures.volumes_ml[part.key], answer.intervals_ml.get(part.key))
        values = [volume, *_of_part(part, measures)]
        side = measures.side if part is WT else None
        groups.append(context.group(part, segments.get(part.key), values, [], side, part.key, part.name))
    for region, burden in burdens(measures):
        for lesion in told_lesions(burden):
            segment = segments[lesion_key(region, lesion.number)]
            judged = _judge(lesion)
            groups.append(context.group(region, segment, list(_sizes(lesion)), judged, lesion.side))
            groups.append(context.lines(region, segment, lesion))
    return groups


class _Context:
    """What all groups share."""

    def __init__(self, source: Source, algorithm: Algorithm) -> None:
        self._source, self._algorithm = source, algorithm

    def group(
        self,
        part: Label | Region,
        segment: WrittenSegment | None,
        values: list[Measurement],
        judged: list[QualitativeEvaluation],
        side: Side | None,
        key: str = "",
        name: str = "",
    ) -> Group:
        """Return the measures of a segment (TID 1411), or of a part that has none (TID 1501), by its key and name."""
        if segment is None:
            return MeasurementsAndQualitativeEvaluations(
                measurements=values, **self._shared(part, track(key, name, self._source, ""), side)
            )
        return VolumetricROIMeasurementsAndQualitativeEvaluations(
            referenced_segment=ReferencedSegment(
                segment.data.SOPClassUID, segment.data.SOPInstanceUID, segment.number,
                source_series=SourceSeriesForSegmentation(self._source.series),
            ),
            measurements=values,
            qualitative_evaluations=judged or None,
            **self._shared(part, segment.tracking, side),
        )  # fmt: skip

    def lines(self, region: Region, segment: WrittenSegment, lesion: Lesion) -> Group:
        """Return a lesion's two diameters with the lines that they are (TID 1501), and their product."""
        found = lesion.diameters
        index = slice_of(found, self._source)
        long = [line(found.ends, index, self._source)]
        short = [line(found.perpendicular_ends, index, self._source)]
        values = [
            _amount(codes.LONG_AXIS, found.longest_mm, codes.MILLIMETER, long),
            _amount(codes.SHORT_AXIS, found.perpendicular_mm, codes.MILLIMETER, short),
            _amount(codes.PRODUCT, found.product_mm2, codes.SQUARE_MILLIMETER),
        ]
        return MeasurementsAndQualitativeEvaluations(
            measurements=values, **self._shared(region, segment.tracking, lesion.side)
        )

    def _shared(self, part: Label | Region, tracking: Tracking, side: Side | None) -> dict[str, Any]:
        laterality = concept(codes.SIDES[side.side]) if side is not None else None
        return {
            "tracking_identifier": TrackingIdentifier(tracking.uid, tracking.identifier),
            "finding_type": concept(part.type),
            "finding_category": concept(part.category),
            "finding_sites": [FindingSite(concept(codes.SITE), laterality)],
            "algorithm_id": algorithm_of_measures(self._algorithm),
        }


def _volume(value: float, interval: tuple[float, float] | None) -> Measurement:
    """Return a volume, with how far the true one may lie above and below it where an interval holds it (TID 310)."""
    if interval is None or not interval[0] <= value <= interval[1]:
        return _amount(codes.VOLUME, value, codes.MILLILITER)
    properties = MeasurementProperties()
    for name, range_ in ((codes.ABOVE, interval[1] - value), (codes.BELOW, value - interval[0])):
        properties.append(
            NumContentItem(
                concept(name), round(float(range_), 3), concept(codes.MILLILITER),
                relationship_type=RelationshipTypeValues.HAS_PROPERTIES,
            )
        )  # fmt: skip
    return _amount(codes.VOLUME, value, codes.MILLILITER, properties=properties)


def _of_part(part: Label | Region, measures: Measures) -> Iterator[Measurement]:
    """Give what is told of a region beside its volume."""
    for region, burden in burdens(measures):
        if part is region:
            yield _amount(codes.NUMBER_OF_LESIONS, len(burden.lesions) + burden.others, codes.ONE)
            yield _amount(codes.SUM_OF_PRODUCTS, burden.sum_of_products_mm2, codes.SQUARE_MILLIMETER)
    if part is TC and measures.necrotic_share is not None and measures.enhancing_share is not None:
        yield _amount(codes.NONENHANCING_SHARE, 100 * measures.necrotic_share, codes.PERCENT)
        yield _amount(codes.ENHANCING_SHARE, 100 * measures.enhancing_share, codes.PERCENT)
    if part is WT and measures.side is not None:
        yield _amount(codes.ACROSS, measures.side.across_mm, codes.MILLIMETER)


def _sizes(lesion: Lesion) -> Iterator[Measurement]:
    yield _amount(codes.VOLUME, lesion.volume_ml, codes.MILLILITER)
    yield _amount(codes.DIAMETER_3D, lesion.diameter_3d_mm, codes.MILLIMETER)
    if lesion.nearest_mm is not None:
        yield _amount(codes.NEAREST, lesion.nearest_mm, codes.MILLIMETER)


def _judge(lesion: Lesion) -> list[QualitativeEvaluation]:
    answers = ((codes.MEASURABLE, lesion.measurable), (codes.TARGET, lesion.target))
    return [QualitativeEvaluation(concept(what), concept(codes.YES if yes else codes.NO)) for what, yes in answers]


def _amount(
    name: Code, value: float, unit: Code, lines: Any = None, properties: MeasurementProperties | None = None
) -> Measurement:
    """Return a measurement, to the third decimal: no image is finer."""
    told = value if isinstance(value, int) else round(float(value), 3)
    return Measurement(concept(name), told, concept(unit), referenced_coordinates=lines, properties=properties)
