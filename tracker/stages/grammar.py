"""
"No record" and "nothing yet" as such sentences are built, beside the list of ``phrases.toml``.

A developer says the same in a hundred ways, and a list holds those that somebody thought of. A
sentence counts only when it is made of these pieces from end to end: one word that is not expected,
and it says nothing (promises.md R6). "Nothing yet" must say "yet" or the like itself.
"""

from __future__ import annotations

import re

from tracker.model import Outcome

_NUMBER = r"[\"'(\[#]?((?=[a-z-]*\d)[0-9a-z][0-9a-z-]{7,38}[0-9a-z])[\"')\]]?"
_SORRY = r"(?:(?:we are |we're )?(?:sorry|oops|unfortunately|apologies)(?:,? but)?[,!:. -]+)?"
_KIND = (
    r"(?:tracking|track|shipment|parcel|package|consignment|waybill|air ?waybill|awb|hawb|mail|item"
    r"|cargo|order|reference)"
)
_NAME = rf"(?:(?:{_KIND} )?(?:numbers?|no\.?|ids?|codes?|references?)|{_KIND})"
_WHICH = r"(?:(?:the|this|that|your|such|above|given|provided|following|any|a) )*"
_GIVEN = r"(?: (?:that )?(?:you(?:'ve| have)? )?(?:entered|provided|supplied|submitted|given))?"
_ONE = rf"{_WHICH}{_NAME}{_GIVEN}(?:[: ]+{_NUMBER})?"
_WHOM = rf"(?:{_ONE}|{_NUMBER})"
_THING = (
    r"(?:records?|shipments?|parcels?|packages?|consignments?|waybills?|orders?"
    r"|(?:tracking|shipment|parcel|waybill|consignment|awb|hawb) (?:numbers?|no|ids?|records?))"
)
#: Words of placeholders too ("no data", "no results"): they count when the number is spoken of.
_ANY_THING = rf"(?:{_THING}|results?|match(?:es)?|data|items?|entr(?:y|ies))"
_SYSTEM = r"(?: (?:in|on|from) (?:our|the|this) (?:system|database|records|files?|server))?"
_NOT = r"(?: not|n't)"
_MISSED = (
    rf"(?: (?:(?:is|are|was|were|could|can|does|do|did|has|have){_NOT}|cannot)(?: been| be)?"
    r" (?:found|located|exist|known|valid|recogni[sz]ed|identified|registered)"
    r"| (?:is |are )?(?:invalid|unknown|unrecogni[sz]ed|not found|not valid))"
)
_LOOKED = (
    rf"(?:we |we're )?(?:(?:could|can|did|do){_NOT}|cannot|(?:are |were )?(?:unable|not able) to)"
    r" (?:find|locate|recogni[sz]e|identify)"
)
_FOR = rf"(?: (?:for|with|matching|matches|under|by) {_WHOM})"
_SCAN = (
    r"(?:tracking|track|scan|shipment|shipping|status|delivery|transit|movement|event|parcel"
    r"|logistics|transport)"
)
_NEWS = (
    r"(?:information|info|details?|events?|status(?:es)?|updates?|records?|history|scans?"
    r"|movements?|activit(?:y|ies)|milestones?|checkpoints?)"
)
_TOLD = rf"(?:(?:{_SCAN} )*{_NEWS}|(?:{_SCAN} )+(?:data|results?|progress|events?))"
_DONE = (
    r"(?:available|found|recorded|received|registered|updated|reported|created|generated|posted"
    r"|uploaded)"
)
_YET = (
    r"(?:yet|at (?:the|this) moment|at present|at this time|currently|so far|for now|as yet"
    r"|for the moment)"
)
_ABOUT = rf"(?: (?:for|about|on|of) {_WHOM})?"
_BE = r"(?: (?:is|are|was|were|has been|have been))?"
_HAS_NOT = rf"(?:is|are|has|have|was|were){_NOT}"

_NO_SUCH = r"no (?:such |matching |valid )?"
_NOT_FOUND = (
    rf"{_SORRY}{_ONE}{_MISSED}{_SYSTEM}",
    rf"{_SORRY}{_NO_SUCH}{_THING}{_BE} (?:found|exists?){_SYSTEM}",
    rf"{_SORRY}{_NO_SUCH}{_ANY_THING}{_BE}(?: found| exists?)?{_SYSTEM}{_FOR}{_SYSTEM}",
    rf"{_SORRY}no {_THING} match(?:es|ed)? {_WHOM}{_SYSTEM}",
    rf"{_SORRY}{_LOOKED} {_WHICH}(?:{_THING}|{_NAME}){_FOR}?{_SYSTEM}",
    rf"{_SORRY}{_LOOKED} {_WHICH}{_ANY_THING}{_FOR}{_SYSTEM}",
    rf"{_SORRY}(?:invalid|unknown|unrecogni[sz]ed|no such) {_NAME}(?:[: ]+{_NUMBER})?",
)
_THERE = r"(?:there (?:is|are) )?"
_NO_EVENTS = (
    rf"{_SORRY}{_THERE}(?:currently )?no {_TOLD}{_BE}(?: {_DONE})?{_ABOUT} {_YET}{_ABOUT}",
    rf"{_SORRY}{_THERE}no {_TOLD}{_BE} (?:yet|currently) {_DONE}{_ABOUT}",
    rf"{_SORRY}{_THERE}currently no {_TOLD}(?: {_DONE})?{_ABOUT}",
    rf"{_SORRY}{_WHICH}{_TOLD}{_ABOUT} {_HAS_NOT}(?: been)? {_DONE}{_ABOUT} {_YET}",
    rf"{_SORRY}{_WHICH}{_TOLD}{_ABOUT} (?:{_HAS_NOT} yet|not yet)(?: been)? {_DONE}{_ABOUT}",
    rf"{_SORRY}we (?:currently )?(?:do{_NOT} have any|have no) {_TOLD}{_ABOUT} {_YET}",
    rf"{_SORRY}{_WHOM} (?:does{_NOT} have any|has no) {_TOLD} {_YET}",
)

