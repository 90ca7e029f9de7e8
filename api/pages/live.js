// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps the live page up to date, and honest: what the server does not say any more is unknown. */

import { headAndStream } from "./head.js";
import { filled, find, part } from "./page.js";

/** @typedef {import("./stream.js").Occupancy} Occupancy */
/** @typedef {import("./stream.js").Space} Space */

const { head, stream } = headAndStream(find(document, "#building"), draw);

/** Every space in the drawing and in the list, and how many there are of each. */
function draw() {
  for (const element of document.querySelectorAll("[data-space]")) {
    const item = /** @type {HTMLElement} */ (element);
    const space = stream.spaces.get(item.dataset.space ?? "");
    if (space) show(item, space);
    else if (stream.isLost && item.dataset.occupancy !== "notMeasured") head.mark(item, "unknown");
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
  head.mark(item, occupancy);
  const isUsed = occupancy === "occupied" && space.people !== null;
  const people = isUsed ? `${Math.round(space.people ?? 0)}/${space.capacity}` : "";
  if (item.classList.contains("row")) {
    part(item, "people", people);
    part(item, "detail", head.detailOf(space, stream));
    part(item, "age", space.asOf ? head.timeAt(Date.parse(space.asOf), stream) : "");
  } else {
    part(item, "people", people && ` · ${people}`);
    item.setAttribute("aria-label", filled(head.words.mark, { id: space.id, name: space.name, word: head.words[occupancy] }));
  }
}

stream.follow();
