// Pages change in place, and keys do what the mouse does. Every link works without it.
"use strict";

const view = () => document.querySelector("[data-part]");
const asking = { accept: "text/html" }; // headers of every page that is fetched
let asked = 0;

// Fetch a page and put its main part in the place of this one's; the address and what has the focus stay right.
async function show(address, { push = true, replace = false, top = false } = {}) {
  const turn = ++asked;
  document.body.classList.add("busy");
  try {
    const answer = await fetch(address, { headers: asking });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== asked) return; // a later click came first
    const focused = document.activeElement && document.activeElement.id;
    const scrolled = document.querySelector("aside") ? document.querySelector("aside").scrollTop : 0;
    view().replaceChildren(...page.querySelector("[data-part]").childNodes);
    document.title = page.title;
    centre();
    const search = document.getElementById("search");
    if (document.activeElement !== search) search.value = page.getElementById("search").value;
    if (push) history.pushState(null, "", address);
    if (replace) history.replaceState(null, "", address);
    const aside = document.querySelector("aside");
    if (aside) aside.scrollTop = scrolled;
    const again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
    if (top) { window.scrollTo(0, 0); view().focus({ preventScroll: true }); }
    const told = document.querySelector("[data-told]");
    document.getElementById("told").textContent = told ? told.textContent : page.title;
  } catch {
    location.assign(address); // the browser shows what is wrong
  } finally {
    if (turn === asked) document.body.classList.remove("busy");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link.href, { top: link.hasAttribute("data-top") });
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".search") || location.pathname !== "/rows") return;
  event.preventDefault();
  const query = new URLSearchParams(location.search);
  for (const name of ["page", "at", "q"]) query.delete(name);
  const words = form.elements.q.value.trim();
  if (words) query.append("q", words);
  show(`/rows?${query}`, { top: true });
});

window.addEventListener("popstate", () => show(location.href, { push: false }));

// Keys. They are those of the list that "?" opens.
const rows = () => [...document.querySelectorAll("[data-row]")];

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function follow(selector) {
  const link = document.querySelector(selector);
  if (link) link.click();
}

const KEYS = {
  "/": () => document.getElementById("search").select(),
  j: () => step(1),
  k: () => step(-1),
  n: () => follow("a[rel=next]"),
  p: () => follow("a[rel=prev]"),
  u: () => follow("a[rel=up]"),
  "?": () => document.getElementById("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === " " && event.target.matches("[role=checkbox]")) {
    event.preventDefault();
    event.target.click();
    return;
  }
  const action = !document.querySelector("dialog[open]") && KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.getElementById("keys-open").addEventListener("click", () => KEYS["?"]());

// The row that was asked for stands in the middle of its lineage, where that is wider than the page.
function centre() {
  const box = document.querySelector(".lineage .here rect");
  const frame = box && box.closest(".lineage");
  if (frame) frame.scrollLeft = box.x.baseVal.value - frame.clientWidth / 2 + box.width.baseVal.value / 2;
}
centre();
