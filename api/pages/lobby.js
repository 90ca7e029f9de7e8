// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/**
 * Keeps the lobby page up to date, and honest: when nothing at all comes from the server for LOST_MS, the page
 * itself says that every space is unknown. It recovers by itself.
 */

import { clock, filled, find, part, say, stopwatch } from "./page.js";

/** @typedef {"free" | "occupied" | "unknown" | "notMeasured"} Occupancy */

/**
 * @typedef {object} Space One space, as /v1/spaces says it.
 * @property {string} id
 * @property {string} name
 * @property {string} floorName
 * @property {string} kind
 * @property {number} capacity
 * @property {Occupancy} occupancy
 * @property {string | null} since
 * @property {string | null} asOf
 * @property {string | null} unknownBecause
 */

/** @typedef {{up: boolean, since: string | null}} Link */

const LATE_MS = 25_000;
const LOST_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** @type {Occupancy[]} */
const GROUPS = ["free", "occupied", "unknown", "notMeasured"];

const board = find(document, "#board");
/** @type {Record<string, string>} */
const words = JSON.parse(board.dataset.words ?? "{}");
const staleMs = Number(board.dataset.staleMs);
const template = /** @type {HTMLTemplateElement} */ (find(document, "#space"));
const timezone = board.dataset.timezone;
const clockFace = clock(timezone, { hour: "2-digit", minute: "2-digit" });
const exact = clock(timezone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = clock(timezone, { day: "2-digit", month: "2-digit" });

// --- what the page knows ---------------------------------------------------------------------------------

/** @type {Map<string, Space>} in the order of the building */
const spaces = new Map();
/** @type {Link} */
let link = { up: true, since: null };
/** Server time minus the time of this device. */
let offsetMs = 0;
let lastLife = stopwatch();
let isLost = false;
/** @type {EventSource | undefined} */
let source;
let attempt = stopwatch();
let retryMs = FIRST_RETRY_MS;
/** @type {number | undefined} */
let retry;
/** @type {number | undefined} */
let drawing;

// --- from the server -------------------------------------------------------------------------------------

/** Opens the stream, in place of whatever there was. */
function connect() {
  clearTimeout(retry);
  retry = undefined;
  source?.close();
  attempt = stopwatch();
  source = new EventSource("/v1/live");
  hear(source, "spaces", (heard) => {
    spaces.clear();
    for (const space of heard.spaces) spaces.set(space.id, space);
    learn(heard.at, heard.link);
  });
  hear(source, "space", (heard) => {
    const before = spaces.get(heard.id);
    spaces.set(heard.id, heard);
    if (before && before.occupancy !== heard.occupancy) tell(heard);
  });
  hear(source, "tick", (heard) => learn(heard.at, heard.link));
  hear(source, "notice", (heard) => say(find(document, "#notice"), heard[document.documentElement.lang] ?? ""));
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) reconnectLater();
  });
}

/**
 * Anything that can be read is a sign of life; anything else is not.
 * @param {EventSource} stream
 * @param {string} name
 * @param {(heard: any) => void} learnFrom
 */
function hear(stream, name, learnFrom) {
  stream.addEventListener(name, (event) => {
    learnFrom(JSON.parse(event.data));
    lastLife = stopwatch();
    retryMs = FIRST_RETRY_MS;
    drawing ??= setTimeout(draw);
  });
}

/**
 * @param {string} at
 * @param {Link} said
 */
function learn(at, said) {
  offsetMs = Date.parse(at) - Date.now();
  link = said;
}

/** Waits longer each time, and not all screens the same, so that a server that returns is not trampled. */
function reconnectLater() {
  if (retry !== undefined) return;
  retry = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
  retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
}

/** Looks at the clock: is the server lost or back, is a stream open and dead, how old is everything? */
function look() {
  if (lastLife() > LATE_MS && attempt() > LATE_MS && retry === undefined) connect();
  if (isLost !== lastLife() > LOST_MS) draw();
  else showTimes();
}

/** Draws the page anew; many events that come at once are drawn once. */
function draw() {
  clearTimeout(drawing);
  drawing = undefined;
  isLost = lastLife() > LOST_MS;
  if (spaces.size > 0) showSpaces();
  else if (isLost) showLostWithoutWord();
  showTimes();
}

// --- on the page -----------------------------------------------------------------------------------------

