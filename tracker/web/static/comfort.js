// Comfort only: every page works without it.

// A button that copies the text of a field.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // the clipboard is only there over https or on localhost
    }
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// A box that ticks all boxes of its group, and how many of them are ticked.
const boxesOf = (group) => [...document.querySelectorAll(`input[type=checkbox][data-group="${CSS.escape(group)}"]`)];

for (const master of document.querySelectorAll("[data-ticks]")) {
  (master.closest("label[hidden]") ?? master).hidden = false;
  master.addEventListener("change", () => {
    for (const box of boxesOf(master.dataset.ticks)) box.checked = master.checked;
  });
}

for (const output of document.querySelectorAll("[data-counts]")) {
  const group = output.dataset.counts;
  const form = output.closest("form");
  const whole = form.querySelector("[data-whole]");
  const master = form.querySelector("[data-ticks]");
  const count = () => {
    const boxes = boxesOf(group);
    const ticked = boxes.filter((box) => box.checked).length;
    output.querySelector("b").textContent = whole?.checked ? whole.dataset.whole : ticked;
    if (master) {
      master.checked = ticked === boxes.length;
      master.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    for (const box of boxes) box.disabled = whole?.checked ?? false;
  };
  output.hidden = false;
  form.addEventListener("change", count);
  count();
}

// Filters are sent as soon as one is chosen.
for (const form of document.querySelectorAll("form[data-eager]")) {
  for (const field of form.querySelectorAll("select")) {
    field.addEventListener("change", () => form.requestSubmit());
  }
}
