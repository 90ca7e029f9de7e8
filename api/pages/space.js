// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/** Keeps the page of one space up to date, and honest; its day and why are asked for again each minute. */

import { headAndStream } from "./head.js";
import { filled, find, part, say } from "./page.js";
import { keepFresh } from "./running.js";
import { airOf, avOf, peopleOf } from "./sensed.js";

const board = find(document, "#space");
const id = board.dataset.space ?? "";
const { head, stream } = headAndStream(board, draw);

/** Only of this space: whoever reads this did not ask for the rest of the building. */
stream.page.tell = (space) => {
  if (space.id === id) say(find(document, "#news"), filled(head.words.changed, { name: space.name, word: head.words[space.occupancy] }));
};

function draw() {
  // The age of the page is that of its own space.
  for (const other of stream.spaces.keys()) if (other !== id) stream.spaces.delete(other);
  const space = stream.spaces.get(id);
  if (space === undefined || stream.isLost) {
    if (stream.isLost && board.dataset.occupancy !== "notMeasured") head.mark(board, "unknown");
    if (stream.isLost) for (const name of ["people", "detail", "air", "av"]) part(board, name, "");
    return;
  }
  head.mark(board, space.occupancy);
  part(board, "people", peopleOf(space));
  part(board, "detail", head.detailOf(space, stream));
  part(board, "air", airOf(space, head.words));
  part(board, "av", avOf(space, head.words));
}

keepFresh();
stream.follow();
