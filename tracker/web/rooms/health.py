"""
Health: what ``tracker status`` says, for whoever runs the watcher, and texts to be explained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tracker.acting import classifying
from tracker.acting.classifying import STAGES, counts_as_scan
from tracker.model import Stage
from tracker.recipients import mask_recipient
from tracker.sentences import RefusedError, Sentence
from tracker.status.health import health_of
from tracker.status.liveness import is_stale
from tracker.web.language import language_of
from tracker.web.language import marked as _
from tracker.web.rendering import done, gettext_of, page
from tracker.web.security.viewers import OperatingActor, Operator, house_of
from tracker.web.terms import terms_of

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.store.health import Heartbeat

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health(request: Request, viewer: Operator) -> Response:
    """
    Problems first, then carriers, steps, messages and unknown texts.
    """
    house, now = house_of(request), house_of(request).clock()
    found = health_of(house.settings, house.store, now)
    with house.store.read() as tx:
        refused = tx.outbox.refused_recipients()
        wordings = tx.wordings.all()
    return page(
        request,
        "health/health.html",
        viewer,
        health=found,
        beats=[(beat, _tone(beat, now)) for beat in found.beats],
        refused=[(channel, mask_recipient(to), why, many) for channel, to, why, many in refused],
        unknown=[one for one in wordings if one.wording.stage is None],
        explained=[one for one in wordings if one.wording.stage is not None],
        scans=[stage for stage in STAGES if counts_as_scan(stage)],
        no_scans=[stage for stage in STAGES if not counts_as_scan(stage)],
        counts_as_scan=counts_as_scan,
        terms=terms_of(language_of(request, viewer.user.language)),
    )


@router.post("/health/wordings/{wording_id}")
def classify(
    request: Request, actor: OperatingActor, wording_id: int, stage: Annotated[str, Form()] = ""
) -> Response:
    """
    The text means this from now on; what is stored follows with the watcher's next step.
    """
    house, now = house_of(request), house_of(request).clock()
    if stage not in {one.value for one in STAGES}:
        raise RefusedError(Sentence("Choose what the text means."))
    with house.store.begin() as tx:
        classifying.classify(
            tx, house.settings, wording_id, Stage(stage), author=actor.user.name, now=now
        )
    said = _("Noted. Its parcels follow with the watcher's next step.")
    return done(request, actor, "/health", gettext_of(request, actor)(said))


@router.post("/health/wordings/{wording_id}/withdraw")
def withdraw(request: Request, actor: OperatingActor, wording_id: int) -> Response:
    """
    Nobody has said what the text means; its parcels are asked anew.
    """
    house, now = house_of(request), house_of(request).clock()
    with house.store.begin() as tx:
        classifying.withdraw(tx, wording_id, actor.user.name, now)
    said = _("Taken back. Its parcels are asked anew.")
    return done(request, actor, "/health", gettext_of(request, actor)(said))


def _tone(beat: Heartbeat, now: datetime) -> str:
    """
    How the step's heartbeat looks: ``bad`` failed, ``warn`` is overdue.
    """
    if not beat.ok:
        return "bad"
    return "warn" if is_stale(beat, now) else "good"
