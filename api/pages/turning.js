// SPDX-FileCopyrightText: 2026 The Bezet authors
// SPDX-License-Identifier: EUPL-1.2
// @ts-check

/**
 * Where not all fits on a screen that nobody can scroll, it is shown in pages that turn: the free spaces first, and
 * again after each page of others, for they are what people came for. The language turns with them. Both can be held
 * still (WCAG 2.2.2), and neither moves: one page is there, then the next.
 */

import { filled, find, stopwatch } from "./page.js";

/** @typedef {{items: HTMLElement[], section: HTMLElement, top: number, bottom: number}} Row Items beside each other. */

/**
 * @typedef {object} Told
 * @property {number} pageS so long a page stays
 * @property {number} rotateS at least so long a language is spoken
 * @property {string[]} turns the languages that are spoken in turn
 * @property {() => Record<string, string>} words of now
 * @property {(language: string) => void} speak goes on in another language
 */

export class Turning {
  /**
   * @param {HTMLElement} board
   * @param {Told} told
   */
  constructor(board, told) {
    this.board = board;
    this.told = told;
    this.page = 0;
    /** Which of the pages without a free space comes next. */
    this.other = 0;
    /** @type {Row[][]} */
    this.pages = [];
    this.isPaused = false;
    this.turned = stopwatch();
    this.spoken = stopwatch();
    find(document, "#pause").addEventListener("click", () => this.pause());
    // A window of another size, and a banner that comes or goes.
    new ResizeObserver(() => this.lay()).observe(board);
    setInterval(() => this.look(), 1_000);
  }

  /** Looks at the clock: is it time for the next page, or for the next language? */
  look() {
    if (this.isPaused) return;
    if (this.pages.length > 1) {
      if (this.turned() >= this.told.pageS * 1_000) this.turn();
    } else {
      this.speakNext();
    }
  }

  /** The next page; where they begin anew, perhaps in the next language. */
  turn() {
    this.turned = stopwatch();
    const free = this.pages.filter((rows) => rows.some(isFree)).length;
    const others = this.pages.length - free;
    if (free === 0 || others === 0 || this.page + 1 < free) {
      this.page = (this.page + 1) % this.pages.length;
    } else if (this.page < free) {
      this.page = free + (this.other % others);
    } else {
      this.page = 0;
      this.other = (this.other + 1) % others;
    }
    // Where all have been seen the language stays for once, or each of them might always be in the same.
    if (this.page === 0 && (free === 0 || this.other > 0 || others % 2 > 0)) this.speakNext();
    this.show();
  }

  speakNext() {
    const languages = this.told.turns;
    if (languages.length < 2 || this.spoken() < this.told.rotateS * 1_000) return;
    this.spoken = stopwatch();
    const place = languages.indexOf(document.documentElement.lang);
    this.told.speak(languages[(place + 1) % languages.length]);
  }

  pause() {
    this.isPaused = !this.isPaused;
    this.turned = stopwatch();
    this.spoken = stopwatch();
    this.show();
  }

  /** Looks anew what fits; to say how many pages there are may itself take room. */
  lay() {
    for (let tries = 0; tries < 3; tries += 1) {
      for (const element of this.board.querySelectorAll(".off")) element.classList.remove("off");
      const height = this.board.clientHeight;
      const rows = this.rows();
      this.pages = this.fitted(rows, height);
      this.board.classList.toggle("cramped", rows.some((row) => row.bottom - row.top > height + 1));
      this.page = Math.min(this.page, this.pages.length - 1);
      this.show();
      if (this.board.clientHeight === height) return;
    }
  }

  /** @returns {Row[]} */
  rows() {
    /** @type {Row[]} */
    const rows = [];
    for (const element of this.board.querySelectorAll(".space, .none:not([hidden])")) {
      const item = /** @type {HTMLElement} */ (element);
      const section = /** @type {HTMLElement} */ (item.closest(".group"));
      if (section.hidden) continue;
      const { top, bottom } = item.getBoundingClientRect();
      const last = rows[rows.length - 1];
      if (last && last.section === section && Math.abs(last.top - top) < 2) {
        last.items.push(item);
        last.bottom = Math.max(last.bottom, bottom);
      } else {
        rows.push({ items: [item], section, top, bottom });
      }
    }
    return rows;
  }

  /**
   * As many rows on each page as fit, a row at least. A group that goes on has its heading on the next page too.
   * @param {Row[]} rows
   * @param {number} height of the board
   * @returns {Row[][]}
   */
  fitted(rows, height) {
    /** @type {Map<HTMLElement, number>} */
    const tops = new Map();
    for (const row of rows) if (!tops.has(row.section)) tops.set(row.section, row.top);
    /** @type {Row[][]} */
    const pages = [[]];
    let startsAt = 0;
    for (const row of rows) {
      const sectionTop = row.section.getBoundingClientRect().top;
      const first = /** @type {number} */ (tops.get(row.section));
      let page = pages[pages.length - 1];
      if (page.length > 0 && row.bottom - startsAt > height + 1) {
        page = [];
        pages.push(page);
      }
      if (page.length === 0) startsAt = row.top - (first - sectionTop);
      page.push(row);
    }
    return pages;
  }

  show() {
    const shown = new Set(this.pages[this.page].map((row) => row.section));
    this.pages.forEach((rows, number) => {
      for (const row of rows) for (const item of row.items) item.classList.toggle("off", number !== this.page);
    });
    for (const section of this.board.querySelectorAll(".group")) {
      section.classList.toggle("off", !shown.has(/** @type {HTMLElement} */ (section)));
    }
    this.showWhere();
  }

  showWhere() {
    const words = this.told.words();
    const isTurning = this.pages.length > 1 || this.told.turns.length > 1;
    find(document, "#pages").hidden = !isTurning;
    find(document, "#page-of").textContent = this.pages.length > 1
      ? filled(words.page_of, { n: String(this.page + 1), all: String(this.pages.length) })
      : "";
    const button = find(document, "#pause");
    button.setAttribute("aria-label", this.isPaused ? words.go_on : words.pause);
    find(button, "use").setAttribute("href", this.isPaused ? "#going" : "#paused");
  }
}

/**
 * @param {Row} row
 * @returns {boolean} whether a free space is in it; that there is none may stand there too
 */
function isFree(row) {
  return row.section.dataset.group === "free" && row.items.some((item) => item.matches(".space"));
}
