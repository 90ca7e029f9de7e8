// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps the live page up to date, and honest: what the server does not say any more is unknown. */

import { Head } from "./head.js";
import { filled, find, part, say } from "./page.js";
import { Stream } from "./stream.js";

/** @typedef {import("./stream.js").Occupancy} Occupancy */
/** @typedef {import("./stream.js").Space} Space */

const building = find(document, "#building");
/** @type {Record<string, string>} */
const words = JSON.parse(building.dataset.words ?? "{}");
const head = new Head(words, building.dataset.timezone, Number(building.dataset.staleMs));
const stream = new Stream({
  draw,
  showTime: () => head.show(stream),
  tell: (space) => head.tell(space, stream),
  notice: (said) => say(find(document, "#notice"), said[document.documentElement.lang] ?? ""),
});

/** Every space in the drawing and in the list, and how many there are of each. */
function draw() {
  for (const element of document.querySelectorAll("[data-space]")) {
    const item = /** @type {HTMLElement} */ (element);
    const space = stream.spaces.get(item.dataset.space ?? "");
    if (space) show(item, space);
    else if (stream.isLost && item.dataset.occupancy !== "notMeasured") mark(item, "unknown");
  }
  for (const element of document.querySelectorAll("[data-count]")) {
    const item = /** @type {HTMLElement} */ (element);
    const shown = /** @type {Occupancy} */ (item.dataset.count);
    part(item, "count", String(document.querySelectorAll(`.row[data-occupancy="${shown}"]`).length));
  }
}

/**
 * @param {HTMLElement} item a mark of the drawing, or a row of the list
 * @param {Space} space
 */
function show(item, space) {
  const occupancy = stream.occupancyOf(space);
  mark(item, occupancy);
  const isUsed = occupancy === "occupied" && space.people !== null;
  const people = isUsed ? `${Math.round(space.people ?? 0)}/${space.capacity}` : "";
  if (item.classList.contains("row")) {
    part(item, "people", people);
    part(item, "detail", detailOf(space));
    part(item, "age", space.asOf ? head.timeAt(Date.parse(space.asOf), stream) : "");
  } else {
    part(item, "people", people && ` · ${people}`);
    item.setAttribute("aria-label", filled(words.mark, { id: space.id, name: space.name, word: words[occupancy] }));
  }
}

/**
 * A state as word, shape and colour.
 * @param {HTMLElement} item
 * @param {Occupancy} occupancy
 */
function mark(item, occupancy) {
  item.dataset.occupancy = occupancy;
  find(item, '[data-part="shape"]').setAttribute("href", `#shape-${occupancy}`);
  part(item, "word", words[occupancy]);
}

/**
 * @param {Space} space
 * @returns {string}
 */
function detailOf(space) {
  if (stream.isLost) return "";
  return space.unknownBecause ? words[space.unknownBecause] : head.sinceText(space.since, stream);
}

stream.follow();
