// What could be clicked before the numbers were submitted, so that the results' own controls can
// be told from the rest of the page. Returns a memory that stays in this document; `was` are the
// signatures of an earlier document, when this one has taken its place.
(was) => {
  const set = new WeakSet(), signatures = was ? [...was] : [];
  if (!was) for (const element of all(document)) {
    if (clicked(element) && visible(element) && enabled(element)) {
      set.add(element);
      signatures.push(signature(element));
    }
  }
  return {set, was: was ? new Set(was) : new Set(), signatures, opened: []};
}
