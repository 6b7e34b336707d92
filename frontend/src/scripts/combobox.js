// A text field that suggests while one types: arrows move, Enter takes, Escape closes. Without it the field is plain text.
const pause = 150;

function prepare(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "yes";
  const input = box.querySelector("input");
  const list = box.querySelector("[role=listbox]");
  const name = box.querySelector("[data-combobox-name]");
  let waiting;
  let asked = 0;

  for (const [attribute, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(attribute, value);
  }
  name.setAttribute("aria-live", "polite");

  const options = () => [...list.querySelectorAll("[role=option]")];
  const current = () => list.querySelector('[aria-selected="true"]');

  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) point(null);
  }

  function point(option) {
    current()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function take(option) {
    input.value = option.dataset.value;
    name.textContent = option.dataset.name;
    settle();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // From here on what stands in the field is the answer, whether it was chosen or typed.
  function settle() {
    clearTimeout(waiting);
    asked += 1;
    show(false);
    if (!("lookingUp" in input.dataset)) return;
    delete input.dataset.lookingUp;
    input.dispatchEvent(new CustomEvent("input", { bubbles: true }));
  }

  async function suggest() {
    const number = ++asked;
    const answer = await fetch(`${box.dataset.combobox}?q=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    // An answer that a later one has overtaken is out of date; where there is none the field stays what it is without a script.
    if (!answer?.ok || number !== asked || document.activeElement !== input) return;
    list.innerHTML = await answer.text();
    show(true);
  }

  input.addEventListener("input", (event) => {
    // Its own word that the search is over.
    if (event instanceof CustomEvent) return;
    clearTimeout(waiting);
    name.textContent = "";
    if (document.activeElement === input) input.dataset.lookingUp = "";
    if (input.value.trim()) waiting = setTimeout(suggest, pause);
    else show(false);
  });

  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && input.value.trim()) {
        event.preventDefault();
        suggest();
      }
      return;
    }
    const all = options();
    const place = all.indexOf(current());
    if (event.key === "ArrowDown") point(all[Math.min(place + 1, all.length - 1)]);
    else if (event.key === "ArrowUp") point(all[Math.max(place - 1, 0)]);
    else if (event.key === "Enter" && current()) take(current());
    else if (event.key === "Escape") show(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  input.addEventListener("blur", settle);
  // Before the field loses the focus, or the list would be gone when the click arrives.
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

const prepareAll = (root) => root.querySelectorAll("[data-combobox]").forEach(prepare);

export function start() {
  prepareAll(document);
  document.addEventListener("htmx:afterSwap", (event) => prepareAll(event.detail.elt));
}
