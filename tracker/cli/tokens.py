"""
``tracker users token``, ``tokens`` and ``revoke``: what programs read the API with.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, local, notice, say, table
from tracker.cli.users import Name
from tracker.vocabulary import ScanTrackerError

if TYPE_CHECKING:
    from tracker.store.people import ApiToken


def make(
    name: Name,
    label: Annotated[str, typer.Option("--name", help="What it is for, such as `warehouse`.")],
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="It ends after so many days.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Makes an API token with the user's view, for reading only, and shows it this once.
    """
    from tracker.clock import utc_now
    from tracker.web.security.accounts import make_token, the_user

    lasts = None if days is None else timedelta(days=days)
    with opened() as (settings, store):
        with store.begin() as tx:
            made, token = make_token(tx, the_user(tx, name), label, utc_now(), lasts)
        if as_json:
            emit(_shape(made) | {"token": token})
            return
        say(token)
        ends = local(made.expires_at, settings.zone) or "never"
        notice(f"Token {made.id} of {name}, shown this once; it ends: {ends}.")


def list_tokens(as_json: JsonOption = False) -> None:
    """
    Lists the API tokens, without the tokens themselves.
    """
    with opened() as (settings, store):
        with store.read() as tx:
            tokens = tx.people.tokens()
        if as_json:
            for token in tokens:
                emit(_shape(token))
            return
        table(
            ("id", "user", "name", "made", "last used", "ends"),
            [
                (
                    token.id,
                    token.user,
                    token.name,
                    local(token.created_at, settings.zone),
                    local(token.used_at, settings.zone),
                    local(token.expires_at, settings.zone),
                )
                for token in tokens
            ],
        )
        notice(f"{len(tokens)} tokens; times in {settings.timezone}")


def revoke(ids: Annotated[list[int], typer.Argument(help="Ids of tokens.")]) -> None:
    """
    Ends API tokens at once.
    """
    unknown = []
    with opened() as (_, store), store.begin() as tx:
        for token_id in dict.fromkeys(ids):
            if tx.people.remove_token(token_id):
                say(f"Token {token_id} opens nothing any more.")
            else:
                unknown.append(f"token {token_id} is not known")
    if unknown:
        raise ScanTrackerError("; ".join(unknown))


def _shape(token: ApiToken) -> dict[str, Any]:
    from tracker.shapes import instant

    return {
        "id": token.id,
        "user": token.user,
        "name": token.name,
        "created_at": instant(token.created_at),
        "used_at": instant(token.used_at),
        "expires_at": instant(token.expires_at),
    }