/** Puts every space in its group, in the order of the building. */
function showSpaces() {
  const known = [...spaces.values()];
  for (const group of GROUPS) {
    const section = find(board, `[data-group="${group}"]`);
    const here = known.filter((space) => occupancyOf(space) === group);
    const list = find(section, ".spaces");
    here.forEach((space, place) => {
      const item = itemOf(space);
      fill(item, space);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    part(section, "count", String(here.length));
    section.hidden = here.length === 0 && (group !== "free" || isLost);
    if (group === "free") find(section, '[data-part="none"]').hidden = here.length > 0;
  }
  for (const item of board.querySelectorAll("[data-space]")) {
    if (!spaces.has(/** @type {HTMLElement} */ (item).dataset.space ?? "")) item.remove();
  }
}

/** The server was lost before it said anything: what the page came with is all there is. */
function showLostWithoutWord() {
  for (const element of board.querySelectorAll("[data-space]")) {
    const item = /** @type {HTMLElement} */ (element);
    const was = /** @type {Occupancy} */ (item.dataset.occupancy);
    if (was === "unknown" || was === "notMeasured") continue;
    mark(item, "unknown", "");
    find(board, '[data-group="unknown"] .spaces').append(item);
  }
  for (const group of GROUPS) {
    const section = find(board, `[data-group="${group}"]`);
    const count = section.querySelectorAll("[data-space]").length;
    part(section, "count", String(count));
    section.hidden = count === 0;
  }
}

/**
 * What the page dares to say of a space. What is not measured is not measured without a server, too.
 * @param {Space} space
 * @returns {Occupancy}
 */
function occupancyOf(space) {
  return isLost && space.occupancy !== "notMeasured" ? "unknown" : space.occupancy;
}

/**
 * @param {Space} space
 * @returns {HTMLElement}
 */
function itemOf(space) {
  const found = board.querySelector(`[data-space="${CSS.escape(space.id)}"]`);
  if (found) return /** @type {HTMLElement} */ (found);
  const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  item.dataset.space = space.id;
  return item;
}

/**
 * @param {HTMLElement} item
 * @param {Space} space
 */
function fill(item, space) {
  const occupancy = occupancyOf(space);
  part(item, "name", space.name);
  part(item, "number", space.id);
  part(item, "floor", space.floorName);
  part(item, "kind", words[space.kind]);
  part(item, "capacity", String(space.capacity));
  find(item, '[data-part="hybrid"]').hidden = space.kind !== "hybrid";
  mark(item, occupancy, detailOf(space));
  const age = occupancy === "unknown" ? words.last_word : words.as_of;
  part(item, "age", space.asOf ? filled(age, { time: timeOf(space.asOf) }) : "");
}

/**
 * @param {Space} space
 * @returns {string}
 */
function detailOf(space) {
  if (isLost) return "";
  if (space.unknownBecause) return words[space.unknownBecause];
  const isToday = space.since && day(Date.parse(space.since)) === day(Date.now() + offsetMs);
  return space.since && isToday ? filled(words.since, { time: clockFace(Date.parse(space.since)) }) : "";
}

/**
 * A state as word, shape and colour.
 * @param {HTMLElement} item
 * @param {Occupancy} occupancy
 * @param {string} detail
 */
function mark(item, occupancy, detail) {
  item.dataset.occupancy = occupancy;
  find(item, '[data-part="shape"]').setAttribute("href", `#shape-${occupancy}`);
  part(item, "word", words[occupancy]);
  part(item, "detail", detail);
}

/** Shows the time of the server, the age of the data, and what must be said loudly. */
function showTimes() {
  find(document, "#now").textContent = clockFace(Date.now() + offsetMs);
  const newestMs = Math.max(...[...spaces.values()].map((space) => (space.asOf ? Date.parse(space.asOf) : 0)));
  const freshness = find(document, "#freshness");
  const isLate = lastLife() > LATE_MS;
  freshness.toggleAttribute("data-late", isLate);
  if (spaces.size > 0) {
    const data = newestMs > 0 ? filled(words.as_of, { time: timeAt(newestMs) }) : words.no_data;
    freshness.textContent = isLate && !isLost ? `${words.server_late}: ${data}` : data;
    showBanner(loudly(newestMs));
  } else if (isLost) {
    showBanner(words.server_lost);
  }
}

/**
 * @param {number} newestMs the time of the newest data, 0 if there are none
 * @returns {string} what must be said loudly, if anything
 */
function loudly(newestMs) {
  const time = newestMs > 0 ? timeAt(newestMs) : "";
  if (isLost) return words.server_lost;
  if (!link.up) return time ? filled(words.link_lost, { time }) : words.link_never;
  if (!time) return words.data_none;
  return Date.now() + offsetMs - newestMs > staleMs ? filled(words.data_old, { time }) : "";
}

/** @param {string} text */
function showBanner(text) {
  const age = find(document, "#banner-age");
  say(find(document, "#banner-text"), text);
  find(document, "#banner").hidden = text === "";
  const lastMs = Date.now() + offsetMs - lastLife();
  const time = filled(words.server_last, { time: timeAt(lastMs) });
  age.textContent = isLost ? `${time.replace(/\.$/, "")}, ${filled(words.ago, { age: lengthOf(lastLife()) })}.` : "";
}

/**
 * Tells those who do not see the page what changed.
 * @param {Space} space
 */
function tell(space) {
  const count = (/** @type {Occupancy} */ wanted) =>
    String([...spaces.values()].filter((one) => occupancyOf(one) === wanted).length);
  const counts = { free: count("free"), occupied: count("occupied"), unknown: count("unknown") };
  const change = filled(words.changed, { name: space.name, word: words[space.occupancy] });
  say(find(document, "#news"), `${change}. ${filled(words.counts, counts)}.`);
}

// --- times in words --------------------------------------------------------------------------------------

/**
 * @param {number} ms
 * @returns {string} the time of day, with the date where it is not today
 */
function timeAt(ms) {
  return day(ms) === day(Date.now() + offsetMs) ? exact(ms) : `${day(ms)} ${clockFace(ms)}`;
}

/** @param {string} instant */
function timeOf(instant) {
  return timeAt(Date.parse(instant));
}

/**
 * @param {number} ms
 * @returns {string} how long that is, in words
 */
function lengthOf(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return filled(words.seconds, { n: String(Math.floor(ms / 1000)) });
  if (minutes < 60) return minutes === 1 ? words.minute : filled(words.minutes, { n: String(minutes) });
  const hours = Math.floor(minutes / 60);
  return hours === 1 ? words.hour : filled(words.hours, { n: String(hours) });
}

connect();
setInterval(look, 1_000);
for (const event of ["pageshow", "online"]) addEventListener(event, look);
document.addEventListener("visibilitychange", look);
