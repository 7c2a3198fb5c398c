// The page as HTML text, from a copy in which every element that a person could not see carries
// the attribute `mark`, cut after `limit` characters; open shadow roots and same-origin frames stand where they are drawn.
([mark, limit]) => {
  const seen = (element) => {
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) return false;
    const box = element.getBoundingClientRect();
    const gone = box.right + scrollX < 0 || box.bottom + scrollY < 0;
    return !(gone && (box.width || box.height));
  };
  const copy = (node, inBody) => {
    const made = node.cloneNode(false);
    if (node.nodeType === Node.ELEMENT_NODE) {
      const within = inBody || node.localName === "body";
      if (within && !seen(node)) made.setAttribute(mark, "");
      else made.removeAttribute(mark);
      const children = node.shadowRoot ? [...node.shadowRoot.childNodes, ...node.childNodes]
        : node.localName === "template" ? [] : node.childNodes;
      for (const child of children) made.append(copy(child, within));
      if (node.localName === "iframe") made.append(...frame(node));
    }
    return made;
  };
  const frame = (node) => {
    let body = null;
    try { body = node.contentDocument && node.contentDocument.body; } catch (error) { body = null; }
    if (!body) return [];
    const holder = document.createElement("div");
    for (const child of body.childNodes) holder.append(copy(child, true));
    return [holder];
  };
  return "<!DOCTYPE html>" + copy(document.documentElement, false).outerHTML.slice(0, limit);
}
