// Sets the colour scheme before the first paint, so that dark mode never flashes white. (A file, because inline scripts are forbidden.)
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("mayday-theme"); } catch { /* private mode: follow the system */ }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
