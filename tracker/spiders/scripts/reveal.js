// The tab or button behind which the form for tracking numbers may stand, when no field is to be
// seen or only one that does not say what it is for; null if there is none. It leads nowhere else
// and submits nothing. `button`: what would submit the field that was found, or null.
(button) => {
  const WORDS = /track|trace|查询|查詢|追踪|追蹤|跟踪|查件|物流|单号|运单/i;
  const NEVER = /log ?in|sign ?in|register|history|price|rate|登录|注册|价格|运费/i;
  const stays = (element) => {
    const link = within(element, "a[href]");
    return !link || /^(#|javascript:|$)/i.test(link.getAttribute("href").trim());
  };
  return all(document).find(element => clicked(element) && visible(element) && enabled(element) &&
    stays(element) && element !== button && !within(element, "form") && labelOf(element).length <= 30 && WORDS.test(labelOf(element)) &&
    !NEVER.test(labelOf(element)) && element.getAttribute("aria-selected") !== "true") || null;
}
