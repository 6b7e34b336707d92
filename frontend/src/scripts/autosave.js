import { keep } from "./typed.js";
import { word } from "./words.js";

const quiet = 1500;
const longest = 5000;
// Buttons that have the server number the rows of the page anew.
const renumbering = ["add", "remove"];

function say(sentence, bad = false) {
  for (const place of document.querySelectorAll("[data-autosave-state]")) {
    place.classList.toggle("saved-bad", bad);
    (place.querySelector("span") ?? place).textContent = sentence;
  }
}

// What the server says of a saved form: `fields` are new values of its inputs (the revision), `replace` maps ids to
// fragments drawn anew (an estimate), `said` is the sentence with the time as the server has it.
function take(form, answer) {
  for (const [name, value] of Object.entries(answer.fields ?? {})) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  for (const [id, fragment] of Object.entries(answer.replace ?? {})) {
    const place = document.getElementById(id);
    if (place) place.outerHTML = fragment;
  }
}

// What could not be kept is said below its input until the next attempt.
function mark(form, unsaved = {}) {
  for (const hint of form.querySelectorAll("[data-unsaved]")) hint.remove();
  for (const [name, sentence] of Object.entries(unsaved)) {
    const hint = document.createElement("p");
    hint.className = "hint text-warn";
    hint.dataset.unsaved = "";
    hint.textContent = sentence;
    form.elements[name]?.closest?.(".field")?.append(hint);
  }
}

function isJson(response) {
  return response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
}

// Whoever is signed out meanwhile is led to the page where one signs in, or refused. What is saved is always told.
function isSignedOut(response, answer) {
  return [401, 403].includes(response.status) || (response.ok && !answer.said);
}

// Posts a form to its data-autosave address shortly after the last change. What could not be
// sent stays on the page and is tried again when the connection is back.
function prepare(form) {
  let timer;
  let waiting = false;
  let underway = 0;
  let patient = true;
  let last = Promise.resolve();

  // One at a time: the second must carry the revision that the first one made.
  function save() {
    underway += 1;
    last = last.then(send).finally(() => (underway -= 1));
  }

  async function send() {
    waiting = false;
    say(word("saving"));
    const body = new FormData(form);
    for (const input of form.querySelectorAll('input[type="file"]')) body.delete(input.name);
    try {
      const response = await fetch(form.dataset.autosave, {
        method: "POST",
        body,
        headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin",
      });
      const answer = isJson(response) ? await response.json() : {};
      if (isSignedOut(response, answer)) {
        keep([form], location.pathname, { everything: true });
        say(word("signedOut"), true);
        return;
      }
      mark(form, answer.unsaved);
      if (response.ok) take(form, answer);
      if (response.ok && answer.unsaved) say(answer.said, true);
      else if (response.ok) {
        say(answer.said);
        form.dispatchEvent(new CustomEvent("autosaved", { bubbles: true }));
      } else say(answer.said ?? (response.status === 422 ? word("notSaved") : word("failed")), true);
    } catch {
      waiting = true;
      say(word("offline"), true);
    }
  }

  // A word that is being looked up is no answer yet: its field says when one is chosen, or when it is left.
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.querySelector("[data-looking-up]") || save(), quiet);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    const onlyAlike = renumbering.includes(event.submitter?.name);
    keep([form], location.pathname, { everything: true, onlyAlike });
    if (!underway || !patient) return;
    // What is sent now must carry the revision that the one under way makes. A line that is dead holds up nobody.
    event.preventDefault();
    const { submitter } = event;
    const longEnough = new Promise((resolve) => setTimeout(resolve, longest));
    Promise.race([last, longEnough]).then(() => {
      patient = false;
      form.requestSubmit(submitter);
      patient = true;
    });
  });
  // The page that refuses a form has kept none of it: what can be kept of it is.
  if ("refused" in form.dataset) save();
  window.addEventListener("online", () => waiting && save());
  window.addEventListener("offline", () => say(word("offline"), true));
}

export function start() {
  document.querySelectorAll("form[data-autosave]").forEach(prepare);
}
