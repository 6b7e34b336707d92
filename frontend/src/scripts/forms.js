// Small help for forms; each works as a plain form without it.
export function start() {
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.hasAttribute("data-autosubmit")) form.requestSubmit();
  });

  for (const form of document.querySelectorAll("form[data-guard-leave]")) guard(form);

  // A second click on the button of a form that is on its way changes nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    else {
      form.dataset.sent = "yes";
      // A form that answers with a file leaves the page as it is: its button must work again.
      setTimeout(() => delete form.dataset.sent, 4000);
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

function guard(form) {
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  for (const name of ["submit", "autosaved", "kept"]) form.addEventListener(name, () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
