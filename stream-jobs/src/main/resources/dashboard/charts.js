// SPDX-License-Identifier: Apache-2.0
// Drawings. Each has its numbers as text beside it: none is needed to read the page.
import { h, s } from './dom.js';
import { clock, count, short, time } from './format.js';

const LEFT = 64;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 26;
const TABLE_ROWS = 300;

/** A bar for a share of 0 to 1. */
export function bar(share, kind) {
  const width = Math.max(share > 0 ? 0.5 : 0, Math.min(100, share * 100));
  return s('svg', { class: `bar ${kind ?? ''}`, viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    s('rect', { class: 'bar-all', width: 100, height: 10 }),
    s('rect', { class: 'bar-part', width: width.toFixed(2), height: 10 }));
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function round(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((f) => f * power).find((v) => v >= value * 0.999999);
}

/**
 * Lines over time, in steps.
 *
 * @param title what it shows, with the unit
 * @param starts microseconds at which each step starts, without holes
 * @param stepMicros length of a step
 * @param series [{label, values}], one value per step
 */
export function timeChart({ title, starts, stepMicros, series, width: widest = 1100, height = 240 }) {
  // In a narrow window drawn narrow instead of scaled, so that the text stays readable.
  const width = Math.max(300, Math.min(widest, document.documentElement.clientWidth - 60));
  const top = Math.max(0, ...series.flatMap((line) => line.values));
  const most = round(top > 0 ? top : 1);
  const from = starts[0];
  const to = starts[starts.length - 1] + stepMicros;
  const x = (t) => LEFT + ((t - from) / (to - from)) * (width - LEFT - RIGHT);
  const y = (v) => height - BOTTOM - (v / most) * (height - TOP - BOTTOM);
  const drawing = s('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': summary(title, starts, stepMicros, series) });
  for (let i = 0; i <= 4; i++) {
    const value = (most / 4) * i;
    drawing.append(
      s('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      s('text', { class: 'tick', x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, short(value)));
  }
  const ticks = Math.min(width < 500 ? 2 : 4, starts.length);
  for (let i = 0; i <= ticks; i++) {
    const t = from + ((to - from) / ticks) * i;
    const anchor = i === 0 ? 'start' : i === ticks ? 'end' : 'middle';
    drawing.append(s('text', { class: 'tick', x: x(t), y: height - 8, 'text-anchor': anchor }, clock(t)));
  }
  series.forEach((line, n) => {
    const points = [];
    line.values.forEach((value, i) => {
      const height1 = y(value).toFixed(1);
      points.push(`${x(starts[i]).toFixed(1)},${height1}`, `${x(starts[i] + stepMicros).toFixed(1)},${height1}`);
    });
    drawing.append(s('polyline', { class: `line line-${n % 8}`, points: points.join(' ') }));
  });
  return h('figure', null,
    h('figcaption', null, title),
    series.length > 1 && h('ul', { class: 'legend' }, series.map((line, n) => h('li', null,
      s('svg', { class: 'swatch', viewBox: '0 0 24 8', 'aria-hidden': 'true' },
        s('line', { class: `line line-${n % 8}`, x1: 0, x2: 24, y1: 4, y2: 4 })),
      line.label))),
    drawing,
    numbers(title, starts, series));
}

function summary(title, starts, stepMicros, series) {
  const peaks = series.map((line) => `${line.label} at most ${short(Math.max(...line.values))}`);
  const shown = peaks.length > 4 ? [...peaks.slice(0, 4), `and ${peaks.length - 4} more`] : peaks;
  return `${title}, ${time(starts[0])} to ${time(starts[starts.length - 1] + stepMicros)} UTC: ${shown.join(', ')}. The table below has the numbers.`;
}

function numbers(title, starts, series) {
  const rows = starts.length <= TABLE_ROWS ? starts : starts.slice(-TABLE_ROWS);
  const skipped = starts.length - rows.length;
  return h('details', { class: 'numbers' },
    h('summary', null, 'Numbers'),
    h('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': title },
      h('table', null,
        h('caption', null, `${title}${skipped > 0 ? `, the last ${count(TABLE_ROWS)} steps` : ''}`),
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Time (UTC)'),
          series.map((line) => h('th', { scope: 'col', class: 'number' }, line.label)))),
        h('tbody', null, rows.map((start, i) => h('tr', null,
          h('th', { scope: 'row' }, time(start)),
          series.map((line) => h('td', { class: 'number' }, count(Math.round(line.values[skipped + i]))))))))));
}

