import { word } from "./words.js";

// data-confirm on a form or on one of its buttons: the act happens only after it was confirmed.
function confirmation(submission) {
  const { submitter, target: form } = submission;
  const asked = submitter?.dataset.confirm ? submitter : form.dataset.confirm ? form : null;
  const shell = document.getElementById("confirm-shell");
  // What the server will send back is not asked about: the question would come too early, and then once more.
  if (!asked || !shell || form.dataset.confirmed || !form.checkValidity()) {
    delete form.dataset.confirmed;
    return;
  }
  submission.preventDefault();
  submission.stopImmediatePropagation();
  shell.querySelector("[data-confirm-title]").textContent = asked.dataset.confirmTitle || word("confirmTitle");
  shell.querySelector("[data-confirm-text]").textContent = asked.dataset.confirm;
  const act = shell.querySelector("[data-confirm-act]");
  act.textContent = asked.dataset.confirmAct || word("confirmAct");
  const isDanger = submitter?.classList.contains("btn-danger") ?? false;
  act.classList.toggle("btn-danger", isDanger);
  act.classList.toggle("btn-primary", !isDanger);
  shell.returnValue = "";
  shell.addEventListener("close", () => carryOut(shell, form, submitter), { once: true });
  shell.showModal();
}

function carryOut(shell, form, submitter) {
  if (shell.returnValue !== "confirm") return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter);
}

export function start() {
  document.addEventListener("submit", confirmation, true);

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.dialogOpen)?.showModal();
    }
    if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
  });

  // A form inside a dialog that came back with errors shows itself again.
  for (const dialog of document.querySelectorAll("dialog[data-dialog-now]")) dialog.showModal();
}
