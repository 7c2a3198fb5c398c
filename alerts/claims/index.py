"""
The index of a pack: what lies in which file, and the next step, for the person who claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.claims.cases import Step, of_step
from alerts.claims.listing import FileKind
from alerts.messages.clean import NAME, one_line
from alerts.messages.sections import is_lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from alerts.claims.cases import Case
    from alerts.claims.listing import Listed

#: Marking is one command for all; more ids than this do not fit a command line well.
_MOST_IDS = 200


def index_text(
    files: Sequence[Listed],
    cases: Sequence[Case],
    problems: Sequence[str],
    emails: Mapping[str | None, str | None],
) -> str:
    """
    The index as plain text; ``emails`` are the registered addresses by shop.
    """
    return "\n".join(_lines(files, cases, problems, emails)) + "\n"


def _lines(
    files: Sequence[Listed],
    cases: Sequence[Case],
    problems: Sequence[str],
    emails: Mapping[str | None, str | None],
) -> Iterator[str]:
    yield "Claim pack, written by Scan Tracker. 索赔资料"
    yield "The same list for programs: index.json"
    yield from _claims(files, of_step(cases, Step.CLAIM), emails)
    yield from _follow_ups(files, of_step(cases, Step.FOLLOW_UP))
    yield from _too_old(files, of_step(cases, Step.TOO_OLD))
    yield from _extensions(files)
    yield from _claimed(of_step(cases, Step.CLAIMED))
    if problems:
        yield "\nWHAT IS LACKING"
        yield from (f"- {problem}" for problem in problems)


def _claims(
    files: Sequence[Listed], cases: Sequence[Case], emails: Mapping[str | None, str | None]
) -> Iterator[str]:
    if not cases:
        return
    yield "\nTO CLAIM 需要索赔"
    yield 'Open "Raise A Claim" on the site of each country below, and fill in:'
    for country in dict.fromkeys(case.country for case in cases):
        mine = [case for case in cases if case.country == country]
        yield f"\n  Site 国家站点: {_shown(country)} ({_parcels(len(mine))})"
        for shop in dict.fromkeys(case.parcel.shop for case in mine):
            email = emails.get(shop) or "(not configured: registered_email of the shop)"
            yield f"  - shop name 店铺名称: {_shown(shop)}; registered e-mail 注册邮箱: {email}"
        yield f"  - cause 原因: {_cause(mine)}"
        yield "  - comments 备注: the columns comment_en and comment_zh, in both languages"
        yield "  - attachments 附件: the table, and the evidence of its parcels"
        yield from _files(files, FileKind.CLAIMS, country)
        if len({case.parcel.shop for case in mine}) > 1:
            yield "  Several shops: a claim is one shop's. `--shop NAME` writes a pack for each."
        yield from _evidence_of(files, mine)
    yield ""
    yield from _old_status(cases)
    yield "Each file keeps within the size that the form takes. If it takes no more than that in"
    yield "all, attach the table and the evidence of the worst parcels, and offer the rest."
    yield "Send each claim once and NEVER AGAIN for the same parcel: claims that are sent again are"
    yield "refused. An 8-digit Case ID comes by e-mail; processing takes 3 working days; answer"
    yield "Jumia's questions within 3 working days, or the case closes. Then mark it:"
    yield from _marking("claimed", cases, " --case-id 12345678")


def _old_status(cases: Sequence[Case]) -> Iterator[str]:
    """
    Old facts are said to be old (promises.md R27).
    """
    old = [case for case in cases if _is_old(case)]
    if old:
        yield f"The order status of {_parcels(len(old))} is older than the deadline, or unknown:"
        yield "import fresh orders first, some may be shipped or cancelled since."


def _is_old(case: Case) -> bool:
    seen_at = case.parcel.seller_status_at
    since = case.line.deadline or case.alert.opened_at
    return seen_at is None or seen_at < since


def _follow_ups(files: Sequence[Listed], cases: Sequence[Case]) -> Iterator[str]:
    if not cases:
        return
    yield "\nTO FOLLOW UP, NOT TO CLAIM AGAIN 需要跟进，切勿重复提交"
    yield "These claims were raised and are not answered. Ask about each by its Case ID, for"
    yield "example by answering the e-mail that brought it; never raise them again:"
    for case in cases:
        case_id = case.case_id or "(not recorded)"
        yield f"- {_shown(case.name)}, {_shown(case.country)}: case {case_id}"
    yield from _files(files, FileKind.FOLLOW_UP)
    yield from _evidence_of(files, cases)
    yield "Asked? Mark it, and the wait for an answer begins anew. Answered? Say what came."
    yield from _marking("claimed", cases, "")
    yield from _marking("answered", cases, " --outcome accepted|rejected|info_needed")


def _too_old(files: Sequence[Listed], cases: Sequence[Case]) -> Iterator[str]:
    if not cases:
        return
    yield "\nOLDER THAN THREE MONTHS 已超过三个月"
    yield "Claims are taken for orders created within 3 months only. These are listed apart, so"
    yield "that they do not spoil the others' table:"
    yield from (f"- {_shown(case.name)}, {_shown(case.country)}" for case in cases)
    yield from _files(files, FileKind.TOO_OLD)


def _extensions(files: Sequence[Listed]) -> Iterator[str]:
    found = [one for one in files if one.kind is FileKind.EXTENSION]
    if not found:
        return
    yield "\nLEAD-TIME EXTENSION 延长发货时效"
    yield "A sorting centre is late or was closed. Drafts of a claim for more time, for the orders"
    yield "that are not cancelled yet; read them before you send them, once for each country:"
    yield from _files(found, FileKind.EXTENSION)


def _claimed(cases: Sequence[Case]) -> Iterator[str]:
    if not cases:
        return
    yield "\nCLAIMED ALREADY, NOT IN THIS PACK 已索赔，未列入"
    yield from (f"- {_shown(case.name)}: case {case.case_id or '(not recorded)'}" for case in cases)


def _cause(cases: Iterable[Case]) -> str:
    lost = [is_lost(case.line) for case in cases]
    if all(lost):
        return "parcel lost 包裹丢失"
    if not any(lost):
        return "parcel not scanned at the sorting centre 分拣中心未扫描"
    return "parcel not scanned at the sorting centre, or lost (see each row) 未扫描或丢失，见各行"


def _files(files: Iterable[Listed], kind: FileKind, *countries: str | None) -> Iterator[str]:
    for one in files:
        if one.kind is kind and (not countries or one.country in countries):
            yield f"  {one.name} ({_parcels(len(one.tracking_numbers))}, {one.size} bytes)"


def _evidence_of(files: Iterable[Listed], cases: Iterable[Case]) -> Iterator[str]:
    numbers = {case.parcel.tracking_number for case in cases}
    for one in files:
        if one.kind in {FileKind.EVIDENCE, FileKind.PICTURE} and (
            set(one.tracking_numbers) & numbers
        ):
            yield f"    {one.name} ({one.size} bytes)"


def _marking(verb: str, cases: Sequence[Case], tail: str) -> Iterator[str]:
    ids = [str(case.alert.id) for case in cases]
    for start in range(0, len(ids), _MOST_IDS):
        yield f"  tracker alerts {verb} {' '.join(ids[start : start + _MOST_IDS])}{tail}"


def _shown(text: str | None) -> str:
    return one_line(text or "unknown", NAME)


def _parcels(count: int) -> str:
    return f"{count} parcel{'' if count == 1 else 's'}"
