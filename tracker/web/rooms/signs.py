"""
Signs of life for machines: whether the watcher lives, and figures for Prometheus.
"""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from tracker.metrics import CONTENT_TYPE, exposition
from tracker.status.summary import health_summary
from tracker.web.api.readers import Bearer, operating, reading
from tracker.web.security.viewers import address_of, house_of

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz(request: Request) -> Response:
    """
    200 while the watcher lives, else 503; each step's age, and nothing private.
    """
    house = house_of(request)
    lives, shape = health_summary(house.store, house.clock())
    return JSONResponse(shape, HTTPStatus.OK if lives else HTTPStatus.SERVICE_UNAVAILABLE)


def _trusted(request: Request, sent: Bearer) -> None:
    """
    Nothing happens for this machine itself and for an operator's token; else it is refused.
    """
    if sent is not None or not _is_from_here(request):
        operating(reading(request, sent))


@router.get("/metrics", dependencies=[Depends(_trusted)])
def metrics(request: Request) -> Response:
    """
    The figures, for this machine itself or with an operator's token.
    """
    house = house_of(request)
    told = exposition(house.store, house.settings, house.clock())
    return Response(told, headers={"content-type": CONTENT_TYPE})


def _is_from_here(request: Request) -> bool:
    """
    True for a request of this machine itself that no web server has passed on.
    """
    try:
        here = ip_address(address_of(request)).is_loopback
    except ValueError:
        return False
    return here and not {"x-forwarded-for", "forwarded"} & set(request.headers)
