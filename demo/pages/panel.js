// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Makes things happen with a click, and shows who is truly where. It asks the demo again every few seconds. */

/**
 * @typedef {object} Happening What goes on now.
 * @property {string} what
 * @property {string} where
 * @property {string} name what people call it
 * @property {number} untilMs
 * @property {number} people
 */

/**
 * @typedef {object} State
 * @property {number} nowMs
 * @property {number} lifeMs
 * @property {string} progress
 * @property {Record<string, number>} people
 * @property {string[]} wrong
 * @property {Happening[]} going
 */

const ASK_AGAIN_MS = 2_000;

/** @type {Record<string, string>} */
const words = JSON.parse(document.body.dataset.words ?? "{}");
const lifeTime = new Intl.DateTimeFormat(document.documentElement.lang, {
  weekday: "long",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: document.body.dataset.timezone,
});
/** @type {State | undefined} */
let state;
/** Time of the demo minus the time of this device. */
let offsetMs = 0;
/** @type {number | undefined} */
let next;
let asked = 0;

// --- from and to the demo --------------------------------------------------------------------------------

/**
 * Asks the demo, or tells it what shall happen; either way it answers with how things are. Of answers that
 * overtake each other the newest question's counts.
 * @param {string} path
 * @param {object} [wish]
 */
async function ask(path, wish) {
  clearTimeout(next);
  const mine = ++asked;
  try {
    const sent = wish && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish) };
    const answer = await fetch(path, sent);
    const heard = await answer.json();
    if (mine !== asked) return;
    if (answer.ok) show(heard);
    say("#wrong", answer.ok ? "" : heard.error);
  } catch {
    if (mine === asked) say("#wrong", words.lost);
  }
  clearTimeout(next);
  next = setTimeout(ask, ASK_AGAIN_MS, "/state");
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-act]") : null;
  if (button instanceof HTMLButtonElement) ask(`/${button.dataset.act}`, wishOf(button));
});

/** @param {HTMLButtonElement} button */
function wishOf(button) {
  const { act, what, where } = button.dataset;
  if (act === "stop") return what === undefined ? {} : { what, where };
  if (act !== "fill" && act !== "empty") return { where };
  const wish = { where, lastsS: Number(choice("lasting")) };
  const seats = Number(find(`[data-space="${CSS.escape(where ?? "")}"]`).dataset.capacity);
  const people = { one: 1, full: seats }[choice("crowd")];
  return act === "fill" && people !== undefined ? { ...wish, people } : wish;
}

/** @param {string} id */
function choice(id) {
  return /** @type {HTMLSelectElement} */ (find(`#${id}`)).value;
}

// --- on the page -----------------------------------------------------------------------------------------

/** @param {State} heard */
function show(heard) {
  const before = state;
  state = heard;
  offsetMs = heard.nowMs - Date.now();
  for (const [space, people] of Object.entries(heard.people)) showPeople(space, people);
  for (const mark of document.querySelectorAll("[data-wrong]")) {
    if (mark instanceof HTMLElement) mark.hidden = !heard.wrong.includes(mark.dataset.wrong ?? "");
  }
  say("#progress", heard.progress);
  find("#progress").hidden = heard.progress === "";
  say("#life", lifeTime.format(heard.lifeMs));
  find(".life").hidden = false;
  showGoing();
  const isNew = (/** @type {Happening} */ one) => !before?.going.some((old) => keyOf(old) === keyOf(one));
  if (before) tell(heard.going.filter(isNew));
}

/**
 * @param {string} space
 * @param {number} people
 */
function showPeople(space, people) {
  const item = document.querySelector(`[data-space="${CSS.escape(space)}"]`);
  if (!(item instanceof HTMLElement)) return;
  part(item, "people", String(people));
  item.toggleAttribute("data-somebody", people > 0);
  item.style.setProperty("--share", String(Math.min(1, people / Number(item.dataset.capacity))));
}

/** Lists what goes on; a row that stays is the same row, so that whoever is on its button stays there. */
function showGoing() {
  const list = find("#happenings");
  const going = state?.going ?? [];
  const keys = going.map(keyOf);
  const focused = document.activeElement;
  for (const row of [...list.children]) {
    if (row instanceof HTMLElement && !keys.includes(row.dataset.key ?? "")) row.remove();
  }
  for (const one of going) {
    const found = list.querySelector(`[data-key="${CSS.escape(keyOf(one))}"]`);
    const row = /** @type {HTMLElement} */ (found ?? rowOf(one));
    part(row, "left", leftOf(one));
    if (!found) list.append(row);
  }
  for (const place of document.querySelectorAll("[data-on]")) {
    const here = going.filter((one) => place instanceof HTMLElement && one.where === place.dataset.on);
    const isSpace = place.closest("[data-space]") !== null;
    const said = here.map((one) => (isSpace ? `${doingOf(one)}, ${leftOf(one)}` : leftOf(one))).join("; ");
    if (place.textContent !== said) place.textContent = said;
  }
  find("#nothing").hidden = going.length > 0;
  find("#stop-all").hidden = going.length < 2;
  // Whoever stopped something by its button must not be sent to the top of the page.
  if (focused && (!focused.isConnected || focused.closest("[hidden]"))) find("#going").focus();
}

/** @param {Happening} one */
function rowOf(one) {
  const template = /** @type {HTMLTemplateElement} */ (find("#happening"));
  const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  row.dataset.key = keyOf(one);
  part(row, "what", wordsOf(one));
  part(row, "of", ` ${wordsOf(one)}`);
  const button = row.querySelector("button");
  Object.assign(button?.dataset ?? {}, { what: one.what, where: one.where });
  return row;
}

/** @param {Happening} one */
function keyOf(one) {
  return [one.what, one.where, one.untilMs].join(" ");
}

/** @param {Happening} one */
function leftOf(one) {
  const leftS = Math.max(0, Math.ceil((one.untilMs - Date.now() - offsetMs) / 1000));
  return filled(words.left, { time: `${Math.floor(leftS / 60)}:${String(leftS % 60).padStart(2, "0")}` });
}

/** @param {Happening} one */
function doingOf(one) {
  return filled(words[`on_${one.what.replace("-", "_")}`], { people: String(one.people) });
}

/** @param {Happening} one */
function wordsOf(one) {
  return `${one.where === "" ? words.broker : one.name}: ${doingOf(one)}`;
}

/**
 * Tells those who do not see the page what began.
 * @param {Happening[]} begun
 */
function tell(begun) {
  if (begun.length > 0) say("#said", begun.map(wordsOf).join(". "));
}

/**
 * @param {string} text
 * @param {Record<string, string>} names
 */
function filled(text, names) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => names[name] ?? whole);
}

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
function find(selector) {
  const found = document.querySelector(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return /** @type {HTMLElement} */ (found);
}

/**
 * @param {string} selector
 * @param {string} text
 */
function say(selector, text) {
  const element = find(selector);
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {HTMLElement} parent
 * @param {string} name
 * @param {string} text
 */
function part(parent, name, text) {
  const found = parent.querySelector(`[data-part="${name}"]`);
  if (found && found.textContent !== text) found.textContent = text;
}

ask("/state");
setInterval(showGoing, 1_000);
