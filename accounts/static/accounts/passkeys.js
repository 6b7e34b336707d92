// Says on the page what went wrong with a passkey; by itself allauth writes it to the console only.
function wordFor(exception) {
  if (!window.PublicKeyCredential) return "unsupported";
  return exception && exception.name === "SecurityError" ? "address" : "refused";
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const problem = document.querySelector("[data-passkey-problem]");
  if (!problem) return;
  problem.textContent = problem.dataset[wordFor(event.detail.exception)];
  problem.hidden = false;
});
