import { word } from "./words.js";

const typing = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");

/* keys: j and k move, x selects, Enter opens the first link of the row */
function keys(table) {
  const rows = () => [...table.tBodies[0].rows];
  const current = () => table.querySelector("tr.row-current");

  function moveTo(row) {
    if (!row) return;
    current()?.classList.remove("row-current");
    row.classList.add("row-current");
    row.scrollIntoView({ block: "nearest" });
    row.querySelector("a, input")?.focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = rows();
    const place = all.indexOf(current());
    if (event.key === "j") moveTo(all[Math.min(place + 1, all.length - 1)]);
    if (event.key === "k") moveTo(all[Math.max(place - 1, 0)]);
    if (event.key === "x") current()?.querySelector('input[name="chosen"]')?.click();
    if (event.key === "Enter" && event.target === document.body) current()?.querySelector("a")?.click();
  });
}

/* selection: a box for all, and the bar that appears with the first chosen row */
function batch(form) {
  const boxes = () => [...form.querySelectorAll('input[name="chosen"]')];
  const all = form.querySelector("[data-choose-all]");
  const bar = form.querySelector("[data-batch-bar]");
  const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  function refresh() {
    const chosen = boxes().filter((box) => box.checked);
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
    if (!bar) return;
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-batch-count]").textContent = word("selected", { count: chosen.length });
    const sum = bar.querySelector("[data-batch-sum]");
    // Cents, because sums of money in binary fractions drift.
    if (sum) sum.textContent = `¥${money.format(chosen.reduce((total, box) => total + Math.round(Number(box.dataset.amount || 0) * 100), 0) / 100)}`;
  }

  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    refresh();
  });
  form.addEventListener("change", refresh);
  form.querySelector("[data-batch-clear]")?.addEventListener("click", () => {
    for (const box of boxes()) box.checked = false;
    refresh();
  });
  refresh();
}

export function start() {
  document.querySelectorAll("table[data-keys]").forEach(keys);
  document.querySelectorAll("form[data-batch]").forEach(batch);
}
