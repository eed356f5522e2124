// SPDX-License-Identifier: Apache-2.0
import { ApiError } from './api.js';
import { h, replaceContent } from './dom.js';
import { name } from './format.js';

/** A section that asks for its answer again whenever it is told to, one question at a time. */
export class Panel {
  #load;
  #signal;
  #running = false;
  #again = false;
  #retry = 0;
  #body = h('div', { class: 'panel-body' }, h('p', { class: 'loading' }, 'Loading'));

  /**
   * @param id of the section
   * @param title its heading
   * @param load async function(signal): the nodes to show, as an array
   * @param signal aborted when the page is left
   */
  constructor(id, title, load, signal) {
    this.#load = load;
    this.#signal = signal;
    this.element = h('section', { id, 'aria-labelledby': `${id}-title`, 'aria-busy': 'true' },
      h('h2', { id: `${id}-title` }, title), this.#body);
  }

  async refresh() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    clearTimeout(this.#retry);
    do {
      this.#again = false;
      let retryMillis = null;
      let nodes;
      try {
        nodes = await this.#load(this.#signal);
      } catch (e) {
        if (this.#signal.aborted) {
          return;
        }
        retryMillis = e instanceof ApiError ? e.retryMillis : null;
        nodes = [h('p', { class: 'error' }, name(e.message))];
        if (!(e instanceof ApiError)) {
          console.error(e);
        }
      }
      if (this.#signal.aborted) {
        return;
      }
      replaceContent(this.#body, nodes.filter(Boolean));
      this.element.setAttribute('aria-busy', 'false');
      if (retryMillis !== null) {
        this.#retry = setTimeout(() => this.refresh(), retryMillis);
      }
    } while (this.#again);
    this.#running = false;
  }
}

/** What to say of an answer to which not all instances contributed; null if all did. */
export function missingNote(missing) {
  if (!missing || missing.length === 0) {
    return null;
  }
  const parts = missing.map((m) =>
    `${m.instance ?? 'no instance'} (partitions ${m.partitions.join(', ')}: ${m.reason})`);
  return h('p', { class: 'warning' },
    `Answers of these instances are missing, so the numbers are a lower bound: ${name(parts.join('; '))}`);
}

/** Numbers with their names: [[name, text, class]]. */
export function tiles(entries) {
  return h('dl', { class: 'tiles' }, entries.map(([label, text, kind]) =>
    h('div', { class: kind ?? null }, h('dt', null, label), h('dd', null, text))));
}

/** Says that there is nothing. */
export function empty(text) {
  return h('p', { class: 'empty' }, text);
}
