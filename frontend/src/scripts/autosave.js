import { word } from "./words.js";

const quiet = 1500;

function clock() {
  return new Date().toLocaleTimeString("en-GB");
}

function say(sentence, bad = false) {
  for (const place of document.querySelectorAll("[data-autosave-state]")) {
    place.classList.toggle("saved-bad", bad);
    (place.querySelector("span") ?? place).textContent = sentence;
  }
}

// Posts a form to its data-autosave address shortly after the last change. What could not be
// sent stays on the page and is tried again when the connection is back.
function prepare(form) {
  let timer;
  let waiting = false;

  async function save() {
    waiting = false;
    say(word("saving"));
    const content = new FormData(form);
    for (const input of form.querySelectorAll('input[type="file"]')) content.delete(input.name);
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: content,
        headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin",
      });
      if (answer.ok) {
        say(word("saved", { time: clock() }));
        form.dispatchEvent(new CustomEvent("autosaved", { bubbles: true }));
      } else say(answer.status === 422 ? word("notSaved") : word("failed"), true);
    } catch {
      waiting = true;
      say(word("offline"), true);
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, quiet);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  window.addEventListener("online", () => waiting && save());
  window.addEventListener("offline", () => say(word("offline"), true));
}

export function start() {
  document.querySelectorAll("form[data-autosave]").forEach(prepare);
}