const CELLS = 64;
const MOST_LINES = 64;
const CELL = 12;
const CELL_LEFT = 110;

/**
 * A map of addresses: one cell per bucket, darker with more accesses (each shade is about four times the one before).
 * Rows of the map without any access are left out and said.
 *
 * @param rows [{page, pages, reads, writes}] in order of addresses, each within one bucket
 * @param bucketBytes of one cell; a power of two
 * @param titleOf function(bytes of one cell) that the map is drawn with: neighbours are added up until it is not too tall
 */
export function heatMap({ rows: given, bucketBytes, titleOf, cellText }) {
  let { rows, bucket, lines } = grid(given, BigInt(bucketBytes));
  while (lines.size > MOST_LINES) {
    ({ rows, bucket, lines } = grid(rows, bucket * 2n));
  }
  const title = titleOf(Number(bucket));
  const most = Math.max(1, ...rows.map((r) => r.reads + r.writes));
  const steps = Math.max(1, Math.log(most) / Math.log(4));
  const shade = (n) => Math.max(1, 8 - Math.floor(Math.min(7, steps - Math.log(n) / Math.log(4))));
  const parts = [];
  let y = 0;
  let before = null;
  for (const [line, cells] of lines) {
    if (before !== null && line !== before + 1n) {
      parts.push(s('text', { class: 'tick gap', x: CELL_LEFT, y: y + 11 }, '⋮ nothing accessed in between'));
      y += 16;
    }
    parts.push(s('text', { class: 'tick address', x: CELL_LEFT - 6, y: y + 10, 'text-anchor': 'end' },
      `0x${(line * BigInt(CELLS) * bucket).toString(16)}`));
    parts.push(s('rect', { class: 'heat-row', x: CELL_LEFT, y, width: CELLS * CELL, height: CELL }));
    for (const [column, row] of cells) {
      parts.push(s('rect', { class: `heat heat-${shade(row.reads + row.writes)}`, x: CELL_LEFT + column * CELL, y, width: CELL - 1, height: CELL - 1 },
        s('title', null, cellText(row))));
    }
    y += CELL + 1;
    before = line;
  }
  return h('figure', null,
    h('figcaption', null, title),
    h('p', { class: 'legend' }, 'accesses: few ',
      s('svg', { class: 'shades', viewBox: '0 0 96 12', 'aria-hidden': 'true' },
        Array.from({ length: 8 }, (_, i) => s('rect', { class: `heat heat-${i + 1}`, x: i * 12, y: 0, width: 11, height: 11 }))),
      ` many (${count(most)})`),
    h('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': title },
      s('svg', {
        class: 'chart heat-map',
        viewBox: `0 0 ${CELL_LEFT + CELLS * CELL} ${y}`,
        role: 'img',
        'aria-label': `${title}: ${count(rows.length)} cells with accesses, at most ${count(most)} in one. The table below has the busiest pages.`,
      }, parts)));
}

/** Sums rows by bucket, and puts the buckets in lines of the map. */
function grid(rows, bucket) {
  const sums = new Map();
  for (const row of rows) {
    const index = BigInt(row.page) / bucket;
    const sum = sums.get(index) ?? { page: `0x${(index * bucket).toString(16)}`, pages: 0, reads: 0, writes: 0 };
    sums.set(index, { ...sum, pages: sum.pages + row.pages, reads: sum.reads + row.reads, writes: sum.writes + row.writes });
  }
  const lines = new Map();
  for (const [index, sum] of sums) {
    const line = index / BigInt(CELLS);
    if (!lines.has(line)) {
      lines.set(line, []);
    }
    lines.get(line).push([Number(index % BigInt(CELLS)), sum]);
  }
  return { rows: [...sums.values()], bucket, lines };
}
