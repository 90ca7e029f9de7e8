// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps a screen up to date, and honest: what the server does not say any more is unknown. */

import { bookingOf } from "./booking.js";
import { headAndStream } from "./head.js";
import { filled, find, part, say } from "./page.js";
import { rest } from "./resting.js";
import { Turning } from "./turning.js";

/** @typedef {import("./stream.js").Space} Space */
/** @typedef {import("./stream.js").Group} Group */

/** @type {Group[]} */
const GROUPS = ["free", "booked", "occupied", "unknown", "notMeasured"];

const board = find(document, "#board");
const template = /** @type {HTMLTemplateElement} */ (find(document, "#space"));
const about = JSON.parse(board.dataset.about || "{}");
const { head, stream } = headAndStream(board, draw, isHere);
about.words[document.documentElement.lang] = head.words;
const turning = new Turning(board, { ...about, words: () => head.words, speak });

/**
 * @param {Space} space
 * @returns {boolean} whether it is on this screen: an empty list is all there is
 */
function isHere(space) {
  const asked = [
    [about.floors, space.floor],
    [about.kinds, space.kind],
    [about.spaces, space.id],
  ];
  return asked.every(([list, one]) => list.length === 0 || list.includes(one));
}

let isResting = false;

function draw() {
  if (!isResting) rest(about.nights, () => stream.nowMs()); // from the first word on the time is known
  isResting = true;
  if (stream.spaces.size > 0) showSpaces();
  else if (stream.isLost) showLostWithoutWord();
  turning.lay();
}

/** Puts every space in its group, in the order of the building. */
function showSpaces() {
  const known = [...stream.spaces.values()];
  for (const group of GROUPS) {
    const section = find(board, `[data-group="${group}"]`);
    const here = known.filter((space) => stream.groupOf(space) === group);
    const list = find(section, ".spaces");
    here.forEach((space, place) => {
      const item = itemOf(space);
      fill(item, space);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] || null);
    });
    count(section, here.length);
    if (group === "free") find(section, '[data-part="none"]').hidden = here.length > 0;
  }
  for (const item of board.querySelectorAll("[data-space]")) {
    if (!stream.spaces.has(/** @type {HTMLElement} */ (item).dataset.space || "")) item.remove();
  }
}

/** The server was lost before it said anything: what the page came with is all there is. */
function showLostWithoutWord() {
  for (const element of board.querySelectorAll("[data-space]")) {
    const item = /** @type {HTMLElement} */ (element);
    const was = item.dataset.occupancy;
    if (was === "unknown" || was === "notMeasured") continue;
    head.mark(item, "unknown");
    part(item, "detail", "");
    find(board, '[data-group="unknown"] .spaces').append(item);
  }
  for (const group of GROUPS) {
    const section = find(board, `[data-group="${group}"]`);
    count(section, section.querySelectorAll("[data-space]").length);
  }
}

/**
 * How many there are in a group, over it and at the top of a wall; without any only free ones are spoken of.
 * @param {HTMLElement} section
 * @param {number} here
 */
function count(section, here) {
  const group = section.dataset.group;
  for (const element of document.querySelectorAll(`[data-group="${group}"], [data-sum="${group}"]`)) {
    const item = /** @type {HTMLElement} */ (element);
    part(item, "count", String(here));
    item.hidden = here === 0 && (group !== "free" || stream.isLost);
  }
}

/**
 * @param {Space} space
 * @returns {HTMLElement}
 */
function itemOf(space) {
  const found = board.querySelector(`[data-space="${CSS.escape(space.id)}"]`);
  if (found) return /** @type {HTMLElement} */ (found);
  const item = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
  item.dataset.space = space.id;
  translate(item);
  return item;
}

/**
 * @param {HTMLElement} item
 * @param {Space} space
 */
function fill(item, space) {
  const group = stream.groupOf(space);
  part(item, "name", space.name);
  part(item, "number", space.id);
  part(item, "floor", space.floorName);
  part(item, "kind", head.words[space.kind]);
  part(item, "capacity", String(space.capacity));
  find(item, '[data-part="hybrid"]').hidden = space.kind !== "hybrid";
  const way = about.directions[space.id];
  part(item, "way", way ? way[document.documentElement.lang] : "");
  find(item, '[data-part="way"]').hidden = !way;
  head.mark(item, group);
  part(item, "detail", detailOf(space));
  part(item, "age", head.ageOf(space, stream));
}

/**
 * @param {Space} space
 * @returns {string} what the calendar says of it; else why it is unknown, or since when it is occupied
 */
function detailOf(space) {
  const occupancy = stream.occupancyOf(space);
  if (occupancy === "free") return bookingOf(space, head, stream);
  const booking = occupancy === "occupied" ? bookingOf(space, head, stream) : "";
  return booking || head.detailOf(space, stream);
}

/** @param {ParentNode} parent all that is said there in every state, in the language that is spoken now */
function translate(parent) {
  for (const element of parent.querySelectorAll("[data-say]")) {
    const said = /** @type {HTMLElement} */ (element);
    say(said, head.words[said.dataset.say || ""]);
  }
}

/**
 * Goes on in another language; the page is not fetched again.
 * @param {string} language
 */
function speak(language) {
  const before = document.documentElement.lang;
  head.speak(language, about.words[language]);
  translate(document);
  for (const link of document.querySelectorAll(".phone a")) {
    link.setAttribute("href", (link.getAttribute("href") || "").replace(`lang=${before}`, `lang=${language}`));
  }
  showCode(language);
  const address = find(document, ".phone a").textContent || "";
  find(document, ".code").setAttribute("alt", filled(head.words.code_for, { address }));
  draw();
  head.show(stream);
}

/**
 * The code that is there stays until the one in the other language has come: a server that is away sends none.
 * @param {string} language
 */
function showCode(language) {
  const code = /** @type {HTMLImageElement} */ (find(document, ".code"));
  const next = new Image();
  next.addEventListener("load", () => code.setAttribute("src", next.getAttribute("src") || ""));
  next.setAttribute("src", (code.getAttribute("src") || "").replace(/lang=\w+/, `lang=${language}`));
}

turning.lay();
stream.follow();
