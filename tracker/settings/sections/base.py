"""
What every table of the configuration has in common.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Section(BaseModel):
    """
    A table of settings: a key that is not known is an error.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_not_set(cls, value: object, info: ValidationInfo) -> object:
        """
        ``TRACKER_SLACK__WEBHOOK=`` (empty) means "none" wherever "none" is the default.
        """
        field = cls.model_fields[str(info.field_name)]
        return None if value == "" and field.default is None else value
