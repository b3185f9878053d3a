/* Runs before the first paint, as a plain script in <head>: the theme and the language that were chosen, else those of
   the system, so that nothing flashes. Pages of one language (`data-languages` without the wished one) keep it.
   `data-waiting` hides a page whose words are still in another language; shell.js takes it away. */
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`fittingroom.${name}`);
    } catch {
      return null; // storage may be forbidden; then the system's wish holds
    }
  };
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const offered = (root.dataset.languages || "en zh").split(" ");
  const wished = [kept("language"), ...navigator.languages.map((tag) => tag.toLowerCase().split("-")[0])];
  const language = wished.find((tag) => tag && offered.includes(tag)) || offered[0];
  if (language === "zh" && root.lang !== "zh-CN") root.dataset.waiting = "";
  root.lang = language === "zh" ? "zh-CN" : language;
})();
