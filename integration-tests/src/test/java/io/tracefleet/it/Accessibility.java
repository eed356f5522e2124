// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

/** What a page owes those who do not see it, or not well, as a script that lists what is wrong. */
final class Accessibility {
  /** An expression: an array with one line per problem. */
  static final String PROBLEMS =
      """
      (() => {
        const problems = [];
        const all = (selector) => [...document.querySelectorAll(selector)];
        const where = (e) => `${e.closest('[id]')?.id}: ${e.outerHTML.slice(0, 100)}`;
        const demand = (selector, what, good) =>
          all(selector).filter((e) => !good(e)).forEach((e) => problems.push(`${what}: ${where(e)}`));

        demand('html', 'language', (e) => e.lang === 'en');
        if (all('h1').length !== 1) problems.push(`${all('h1').length} h1`);
        for (const one of ['header', 'main', 'nav']) {
          if (all(one).length === 0) problems.push(`no ${one}`);
        }
        demand('section', 'name of a section',
          (e) => document.getElementById(e.getAttribute('aria-labelledby'))?.textContent);
        demand('nav', 'name of a navigation', (e) => e.getAttribute('aria-label'));
        demand('table', 'caption', (e) => e.caption?.textContent);
        demand('th', 'scope', (e) => ['col', 'row'].includes(e.scope));
        demand('tbody tr', 'header of a row', (e) => e.querySelector('th'));
        demand('input, select', 'label', (e) => e.labels.length > 0);
        demand('button, a, summary', 'text', (e) => e.textContent.trim() !== '');
        demand('svg', 'name of a drawing, or that it is decoration',
          (e) => e.getAttribute('aria-hidden') === 'true' || (e.getAttribute('role') === 'img' && e.getAttribute('aria-label')));
        demand('.scroll', 'scrolling by the keyboard', (e) => e.tabIndex === 0 && e.getAttribute('aria-label'));
        demand('[id]', 'id used twice', (e) => all(`[id="${e.id}"]`).length === 1);

        const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
        const light = ([r, g, b]) => {
          const [x, y, z] = [r, g, b].map((v) => v / 255)
            .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
          return 0.2126 * x + 0.7152 * y + 0.0722 * z;
        };
        const ground = (e) => {
          for (let at = e; at; at = at.parentElement) {
            const colour = rgb(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
          }
          return [255, 255, 255];
        };
        const seen = new Set();
        for (const e of all('body *')) {
          const text = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.nodeValue.trim() !== '');
          if (!text || !e.checkVisibility() || e.closest('title, .hidden')) continue;
          const style = getComputedStyle(e);
          const [a, b] = [light(rgb(e.closest('svg') ? style.fill : style.color)), light(ground(e))];
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          const key = `${e.tagName} ${e.getAttribute('class')} ${contrast.toFixed(1)}`;
          if (contrast < 4.5 && !seen.has(key)) {
            seen.add(key);
            problems.push(`contrast ${contrast.toFixed(1)}: ${where(e)}`);
          }
        }
        return problems;
      })()
      """;

  private Accessibility() {}
}
