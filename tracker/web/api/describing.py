"""
The OpenAPI document as people read it: routes with their values, and the parts of answers.

Pure: it turns the document into what a template shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_PART = "#/components/schemas/"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    What a value is: words, and the part of the document that says more, if there is one.
    """

    words: str
    part: str | None = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """
    One value of a query, a path or an answer.
    """

    name: str
    kind: Kind
    about: str
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One route.
    """

    path: str
    about: str
    fields: tuple[Field, ...]
    answer: Kind


@dataclass(frozen=True, slots=True)
class Part:
    """
    One part of answers: its fields, or the words that it may be.
    """

    name: str
    about: str
    fields: tuple[Field, ...]
    words: tuple[str, ...]


def operations(document: Document) -> tuple[Operation, ...]:
    """
    Every route in the document's order.
    """
    return tuple(
        Operation(
            path=path,
            about=methods["get"].get("description", ""),
            fields=tuple(_parameter(one) for one in methods["get"].get("parameters", ())),
            answer=_kind(
                methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            ),
        )
        for path, methods in document["paths"].items()
    )


def parts(document: Document) -> tuple[Part, ...]:
    """
    Every part of answers by name.
    """
    return tuple(
        Part(
            name=name,
            about=schema.get("description", ""),
            fields=tuple(
                Field(
                    name=field,
                    kind=_kind(inner),
                    about=inner.get("description", ""),
                    required=field in schema.get("required", ()),
                )
                for field, inner in schema.get("properties", {}).items()
            ),
            words=tuple(map(str, schema.get("enum", ()))),
        )
        for name, schema in sorted(document["components"]["schemas"].items())
    )


def _parameter(parameter: Document) -> Field:
    schema = parameter["schema"]
    default = schema.get("default")
    return Field(
        name=parameter["name"],
        kind=_kind(schema),
        about=parameter.get("description", ""),
        required=parameter.get("required", False),
        default=None if default is None else str(default),
    )


def _kind(schema: Document) -> Kind:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_PART)
        return Kind(name, name)
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"] if one.get("type") != "null"]
        nullable = len(kinds) < len(schema["anyOf"])
        part = next((one.part for one in kinds if one.part), None)
        return Kind(" or ".join(one.words for one in kinds), part, nullable)
    if schema.get("type") == "array":
        inner = _kind(schema["items"])
        return Kind(f"list of {inner.words}", inner.part)
    if isinstance(schema.get("additionalProperties"), dict):
        inner = _kind(schema["additionalProperties"])
        return Kind(f"object of {inner.words} by name", inner.part)
    return Kind(str(schema.get("format") or schema.get("type") or "any"))
