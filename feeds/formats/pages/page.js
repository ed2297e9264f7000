// The copy button, the app on this machine, folders opened from a disk.
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const url = button.dataset.url;
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      const field = document.createElement("textarea");
      field.value = url;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    const label = button.textContent;
    button.textContent = button.dataset.done;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
for (const link of document.querySelectorAll("a[data-scheme]")) link.href = link.dataset.scheme + link.href;
if (location.protocol === "file:") {
  for (const link of document.querySelectorAll("a[href]")) {
    const [path, rest] = link.getAttribute("href").split(/(?=[?#])/, 2);
    if (path.endsWith("/") && !path.includes(":")) link.setAttribute("href", `${path}index.html${rest || ""}`);
  }
}
