{
  const root = document.documentElement;
  root.classList.add("js");
  let theme = new URLSearchParams(location.hash.slice(1)).get("theme");
  try {
    theme ??= localStorage.getItem("aei-theme");
  } catch {
    // A browser without storage forgets the choice.
  }
  root.dataset.theme = ["light", "dark"].includes(theme) ? theme : "auto";
}
