// The next control of the results that opens more about a parcel. Each is told once.
// `memory`: from known.js; `numbers`: the asked ones, in capitals; `pinned`: selectors of a profile
// in place of the meaning; `gone`: keys of controls that were opened in an earlier document.
// Returns {element, key, href, left}: href is set when it leads to another page.
({memory, numbers, pinned, gone}) => {
  const WORDS = /\b(details?|view|more|history|show|expand|events?|track(ing)?|trace|timeline|journey|progress|open)\b|详情|詳情|查看|展开|展開|轨迹|軌跡|更多|明细|明細|跟踪|物流信息|全程|^[+▸▶►▾▼⌄﹀+]$/i;
  const NEVER = /log ?in|sign ?in|sign ?up|log ?out|register|export|download|print|share|delete|remove|clear|reset|subscri|feedback|contact|support|help|faq|complain|claim|notif|alert|e-?mail|sms|pay|buy|shop|cart|rate|review|language|currency|copy|map|scan|privacy|cookie|terms|登录|登錄|注册|退出|导出|下载|打印|分享|删除|清空|清除|订阅|投诉|反馈|客服|帮助|支付|购买|复制|关闭|收起|返回|隐私|close|hide|collapse|\bless\b|^back|^prev|^next|上一页|下一页|load more|more results|加载更多|another|new search|search again|track (another|more)|再查|重新查询/i;
  const APART = "nav, header, footer, aside, [role=navigation], [role=menu], [role=menubar], [role=banner], [role=contentinfo], [role=combobox], [role=listbox], [class*=pagination], [class*=pager]";
  const FILES = /\.(pdf|csv|xlsx?|docx?|zip|jpe?g|png)([?#]|$)/i;
  const upper = (element) => squeezed(element.innerText || element.value).toUpperCase();
  const site = (host) => host.split(".").slice(-2).join(".");

  const numberOf = (element) => {
    for (let one = element, steps = 0; one && steps < 8; one = around(one), steps++) {
      const text = upper(one), held = numbers.filter(number => text.includes(number));
      if (held.length === 1) return held[0];
      if (held.length) return "";
    }
    return "";
  };
  const leads = (element) => {  // where a link leads: null (nowhere allowed), "" (this page), address
    const link = within(element, "a[href]");
    if (!link) return "";
    const raw = link.getAttribute("href").trim();
    if (raw === "" || raw.startsWith("#") || /^javascript:/i.test(raw)) return "";
    const url = new URL(link.href, location.href);
    const bare = /^[\d.:]+$/.test(url.hostname) || url.hostname === location.hostname;
    const own = url.hostname === location.hostname || (!bare && site(url.hostname) === site(location.hostname));
    if (!/^https?:$/.test(url.protocol) || !own || link.hasAttribute("download") || FILES.test(url.pathname)) return null;
    const here = url.href.split("#")[0] === location.href.split("#")[0];
    return here ? "" : url.href;
  };
  const opens = (element) => {
    const label = labelOf(element), hinted = element.getAttribute("aria-label") || element.getAttribute("title") || "";
    // A parcel's own heading tells its state too ("... Processed through export hub"): what counts
    // there is what stands before its number ("Delete JG-...").
    const at = numbers.map(number => label.toUpperCase().indexOf(number)).filter(place => place >= 0);
    const action = at.length ? label.slice(0, at[0]) : label.length <= 60 ? label : "";
    if (within(element, APART) || NEVER.test(action) || NEVER.test(hinted)) return false;
    if (element.getAttribute("aria-expanded") === "true" || element.getAttribute("aria-selected") === "true") return false;
    const details = element.matches("summary") && element.parentElement;
    if (details && details.matches("details")) return !details.open;
    if (element.getAttribute("aria-expanded") === "false")
      return !/menu|listbox|tree/.test(element.getAttribute("aria-haspopup") || "");
    const big = upper(element);
    const held = numbers.filter(number => big.includes(number));
    if (WORDS.test(label) && label.length <= 40 || WORDS.test(hinted)) return true;
    return held.length === 1 && big.length <= 400;
  };
  const usable = (element) => visible(element) && enabled(element) && leads(element) !== null;
  const elements = all(document);
  const candidates = pinned.length
    ? elements.filter(element => pinned.some(selector => element.matches(selector)) && usable(element))
    : elements.filter(element => clicked(element) && !memory.set.has(element) &&
        !element.matches("input[type=text], textarea, select, option, label") &&
        !memory.was.has(signature(element)) && usable(element) && opens(element));
  // Of a row and a link in it, the link; and of a link's parts, the link.
  const inner = candidates.filter(element =>
    !candidates.some(other => other !== element && contains(element, other)));

  const counts = new Map();
  const keyed = inner.map(element => {
    const name = `${numberOf(element)}|${labelOf(element).slice(0, 60)}`;
    counts.set(name, (counts.get(name) || 0) + 1);
    return {element, key: `${name}|${counts.get(name)}`};
  });
  const lost = new Set(gone.concat(memory.opened.filter(one => !one.element.isConnected).map(one => one.key)));
  const used = new Set(memory.opened.map(one => one.element));
  const fresh = keyed.filter(one => !used.has(one.element) && !lost.has(one.key));
  if (!fresh.length) return {element: null, key: "", href: "", left: 0};
  const next = fresh[0], onclick = within(next.element, "[onclick]");
  memory.opened.push(next);
  return {...next, href: onclick ? "" : leads(next.element), left: fresh.length - 1};
}
