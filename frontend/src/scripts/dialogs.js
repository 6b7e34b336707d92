import { word } from "./words.js";

// data-confirm on a form or on one of its buttons: the act happens only after it was confirmed.
function confirmation(submission) {
  const { submitter, target: form } = submission;
  const asked = submitter?.dataset.confirm ? submitter : form.dataset.confirm ? form : null;
  const shell = document.getElementById("confirm-shell");
  if (!asked || !shell || form.dataset.confirmed) {
    delete form.dataset.confirmed;
    return;
  }
  submission.preventDefault();
  submission.stopImmediatePropagation();
  shell.querySelector("[data-confirm-title]").textContent = asked.dataset.confirmTitle || word("confirmTitle");
  shell.querySelector("[data-confirm-text]").textContent = asked.dataset.confirm;
  shell.querySelector("[data-confirm-act]").textContent = asked.dataset.confirmAct || word("confirmAct");
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
