"use strict";
const number = (value) => value.toLocaleString("en");
for (const form of document.querySelectorAll("form[data-list]")) {
  const list = document.getElementById(form.dataset.list);
  const items = [...list.children];
  const [text, reason, output] = ["[name=text]", "[name=reason]", "output"].map((one) =>
    form.querySelector(one));
  const reasons = document.getElementById("reasons");
  const scope = document.getElementById("scope");
  const whole = (item) => [item.textContent, ...[...item.querySelectorAll("[href], [title]")].map(
    (one) => one.getAttribute("href") ?? one.title)].join(" ").toLowerCase();
  const isOf = (item) => !reason?.value || item.dataset.reason === reason.value;
  // Of a reason that is not listed to its end, what to type to see the rest.
  const rest = () => {
    const missing = (reason?.selectedOptions[0].dataset.total ?? 0) - items.filter(isOf).length;
    const only = reason?.value ? ` --reason ${reason.value}` : "";
    return missing > 0 ? `; ${number(missing)} more are listed by: ${form.dataset.command}${only}` : "";
  };
  let texts;
  const show = () => {
    texts ??= items.map(whole);
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = items.filter((item, place) =>
      words.every((word) => texts[place].includes(word)) && isOf(item));
    list.replaceChildren(...found);
    output.value = `${number(found.length)} of ${number(items.length)} shown${rest()}`;
    if (!reason || !reasons) return;
    reasons.textContent = reason.value || "all";
    // No argument of a crawl is a text to search for: what is hidden by it is run again, too.
    scope.textContent = words.length ? `The command runs all failures${
      reason.value && " of this reason"} again, whatever the text filter shows.` : "";
  };
  let timer;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 120); });
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  output.value = `${number(items.length)} shown`;
  form.hidden = false;
}
// What has the focus must not be below what sticks to the top: style.css makes room for these.
const bars = [["--nav", document.querySelector("nav")],
  ...[...document.querySelectorAll("form")].map((form) => ["--form", form])];
const measure = () => {
  const heights = {"--nav": 0, "--form": 0};
  for (const [name, bar] of bars) {
    if (getComputedStyle(bar).position === "sticky") {
      heights[name] = Math.max(heights[name], bar.offsetHeight);
    }
  }
  for (const [name, height] of Object.entries(heights)) {
    document.documentElement.style.setProperty(name, `${height}px`);
  }
};
const observer = new ResizeObserver(measure);
bars.forEach(([, bar]) => observer.observe(bar));
addEventListener("resize", measure);
const copy = document.getElementById("copy");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const code = document.getElementById("again");
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      copy.textContent = "Selected";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });
}
