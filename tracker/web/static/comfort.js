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

// A box that ticks all boxes of its group.
for (const master of document.querySelectorAll("[data-ticks]")) {
  const boxes = () => document.querySelectorAll(`input[type=checkbox][data-group="${CSS.escape(master.dataset.ticks)}"]`);
  master.hidden = false;
  master.addEventListener("change", () => {
    for (const box of boxes()) box.checked = master.checked;
  });
}

// Filters are sent as soon as one is chosen.
for (const form of document.querySelectorAll("form[data-eager]")) {
  for (const field of form.querySelectorAll("select")) {
    field.addEventListener("change", () => form.requestSubmit());
  }
}
