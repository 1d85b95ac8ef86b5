// Runs before the first paint: says that scripts run, and takes the reader's theme if one was chosen.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("nodefall-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be refused; the system's theme it is then.
}
