import { icon } from "./icons.js";
import { word } from "./words.js";

const pause = 10_000;

// Good news leaves by itself; anything that asks for attention stays until it is closed.
function prepare(toast) {
  const close = toast.querySelector("[data-toast-close]");
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
  }
  if (toast.classList.contains("toast-ok") || toast.classList.contains("toast-info")) leaveLater(toast);
}

function leaveLater(toast) {
  let timer = setTimeout(() => toast.remove(), pause);
  for (const stay of ["mouseenter", "focusin"]) toast.addEventListener(stay, () => clearTimeout(timer));
  for (const go of ["mouseleave", "focusout"])
    toast.addEventListener(go, () => {
      clearTimeout(timer);
      timer = setTimeout(() => toast.remove(), pause);
    });
}

export function toast(text, state = "info") {
  const icons = { ok: "circle-check", warn: "alert-triangle", bad: "exclamation-circle", info: "info-circle" };
  const note = document.createElement("div");
  note.className = `toast-note toast-${state}`;
  const sentence = document.createElement("p");
  sentence.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("data-toast-close", "");
  close.setAttribute("aria-label", word("close"));
  close.append(icon("x"));
  note.append(icon(icons[state]), sentence, close);
  document.getElementById("toasts")?.append(note);
  prepare(note);
}

export function start() {
  for (const note of document.querySelectorAll("[data-toast]")) prepare(note);
  document.addEventListener("htmx:responseError", () => toast(word("failed"), "bad"));
  document.addEventListener("htmx:sendError", () => toast(word("failed"), "bad"));
}
