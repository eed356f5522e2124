// SPDX-License-Identifier: Apache-2.0
// Parts of the tables of hot blocks, of a run and of the fleet.
import { bar } from './charts.js';
import { h } from './dom.js';
import { count, name, percent } from './format.js';

const MOST_LINES = 500;

/** Columns that both tables have. */
export function blockColumns(totalWeight) {
  const share = (row) => (totalWeight > 0 ? row.weight / totalWeight : 0);
  return {
    share: { label: 'Share', class: 'share', cell: (row) => [bar(share(row)), h('span', null, percent(share(row)))] },
    weight: { label: 'Instructions executed', sort: 'weight', number: true, scales: true, cell: (row) => count(row.weight) },
    executions: { label: 'Executions', sort: 'executions', number: true, scales: true, cell: (row) => count(row.executions) },
    instructions: { label: 'Length', sort: 'instructions', number: true, cell: (row) => count(row.instructions) },
    code: { label: 'Code', class: 'code', cell: code },
  };
}

/** Where a block is: function or symbol, source line, image and offset. */
export function place(row) {
  const what = row.function ?? row.symbol;
  const plus = row.function !== null && row.functionOffset !== null && row.functionOffset !== '0x0' ? `+${row.functionOffset}` : '';
  return [
    what !== null && h('bdi', { class: 'symbol' }, name(what) + plus),
    row.file !== null && h('bdi', { class: 'source' }, name(row.file) + (row.line !== null ? `:${row.line}` : '')),
    row.image !== null && h('bdi', { class: 'image' }, name(row.image) + (row.imageOffset !== null ? ` +${row.imageOffset}` : '')),
    what === null && row.file === null && row.image === null && '–',
  ];
}

function code(row) {
  if (row.code === null) {
    return h('span', { class: 'empty' }, 'not known yet');
  }
  const lines = row.code.slice(0, MOST_LINES).map((i) => `${i.vaddr.padEnd(12)} ${name(i.text)}`);
  if (row.code.length > MOST_LINES) {
    lines.push(`and ${count(row.code.length - MOST_LINES)} more`);
  }
  return h('details', null,
    h('summary', null, h('code', null, row.code.length > 0 ? name(row.code[0].text) : 'no instruction')),
    h('pre', null, lines.join('\n')));
}
