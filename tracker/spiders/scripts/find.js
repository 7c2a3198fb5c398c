// Finds the field for tracking numbers and the control that submits it, by what they mean.
// `pinned` is the field where a profile names it. Returns {field, button, beside, points}: elements or
// null, and how surely the field is the right one. `beside` is what stands next to the field and may
// submit it although its words do not say so. Nothing in the page is changed.
(pinned) => {
  const WANTED = /track|consign|parcel|shipment|waybill|\bawb\b|mail ?nos?\b|mailno|barcode|order|reference|单号|運單|运单|跟踪|追踪|追蹤|查询|查詢|快递|邮件|包裹|物流|條碼|条码/i;
  const STRANGE = /e-?mail address|your e-?mail|email|password|passwd|captcha|验证码|驗證碼|phone|mobile|user ?name|login|coupon|newsletter|subscri|密码|手机|用户名|邮箱/i;
  const GO = /^(go|ok|send|show|view|enter|start)\b|track|search|query|quer(y|ies)|submit|find|look ?up|trace|check|inquir|enquir|retrieve|locate|查询|查詢|搜索|搜尋|追踪|追蹤|跟踪|提交|查找|查 ?件|^(查|搜|确定|確定|确认|確認|开始)$/i;
  const NOT_GO = /clear|reset|cancel|log ?in|sign ?in|sign ?up|register|subscri|export|print|download|upload|language|menu|close|back|scan|help|清空|清除|重置|取消|登录|登錄|注册|导出|打印|下载|上传|关闭|返回|扫|帮助/i;

  const textOf = (id) => (id && document.getElementById(id)?.textContent) || "";
  const near = (element) => {
    const box = element.closest("label, fieldset, form, td, p, div");
    const text = box ? box.textContent : "";
    return text.length < 200 ? text : "";
  };
  const describe = (element) => [
    ...Array.from(element.labels || [], label => label.textContent),
    element.getAttribute("aria-label"), textOf(element.getAttribute("aria-labelledby")),
    element.getAttribute("placeholder"), element.getAttribute("title"),
    element.getAttribute("name"), element.id,
  ].filter(Boolean).join(" ").replace(/([a-z])([A-Z])/g, "$1 $2");

  const isField = (element) =>
    element.matches("textarea, [contenteditable=''], [contenteditable=true], [role=textbox], [role=searchbox]") ||
    (element.matches("input") &&
     ["", "text", "search", "tel", "number"].includes((element.getAttribute("type") || "").toLowerCase()));
  const rateField = (element) => {
    const words = describe(element);
    let points = 0;
    if (WANTED.test(words)) points += 10;
    if (STRANGE.test(words)) points -= 20;
    if (WANTED.test(near(element))) points += 3;
    if (element.matches("textarea")) points += 4;
    if (element.matches("[type=search]")) points += 1;
    return points;
  };
  const saying = (element) => [
    element.matches("input") ? element.value : element.textContent,
    element.getAttribute("aria-label"), element.getAttribute("title"),
    element.getAttribute("alt"), element.getAttribute("name"), element.id,
  ].filter(Boolean).map(text => squeezed(text).slice(0, 60));
  const isButton = (element) => {
    if (isField(element) || element.matches("label, option, select, body, form")) return false;
    const box = element.getBoundingClientRect();
    return element.matches("button, input[type=submit], input[type=button], input[type=image], a, [role=button]") ||
      (clicked(element) && box.width <= 300 && box.height <= 120);
  };
  const ofForm = (field, element) =>
    field.form ? element.form === field.form || field.form.contains(element) : false;
  const rateButton = (field) => (element) => {
    const words = saying(element), sameForm = ofForm(field, element);
    let points = 0;
    if (words.some(text => GO.test(text))) points += 10;
    if (words.some(text => NOT_GO.test(text))) points -= 15;
    if (sameForm) points += 6;
    if (sameForm && (element.type === "submit" || element.type === "image")) points += 5;
    if (element.matches("a")) points -= element.getAttribute("href")?.match(/^(https?:|\/)/) ? 12 : 3;
    points -= distance(field, element) / 400;
    return points;
  };
  const distance = (one, other) => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    return Math.hypot(a.left - b.left, a.bottom - b.bottom);
  };
  const best = (elements, rate, least) => {
    let chosen = null, most = least;
    for (const element of elements) {
      const points = rate(element);
      if (points > most) { most = points; chosen = element; }
    }
    return chosen;
  };

  const usable = all(document).filter(element =>
    visible(element) && !element.disabled && !element.readOnly);
  const field = pinned || best(usable.filter(isField), rateField, -1);
  if (!field) return {field: null, button: null, beside: null, points: -1};
  const buttons = usable.filter(isButton);
  const button = best(buttons, rateButton(field), 4);
  const harmless = buttons.filter(element => element !== button && !element.matches("a[href]") &&
    !saying(element).some(text => NOT_GO.test(text)) && distance(field, element) < 500);
  const beside = best(harmless, element => -distance(field, element), -Infinity);
  return {field, button, beside, points: pinned ? 100 : rateField(field)};
}
