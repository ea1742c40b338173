"use strict";
for (const form of document.querySelectorAll("form[data-list]")) {
  const list = document.getElementById(form.dataset.list);
  const items = [...list.children];
  const [text, reason, output] = ["[name=text]", "[name=reason]", "output"].map((one) =>
    form.querySelector(one));
  const reasons = document.getElementById("reasons");
  let texts;
  const show = () => {
    texts ??= items.map((item) => item.textContent.toLowerCase());
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = items.filter((item, place) =>
      words.every((word) => texts[place].includes(word)) &&
      (!reason || !reason.value || item.dataset.reason === reason.value));
    list.replaceChildren(...found);
    output.value = `${found.length.toLocaleString("en")} of ${items.length.toLocaleString("en")} shown`;
    if (reason && reasons) reasons.textContent = reason.value || "all";
  };
  let timer;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 120); });
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  output.value = `${items.length.toLocaleString("en")} shown`;
  form.hidden = false;
}
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
