// What somebody typed waits in this tab until the page is back: after signing in again, or in the other language. Any
// other page means that it was sent, or left behind; those below /account/ lie on the way. Never kept: secrets and files.
// Who signs in there may be somebody else, whose drafts have the same addresses: it is put back for whoever typed it.
const kept = "typed";
const fixed = ["hidden", "file", "password", "submit", "button", "reset", "image", "fieldset", "output"];
const secret = /password|one-time-code/;

const person = () => document.body.dataset.person ?? "";

const isChosen = (input) => ["radio", "checkbox"].includes(input.type);

function typed(form) {
  return [...form.elements].filter(
    (input) => input.name && !input.disabled && !fixed.includes(input.type) && !secret.test(input.autocomplete),
  );
}

// By their order on the page, which is the same in both languages.
function forms() {
  const all = document.querySelectorAll("form[method=post]:not(.language-switch, [data-autosubmit])");
  return [...all].filter((form) => typed(form).length);
}

// Rows of a table may repeat a name; of a choice the value belongs to it.
function keyed(form) {
  const seen = new Map();
  return typed(form).map((input) => {
    const name = isChosen(input) ? `${input.name} ${input.value}` : input.name;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return [`${name} ${seen.get(name)}`, input];
  });
}

function answer(input) {
  if (isChosen(input)) return input.checked;
  return input.options ? [...input.selectedOptions].map((option) => option.value) : input.value;
}

function isChanged(input) {
  if (isChosen(input)) return input.checked !== input.defaultChecked;
  if (!input.options) return input.value !== input.defaultValue;
  return [...input.options].some((option) => option.selected !== option.defaultSelected);
}

// True where the answer is another than the one on the page.
function give(input, told) {
  if (String(answer(input)) === String(told)) return false;
  if (isChosen(input)) input.checked = told;
  else if (input.options) for (const option of input.options) option.selected = told.includes(option.value);
  else input.value = told;
  return true;
}

// path: where the page will be asked for again. Of a page that came back with errors everything is kept: what stands in
// it is what was typed. onlyAlike: rows are numbered by their place, so that with a row more or less each would get what
// was typed into its neighbour; then nothing is put back.
export function keep(those, path = location.pathname, { everything = false, onlyAlike = false } = {}) {
  const all = forms();
  const told = those.map((form) => {
    const inputs = keyed(form).filter(([, input]) => everything || isChanged(input));
    return { place: all.indexOf(form), onlyAlike, answers: inputs.map(([key, input]) => [key, answer(input)]) };
  });
  const found = told.filter(({ answers }) => answers.length);
  if (found.length) sessionStorage.setItem(kept, JSON.stringify({ path, person: person(), forms: found }));
}

export function putBack() {
  const found = JSON.parse(sessionStorage.getItem(kept) ?? "null");
  if (!found) return;
  const isThere = found.path === location.pathname;
  if (!isThere && location.pathname.startsWith("/account/")) return;
  sessionStorage.removeItem(kept);
  if (!isThere || found.person !== person()) return;
  const all = forms();
  for (const { place, onlyAlike, answers } of found.forms) {
    const told = new Map(answers);
    const inputs = all[place] ? keyed(all[place]) : [];
    if (onlyAlike && !(inputs.length === told.size && inputs.every(([key]) => told.has(key)))) continue;
    for (const [key, input] of inputs) {
      if (!told.has(key) || !give(input, told.get(key))) continue;
      for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }
}

const hasFile = (form) => [...form.elements].some((input) => input.type === "file" && input.files.length);

export function start() {
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches(".language-switch")) return;
    const path = new URL(target.elements.next.value, location).pathname;
    const all = forms();
    keep(all, path, { everything: document.querySelector("[data-error-summary]") !== null });
    // A chosen file is lost on the way: there the page may ask before it is left.
    for (const form of all) if (!hasFile(form)) form.dispatchEvent(new CustomEvent("kept"));
  });
  // When every script of the page listens.
  document.addEventListener("DOMContentLoaded", putBack);
}
