// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps the lobby page up to date, and honest: what the server does not say any more is unknown. */

import { headAndStream } from "./head.js";
import { filled, find, part } from "./page.js";

/** @typedef {import("./stream.js").Occupancy} Occupancy */
/** @typedef {import("./stream.js").Space} Space */

/** @type {Occupancy[]} */
const GROUPS = ["free", "occupied", "unknown", "notMeasured"];

const board = find(document, "#board");
const template = /** @type {HTMLTemplateElement} */ (find(document, "#space"));
const { head, stream } = headAndStream(board, draw);

function draw() {
  if (stream.spaces.size > 0) showSpaces();
  else if (stream.isLost) showLostWithoutWord();
}

/** Puts every space in its group, in the order of the building. */
function showSpaces() {
  const known = [...stream.spaces.values()];
  for (const group of GROUPS) {
    const section = find(board, `[data-group="${group}"]`);
    const here = known.filter((space) => stream.occupancyOf(space) === group);
    const list = find(section, ".spaces");
    here.forEach((space, place) => {
      const item = itemOf(space);
      fill(item, space);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    part(section, "count", String(here.length));
    section.hidden = here.length === 0 && (group !== "free" || stream.isLost);
    if (group === "free") find(section, '[data-part="none"]').hidden = here.length > 0;
  }
  for (const item of board.querySelectorAll("[data-space]")) {
    if (!stream.spaces.has(/** @type {HTMLElement} */ (item).dataset.space ?? "")) item.remove();
  }
}

/** The server was lost before it said anything: what the page came with is all there is. */
function showLostWithoutWord() {
  for (const element of board.querySelectorAll("[data-space]")) {
    const item = /** @type {HTMLElement} */ (element);
    const was = /** @type {Occupancy} */ (item.dataset.occupancy);
    if (was === "unknown" || was === "notMeasured") continue;
    head.mark(item, "unknown");
    part(item, "detail", "");
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
  const occupancy = stream.occupancyOf(space);
  part(item, "name", space.name);
  part(item, "number", space.id);
  part(item, "floor", space.floorName);
  part(item, "kind", head.words[space.kind]);
  part(item, "capacity", String(space.capacity));
  find(item, '[data-part="hybrid"]').hidden = space.kind !== "hybrid";
  head.mark(item, occupancy);
  part(item, "detail", head.detailOf(space, stream));
  const age = occupancy === "unknown" ? head.words.last_word : head.words.as_of;
  part(item, "age", space.asOf ? filled(age, { time: head.timeAt(Date.parse(space.asOf), stream) }) : "");
}

stream.follow();