#: Traditional characters of such sentences in simplified ones.
_SIMPLIFIED = str.maketrans(
    "暫無軌跡資訊單號運記錄紀查詢還沒貨這蹤輸對該條結數據詳狀態動產進遞郵編關統誤錯節況碼",
    "暂无轨迹资讯单号运记录纪查询还没货这踪输对该条结数据详状态动产进递邮编关统误错节况码",
)
_ZH_NUMBER = r"[:\"'(]?((?=[a-z-]*\d)[0-9a-z][0-9a-z-]{7,38}[0-9a-z])[\"')]?"
_ZH_SORRY = r"(?:(?:很|非常)?(?:抱歉|对不起|不好意思)[,!:]? ?)?"
_ZH_WHICH = r"(?:您(?:所)?(?:输入|查询|提供)的|您的|该|此|这个|相关)?"
_ZH_NAME = (
    r"(?:(?:跟踪|追踪|查询|物流|快递|运|快件|包裹|货件|货运|提|邮件|订|货)?(?:单号|号码|编号|单)"
    r"|包裹|快件|货件|邮件)"
)
_ZH_ONE = rf"{_ZH_WHICH}{_ZH_NAME}(?: ?{_ZH_NUMBER} ?)?"
_ZH_WHOM = rf"(?:{_ZH_ONE}|{_ZH_NUMBER} ?)?"
_ZH_WAY = r"(?:物流|轨迹|跟踪|追踪|运输|扫描|快递|流转|货件|运送)"
_ZH_NEWS = r"(?:信息|资讯|资料|讯息|记录|纪录|数据|动态|更新|进展|详情|状态|轨迹|节点)"
_ZH_NO = (
    r"(?:查无|(?:未|未能|没有)(?:查询到|查到|找到)|找不到|查不到|查询不到|系统(?:中)?(?:无|没有))"
)
_ZH_NOT_FOUND = (
    rf"{_ZH_SORRY}{_ZH_NO}{_ZH_ONE}(?:的?(?:信息|资料|资讯|记录|纪录|数据))?",
    rf"{_ZH_SORRY}{_ZH_ONE}(?:不存在|无效|有误|错误|未找到|查询不到|查不到|找不到|查无(?:记录|纪录|资料|结果))",
)
_ZH_NONE_YET = (
    r"(?:目前|当前|现时)?"
    r"(?:暂无|暂时没有|暂时无|暂未有|暂没有|还没有|尚无|尚未有|尚没有)"
    r"(?:任何|相关|最新)?"
)
_ZH_NO_EVENTS = (
    rf"{_ZH_SORRY}{_ZH_WHOM}{_ZH_NONE_YET}{_ZH_WAY}{{1,2}}{_ZH_NEWS}?(?:可供查询)?",
    rf"{_ZH_SORRY}{_ZH_WHOM}的?{_ZH_WAY}{{1,2}}{_ZH_NEWS}?(?:暂未|尚未|还未)(?:更新|产生|生成|上传)",
)
_SENTENCES = tuple(
    (re.compile(source), outcome)
    for sources, outcome in (
        (_NOT_FOUND + _ZH_NOT_FOUND, Outcome.NOT_FOUND),
        (_NO_EVENTS + _ZH_NO_EVENTS, Outcome.NO_EVENTS),
    )
    for source in sources
)
_LONGEST = 160


def built_sentence(text: str) -> tuple[Outcome, str | None] | None:
    """
    What a normalised sentence says, and the tracking number in it; ``None`` when it says neither.
    """
    if len(text) > _LONGEST:
        return None
    plain = text.translate(_SIMPLIFIED)
    said = [(match, outcome) for form, outcome in _SENTENCES if (match := form.fullmatch(plain))]
    if len({outcome for _, outcome in said}) != 1:
        return None
    numbers = {number for match, _ in said for number in match.groups() if number}
    return (said[0][1], next(iter(numbers), None)) if len(numbers) <= 1 else None
