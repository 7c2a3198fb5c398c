// The control that leads to the next page of the results, or loads more of them; null at the end.
// `memory`: from known.js; `pinned`: a selector of a profile in place of the meaning; `numbers`: the
// asked ones, in capitals; `turned`: how many pages were turned already.
({memory, pinned, numbers, turned}) => {
  const NEXT = /^(next( page)?|older|›|»|>|>>|→|❯|▶|下一页|下一頁|下页|后一页|后页|next ?[›»>→]+)$/i;
  const MORE = /^(load|show|view|see) (more|all)( (results|parcels|items|consignments|shipments|numbers))?$|^more( results)?$|^加载更多$|^更多结果$|^显示更多$|^查看更多$|^点击加载更多$/i;
  const SURE = /^load |results$|加载|更多结果/i;  // can be nothing but further results
  const NOT = /calendar|carousel|slider|swiper|banner|month/i;
  const upper = (element) => squeezed(element.innerText).toUpperCase();
  const single = (element) => {  // stands in what is about one parcel: then it is a detail
    for (let one = around(element); one && one !== document.body; one = around(one)) {
      const held = numbers.filter(number => upper(one).includes(number));
      if (held.length) return held.length === 1 && numbers.length > 1;
    }
    return false;
  };
  const usable = (element) => visible(element) && enabled(element) && !memory.set.has(element);
  const elements = all(document);
  if (pinned) {
    const found = elements.find(element => element.matches(pinned) && visible(element) && enabled(element));
    return {element: found || null, kind: "pinned"};
  }
  const able = elements.filter(element => clicked(element) && usable(element) && !NOT.test(element.className));
  const says = (element) => [labelOf(element), squeezed(element.getAttribute("aria-label")), squeezed(element.getAttribute("title"))];
  const next = able.find(element => element.getAttribute("rel") === "next" || says(element).some(text => NEXT.test(text)));
  if (next) return {element: next, kind: "next"};
  const more = able.find(element => MORE.test(labelOf(element)) &&
    (SURE.test(labelOf(element)) || !single(element)));
  if (more) return {element: more, kind: "more"};
  // Numbered pages: the one behind the current one, which is marked or cannot be clicked.
  const numbered = elements.filter(element => /^\d{1,3}$/.test(squeezed(element.innerText)) &&
    visible(element) && !element.querySelector("*") && within(element, "nav, ul, ol, div, p, td, form"));
  const current = numbered.find(element =>
    within(element, "[aria-current]:not([aria-current=false]), .active, .current, .selected, .is-active") ||
    (!clicked(element) && !within(element, "a, button")));
  const leads = (element) => clicked(element) || within(element, "a, button");
  if (!current) {  // nothing marks it: the pages are taken as they are counted
    const at = (page) => numbered.find(element => squeezed(element.innerText) === String(page) && leads(element));
    const one = at(turned + 1), two = at(turned + 2);
    const beside = one && two && around(around(one) || one) === around(around(two) || two);
    return {element: beside && usable(two) ? two : null, kind: "number"};
  }
  const wanted = String(Number(squeezed(current.innerText)) + 1);
  const box = around(around(current) || current) || current;
  const following = numbered.find(element => squeezed(element.innerText) === wanted &&
    (contains(box, element) || contains(around(box) || box, element)) &&
    leads(element) && !memory.set.has(element));
  return {element: following || null, kind: "number"};
}
