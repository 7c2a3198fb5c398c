// The next control that closes or refuses what lies over the form, without agreeing to anything.
// `target`: what must become free (the field; null: nothing was found yet); `tried`: controls that
// were used already; `whole`: everything in this frame lies over the form.
// Returns {control, frame, challenge}: an element or null; the frame that lies over it or null;
// and whether it is a challenge, which nobody touches.
({target, tried, whole}) => {
  const REFUSE = /\b(reject|refuse|decline|deny|disagree|opt.?out|no,? thanks|not now)\b|\b(only|just) (strictly )?(the )?(necessary|essential|required)|\b(necessary|essential|required)( cookies)? only|without (accepting|agreeing)|do not (accept|agree|consent)|don.t (accept|agree)|拒绝|拒絕|仅必要|僅必要|必要的? ?cookie|只接受必要|仅接受必要|不同意|不接受|暂不|以后再说/i;
  const CLOSE = /^[\s[(]*(close|×|x|✕|✖|✗|╳|⨯|⛌|got it!?|dismiss|hide( this)?|skip|later|maybe later|关闭|關閉|关 闭|我知道了|知道了|我已知晓|明白了|我明白了|跳过|稍后|稍后再说|忽略|不再提示|不再显示)[\s\])!！]*$/i;
  const WEAK = /^\s*(ok|okay|continue|understood|i understand|好的?|确定|確定|继续|取消|cancel)\s*[!！]?\s*$/i;
  const AGREE = /accept|agree|allow|consent|enable|同意|接受|允许|允許/i;
  const TERMS = /cookie|consent|terms|privacy|gdpr|隐私|隱私|条款|條款|协议|協議/i;
  const CHALLENGE = /captcha|are you (a )?(human|robot)|not a robot|verify (that )?you|security check|验证码|驗證碼|人机验证|安全验证|滑动|拖动|滑块/i;
  const BOX = "[role=dialog], [role=alertdialog], [aria-modal=true], dialog[open]";

  const floats = (element) => ["fixed", "absolute", "sticky"].includes(getComputedStyle(element).position);
  const overlayOf = (element) => {
    let found = null;
    for (let one = element; one && one !== document.body; one = around(one)) {
      if (contains(one, target)) break;
      if (one.matches(BOX) || floats(one)) found = one;
    }
    return found;
  };
  const hit = () => {
    const box = target ? target.getBoundingClientRect() : null;
    if (box) target.scrollIntoView({block: "center"});
    const at = target ? target.getBoundingClientRect()
      : {left: 0, top: 0, width: innerWidth, height: innerHeight};
    const over = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2);
    if (!over || (target && (contains(over, target) || contains(target, over)))) return null;
    return over;
  };
  const covering = hit();
  const lying = covering && overlayOf(covering);
  const elements = all(document);
  const boxes = whole ? [document.body] : elements.filter(element =>
    element !== document.body && element !== document.documentElement &&
    (element.matches(BOX) || (lying && (element === lying || (floats(element) && getComputedStyle(element).zIndex > 0)))) &&
    visible(element) && !(target && contains(element, target)));
  const frame = covering && covering.matches("iframe") ? covering
    : boxes.flatMap(box => [...box.querySelectorAll("iframe")]).find(visible) || null;
  const wide = boxes.filter(box => box === lying || box.matches(BOX));
  const challenge = wide.some(box => CHALLENGE.test(box.innerText) ||
    [...box.querySelectorAll("iframe")].some(one => visible(one) && CHALLENGE.test(`${one.src} ${one.title}`)));
  if (challenge) return {control: null, frame: null, challenge: true};

  const stays = (element) => {
    const link = within(element, "a[href]");
    return !link || /^(#|javascript:)/i.test(link.getAttribute("href"));
  };
  const named = (element) => squeezed([labelOf(element), element.getAttribute("aria-label")].filter(Boolean).join(" "));
  const icon = (element) => !labelOf(element) &&
    /(^|[-_ ])(btn)?[-_]?close|dismiss/i.test(`${element.className} ${element.id}`);
  const rate = (element, terms) => {
    const label = labelOf(element), aria = element.getAttribute("aria-label") || "";
    if (label.length > 60) return 0;
    if (REFUSE.test(label)) return 4;
    if (AGREE.test(label) || AGREE.test(aria)) return 0;
    if (CLOSE.test(label) || CLOSE.test(aria) || /^close\b|^dismiss\b|^关闭/i.test(aria) || icon(element)) return 3;
    return WEAK.test(label) && !terms ? 1 : 0;
  };
  let control = null, most = 0;
  for (const box of boxes) {
    const terms = TERMS.test(box.innerText);
    for (const element of all(box)) {
      if (!(clicked(element) || icon(element)) || tried.includes(element)) continue;
      if (!visible(element) || !enabled(element) || !stays(element)) continue;
      if (element.querySelector && element.querySelector("button, a")) continue;
      const points = rate(element, terms);
      if (points > most) { most = points; control = element; }
    }
  }
  return {control, frame: control ? null : frame, challenge: false};
}
