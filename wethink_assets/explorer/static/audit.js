// Audit mode: keys that judge, and the token that says who does. Loaded after explorer.js, whose `show` it uses.
"use strict";

const TOKEN = "audit-token";

// The token comes in a link's fragment, which is not sent; it stays in this tab, and leaves the address at once.
function takeToken() {
  const brought = new URLSearchParams(location.hash.slice(1)).get("token");
  if (brought) {
    sessionStorage.setItem(TOKEN, brought);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const token = sessionStorage.getItem(TOKEN);
  if (token) asking.authorization = `Bearer ${token}`;
  // The page came without it, so for nobody: it is fetched again for the person.
  if (token && audit()) show(location.pathname + location.search, { push: false });
}

const audit = () => document.querySelector("[data-audit]");
let writing = false;

// Send one change, then show where it leads. A key that is pressed meanwhile judges nothing: the row is still the old one.
async function write(path, body, next) {
  if (writing) return;
  writing = true;
  try {
    const headers = { ...asking, "content-type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    if (answer.ok) await show(next, { push: false, top: true, replace: true });
    else document.getElementById("audit-told").textContent = (await answer.json()).told;
  } catch {
    document.getElementById("audit-told").textContent = "The explorer does not answer: nothing was recorded.";
  } finally {
    writing = false;
  }
}

function judge(verdict) {
  const { release, sample, after } = audit().dataset;
  if (sample) write("/audit/verdict", { release, sample, verdict, note: document.getElementById("note").value }, after);
}

function undo() {
  const { last, lastAt } = audit().dataset;
  if (last) write("/audit/undo", { sample: last }, lastAt);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-verdict], [data-undo]");
  if (button && !button.disabled) button.dataset.verdict ? judge(button.dataset.verdict) : undo();
});

const verdicts = () => [...document.querySelectorAll("[data-verdict]")];
const AUDIT_KEYS = {
  z: undo,
  s: () => follow("a[rel=next]"),
  j: () => follow("a[rel=next]"),
  k: () => follow("a[rel=prev]"),
  c: () => document.getElementById("note")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (!audit() || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
  const button = verdicts()[Number(event.key) - 1];
  const action = button ? () => judge(button.dataset.verdict) : AUDIT_KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  action();
}, true);

window.addEventListener("hashchange", takeToken); // the link was opened in a tab that shows the page already
takeToken();
