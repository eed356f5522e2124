// SPDX-License-Identifier: Apache-2.0
// The tables of hot functions, of a run and of the fleet.
import { bar } from './charts.js';
import { h } from './dom.js';
import { count, name, percent } from './format.js';
import { dataTable } from './table.js';

/**
 * Functions by the instructions executed in them.
 *
 * @param further columns that stand behind the instructions
 */
export function functionTable({ caption, prefix, answer, csv, further }) {
  const share = (row) => (answer.totalInstructions > 0 ? row.instructions / answer.totalInstructions : 0);
  const number = (label, field) => ({ label, sort: field, number: true, scales: field !== 'blocks', cell: (row) => count(row[field]) });
  return dataTable({
    caption,
    prefix,
    standard: '-instructions',
    answer,
    key: (row) => [row.target, row.buildId ?? row.image, row.function].join(' '),
    csv,
    columns: [
      { label: 'Share', class: 'share', cell: (row) => [bar(share(row)), h('span', null, percent(share(row)))] },
      { label: 'Function', sort: 'name', ascending: true, header: true, class: 'function', cell: functionName },
      number('Instructions executed', 'instructions'),
      ...(further ?? []),
      { label: 'Image', sort: 'image', ascending: true, class: 'where', cell: image },
      number('Blocks', 'blocks'),
      number('Executions of blocks', 'executions'),
    ],
  });
}

/** What has no name is called by its image, and looks so. */
function functionName(row) {
  return h('bdi', { class: row.function === null ? 'symbol image' : 'symbol' }, name(row.name));
}

function image(row) {
  return [
    h('bdi', null, name(row.image)),
    row.buildId !== null && h('span', { class: 'note' }, 'build ', h('code', { title: name(row.buildId) }, name(row.buildId.slice(0, 12)))),
  ];
}
