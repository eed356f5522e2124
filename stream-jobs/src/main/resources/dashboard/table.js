// SPDX-License-Identifier: Apache-2.0
import { h } from './dom.js';
import { fileName, isEstimate } from './estimate.js';
import { count } from './format.js';
import { apiPath, here, withParameters } from './place.js';

/** Rows of a table on a page. */
export const PAGE_ROWS = 20;

/** The order and page of a table as the API's parameters; `prefix` tells the page's tables apart in the URL. */
export function tableParameters(prefix) {
  const parameters = here();
  const offset = Number.parseInt(parameters.get(`${prefix}.offset`) ?? '0', 10);
  return {
    sort: parameters.get(`${prefix}.sort`),
    offset: offset > 0 ? offset : null,
    limit: PAGE_ROWS,
  };
}

/**
 * A table of one page of rows.
 *
 * @param columns [{label, sort, ascending, number, scales, cell}]: `sort` is the API's field, `ascending` the order of the
 *     first click, `scales` that it is scaled in estimates, `cell` function(row) gives the content, `header` makes the cell the
 *     row's header
 * @param key function(row): what a row is known by
 * @param standard the order if the URL has none, such as "-weight"
 * @param csv path and parameters that the answer is of, and the name of a file for all of its rows; or null
 */
export function dataTable({ caption, columns, answer, prefix, key, standard, csv }) {
  const estimate = isEstimate(answer);
  const title = estimate ? `Estimate: ${caption}` : caption;
  const order = here().get(`${prefix}.sort`) ?? standard;
  const table = h('table', null,
    h('caption', null, title),
    h('thead', null, h('tr', null, columns.map((c) => heading(c, prefix, order)))),
    h('tbody', null, answer.rows.map((row) => h('tr', { 'data-key': key(row) }, columns.map((c) =>
      c.header
        ? h('th', { scope: 'row', class: c.class }, c.cell(row))
        : h('td', { class: classes(c, estimate) }, c.cell(row)))))));
  return h('div', { class: 'table' },
    h('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': title }, table),
    footer(answer, prefix, title, csv));
}

function classes(column, estimate) {
  return [column.number ? 'number' : null, estimate && column.scales ? 'estimated' : null, column.class].filter(Boolean).join(' ') || null;
}

function heading(column, prefix, order) {
  if (!column.sort) {
    return h('th', { scope: 'col', class: classes(column) }, column.label);
  }
  const ascending = order === column.sort;
  const descending = order === `-${column.sort}`;
  const first = column.ascending ? column.sort : `-${column.sort}`;
  const second = column.ascending ? `-${column.sort}` : column.sort;
  const next = order === first ? second : first;
  return h('th', {
    scope: 'col',
    class: classes(column),
    'aria-sort': ascending ? 'ascending' : descending ? 'descending' : null,
  }, h('a', { href: withParameters({ [`${prefix}.sort`]: next, [`${prefix}.offset`]: null }) }, column.label));
}

function footer(answer, prefix, caption, csv) {
  const { offset, total } = answer;
  const last = offset + answer.rows.length;
  const link = (label, to) =>
    h('a', { href: withParameters({ [`${prefix}.offset`]: to > 0 ? to : null }) }, label);
  return h('nav', { class: 'pager', 'aria-label': `Pages of: ${caption}` },
    h('span', null, total === 0 ? 'nothing' : `${count(offset + 1)} to ${count(last)} of ${count(total)}`),
    offset > 0 && link('Previous', Math.max(0, offset - PAGE_ROWS)),
    last < total && link('Next', offset + PAGE_ROWS),
    csv && h('a', { href: wholeAsCsv(csv), 'data-csv': fileName(answer, csv.file) }, 'All rows as CSV'));
}

/** Without a limit the API gives all rows. */
function wholeAsCsv({ path, parameters }) {
  return apiPath(path, { ...parameters, offset: null, limit: null, format: 'csv' });
}
