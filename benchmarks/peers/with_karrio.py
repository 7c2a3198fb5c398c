"""
karrio's side, run by the interpreter of its own environment: one line of JSON asks, one answers.

``{"carrier": URL, "numbers": [...]}`` makes the trackers, once; ``{"round": true}`` lets karrio's
own task fetch and store all of them, and answers with the seconds it took and the events stored.
"""

import json
import sys
import time


def main() -> None:
    """
    Answers until standard input ends.
    """
    import django  # noqa: PLC0415 - only karrio's environment has it

    answers = sys.stdout
    sys.stdout = sys.stderr  # karrio logs there, and nothing may come between the answers
    django.setup()
    trackers: list[str] = []
    for line in sys.stdin:
        asked = json.loads(line)
        if "numbers" in asked:
            trackers = _made(asked["carrier"], asked["numbers"])
            told: dict[str, float] = {"trackers": len(trackers)}
        else:
            told = _round(trackers)
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _made(carrier: str, numbers: list[str]) -> list[str]:
    """
    Pending trackers of one SEKO account whose requests go to the local carrier.
    """
    import karrio.mappers.seko.settings as seko  # noqa: PLC0415
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from karrio.server.core.utils import create_carrier_snapshot  # noqa: PLC0415
    from karrio.server.manager.models import Tracking  # noqa: PLC0415
    from karrio.server.providers.models import CarrierConnection  # noqa: PLC0415

    seko.Settings.server_url = property(lambda _self: carrier)
    user = get_user_model().objects.create_user("bench@example.com", "no password is asked for")
    account = CarrierConnection.objects.create(
        carrier_code="seko",
        carrier_id="seko",
        credentials={"access_key": "practice"},
        capabilities=["tracking"],
        test_mode=False,
        active=True,
        created_by=user,
    )
    snapshot = create_carrier_snapshot(account)
    made = [
        Tracking(
            tracking_number=number,
            carrier=snapshot,
            test_mode=False,
            created_by=user,
        )
        for number in numbers
    ]
    Tracking.objects.bulk_create(made)
    return [one.id for one in made]


def _round(trackers: list[str]) -> dict[str, float]:
    """
    One round of karrio's own task over all trackers.
    """
    from karrio.server.events.task_definitions.base import tracking  # noqa: PLC0415
    from karrio.server.manager.models import Tracking  # noqa: PLC0415

    tracking.TRACKER_BATCH_DELAY = 0
    started = time.perf_counter()
    tracking.process_carrier_trackers(tracker_ids=trackers)
    seconds = time.perf_counter() - started
    listed = Tracking.objects.filter(id__in=trackers).values_list("events", flat=True)
    return {"seconds": seconds, "events": sum(map(len, listed))}


if __name__ == "__main__":
    main()
