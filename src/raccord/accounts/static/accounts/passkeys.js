// Passkeys need the browser's help; what the server proposes is in data-options of the form.
(() => {
  const said = {
    NotAllowedError: "La demande a été annulée ou a expiré. Vous pouvez recommencer.",
    InvalidStateError: "Cette clé est déjà enregistrée sur votre compte.",
  };
  async function asked(form) {
    if (form.dataset.passkey !== "sign-in") return JSON.parse(atob(form.dataset.options));
    const answer = await fetch(form.action, {
      headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
    });
    if (!answer.ok) throw new Error("no options");
    return (await answer.json()).request_options;
  }
  async function answered(form) {
    const options = await asked(form);
    if (form.dataset.passkey !== "add") return window.webauthnJSON.get(options);
    const passwordless = form.querySelector("[name=passwordless]");
    if (passwordless) {
      const wish = options.publicKey.authenticatorSelection;
      wish.residentKey = passwordless.checked ? "required" : "discouraged";
      wish.requireResidentKey = passwordless.checked;
      if (passwordless.checked) wish.userVerification = "required";
    }
    return window.webauthnJSON.create(options);
  }
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    const button = form.querySelector("button");
    const refusal = form.querySelector("[role=alert]");
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      if (!form.reportValidity()) return;
      refusal.hidden = true;
      try {
        form.querySelector("[name=credential]").value = JSON.stringify(await answered(form));
        form.submit();
      } catch (error) {
        refusal.firstElementChild.textContent = said[error.name]
          || "La clé d’accès n’a pas répondu. Utilisez un autre moyen de vous connecter.";
        refusal.hidden = false;
      }
    });
  }
})();
