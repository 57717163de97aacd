"""Refusals of staff's desk."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, NotFound


class StepNotFound(NotFound):
    code: ClassVar[str] = "step_not_found"
    title: ClassVar[str] = "There is no such step"


class StepNotParked(Conflict):
    """It goes on by itself, or has come to its end."""

    code: ClassVar[str] = "step_not_parked"
    title: ClassVar[str] = "Only a parked step can be taken up again"


class StepNotInDoubt(Conflict):
    code: ClassVar[str] = "step_not_in_doubt"
    title: ClassVar[str] = "Only a parked step whose outcome is unknown can be declared not done"


class JobNotFailed(NotFound):
    code: ClassVar[str] = "job_not_failed"
    title: ClassVar[str] = "There is no failed job with this number"
