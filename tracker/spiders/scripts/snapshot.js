// The page as HTML text, from a copy in which every element that a person could not see carries
// the attribute `mark`, cut after `limit` characters. Open shadow roots stand where they are
// drawn; behind each frame's element of `holders` stands a comment with `token` and its place in
// the list, for what the frame draws. `inner`: only what stands in the body.
([mark, limit, inner, token, holders]) => {
  const seen = (element) => {
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) return false;
    const box = element.getBoundingClientRect();
    const gone = box.right + scrollX < 0 || box.bottom + scrollY < 0;
    return !(gone && (box.width || box.height));
  };
  const OLD = new Set(["frameset", "frame"]);  // a reader knows no frames: they become boxes
  const copy = (node, inBody) => {
    const made = OLD.has(node.localName) ? document.createElement("div") : node.cloneNode(false);
    if (node.nodeType === Node.ELEMENT_NODE) {
      const within = inBody || node.localName === "body" || node.localName === "frameset";
      if (within && !seen(node)) made.setAttribute(mark, "");
      else made.removeAttribute(mark);
      const children = node.shadowRoot ? [...node.shadowRoot.childNodes, ...node.childNodes]
        : node.localName === "template" ? [] : node.childNodes;
      for (const child of children) {
        made.append(copy(child, within));
        const at = holders.indexOf(child);
        if (at >= 0) made.append(place(child, at));
      }
    }
    return made;
  };
  const place = (node, at) => {
    const holder = document.createElement("div");
    if (!seen(node)) holder.setAttribute(mark, "");
    holder.append(document.createComment(`${token}${at}`));
    return holder;
  };
  const root = inner && document.body || document.documentElement;
  const made = copy(root, inner);
  const html = inner ? made.innerHTML : "<!DOCTYPE html>" + made.outerHTML;
  return html.slice(0, limit);
}
