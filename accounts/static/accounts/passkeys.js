// Says on the page what went wrong with a passkey; by itself allauth writes it to the console only.
const WORDS = { SecurityError: "address", InvalidStateError: "known" };

function wordFor(exception) {
  if (!window.PublicKeyCredential) return "unsupported";
  return WORDS[exception && exception.name] || "refused";
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const problem = document.querySelector("[data-passkey-problem]");
  if (!problem) return;
  problem.textContent = problem.dataset[wordFor(event.detail.exception)];
  problem.hidden = false;
});
