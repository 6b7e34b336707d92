// Says on the page what went wrong with a passkey; by itself allauth writes it to the console only.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const problem = document.querySelector("[data-passkey-problem]");
  if (!problem) return;
  problem.textContent = window.PublicKeyCredential ? problem.dataset.refused : problem.dataset.unsupported;
  problem.hidden = false;
});
