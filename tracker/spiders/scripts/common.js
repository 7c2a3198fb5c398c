// What every script in a page needs; it stands before each of them.
const all = (root) => {
  const found = [];
  for (const element of root.querySelectorAll("*")) {
    found.push(element);
    if (element.shadowRoot) found.push(...all(element.shadowRoot));
  }
  return found;
};
const visible = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 1 && box.height > 1 &&
    element.checkVisibility({opacityProperty: true, visibilityProperty: true});
};
const enabled = (element) => !element.disabled && element.getAttribute("aria-disabled") !== "true" &&
  !element.closest("[disabled], [aria-disabled=true], .disabled, .is-disabled") &&
  getComputedStyle(element).pointerEvents !== "none";
const squeezed = (text) => (text || "").replace(/\s+/g, " ").trim();
const labelOf = (element) => squeezed(
  (element.matches("input") ? element.value : element.innerText) ||
  element.getAttribute("aria-label") || element.getAttribute("title") || "");
const around = (element) => element.parentElement || (element.getRootNode() || {}).host || null;
const within = (element, selector) => {
  for (let one = element; one; one = around(one)) if (one.matches(selector)) return one;
  return null;
};
const contains = (outer, inner) => {
  for (let one = inner; one; one = around(one)) if (one === outer) return true;
  return false;
};
const CLICKED = "a, button, summary, input[type=button], input[type=submit], input[type=image], " +
  "[role=button], [role=link], [role=tab], [onclick], [aria-expanded], [tabindex]";
const pointed = (element) => {
  if (getComputedStyle(element).cursor !== "pointer") return false;
  const outer = around(element);
  return !outer || getComputedStyle(outer).cursor !== "pointer";
};
const clicked = (element) => element.matches(CLICKED) || pointed(element);
const signature = (element) =>
  `${element.localName}|${labelOf(element).slice(0, 80)}|${element.getAttribute("href") || ""}`;
