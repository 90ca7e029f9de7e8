// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps the sign at a door up to date, and honest: what the server does not say any more is unknown. */

import { bookingOf } from "./booking.js";
import { headAndStreamOfOne } from "./head.js";
import { filled, find, part } from "./page.js";

/** @typedef {import("./stream.js").Space} Space */

const door = find(document, "#door");
const { head, stream, spaceNow } = headAndStreamOfOne(door, draw);

/** What is not measured has no data that could be old. */
const loudly = head.loudly.bind(head);
head.loudly = (newestMs, of) => (door.dataset.occupancy === "notMeasured" && !of.isLost ? "" : loudly(newestMs, of));

function draw() {
  const space = spaceNow();
  if (space) show(space);
  else if (stream.isLost && door.dataset.occupancy !== "notMeasured") showUnknown();
}

/** @param {Space} space */
function show(space) {
  const { words } = head;
  head.mark(door, stream.groupOf(space));
  part(door, "name", space.name);
  part(door, "places", space.capacity === 1 ? words.door_place : filled(words.door_capacity, { n: String(space.capacity) }));
  part(door, "kind", words[space.kind]);
  find(door, '[data-part="av"]').hidden = space.kind !== "hybrid";
  part(door, "booking", stream.isLost ? "" : bookingOf(space, head, stream));
  part(door, "detail", head.detailOf(space, stream));
}

/** The server was lost before it said anything. */
function showUnknown() {
  head.mark(door, "unknown");
  part(door, "booking", "");
  part(door, "detail", "");
}

stream.follow();
