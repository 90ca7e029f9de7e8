// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps the page of one space up to date, and honest; its day and why are asked for again each minute. */

import { bookingOf } from "./booking.js";
import { headAndStreamOfOne } from "./head.js";
import { find, part } from "./page.js";
import { keepFresh } from "./running.js";
import { airOf, avOf, peopleOf } from "./sensed.js";

const board = find(document, "#space");
const { head, stream, spaceNow } = headAndStreamOfOne(board, draw);

const ask = keepFresh();
/** What it was when its why was asked for. */
let was = board.dataset.occupancy;

function draw() {
  const space = spaceNow();
  if (space === undefined || stream.isLost) {
    if (stream.isLost && board.dataset.occupancy !== "notMeasured") head.mark(board, "unknown");
    if (stream.isLost) for (const name of ["booking", "people", "detail", "air", "av"]) part(board, name, "");
    return;
  }
  const group = stream.groupOf(space);
  if (group !== was) ask();
  was = group;
  head.mark(board, group);
  part(board, "booking", bookingOf(space, head, stream));
  part(board, "people", peopleOf(space, stream));
  part(board, "detail", head.detailOf(space, stream));
  part(board, "air", airOf(space, head.words, stream));
  part(board, "av", avOf(space, head.words, stream));
}

stream.follow();
