// SPDX-License-Identifier: Apache-2.0
// I/O and RAM: over time, by device, and by page.
import { json } from './api.js';
import { bar, heatMap, timeChart } from './charts.js';
import { h } from './dom.js';
import { about, estimateNote, scaleParameters } from './estimate.js';
import { bytes, count, name, percent } from './format.js';
import { empty, missingNote, tiles } from './panel.js';
import { apiPath } from './place.js';
import { dataTable, tableParameters } from './table.js';
import { lines } from './timeline.js';
import { timesGiven, windowParameters } from './window.js';

/** Up to so many pages each is a cell of the map; of more, neighbours are added up by the server. */
const MOST_PAGES = 2048;
const BINS = 4096;
const USER_MODE = 'No physical access has been counted here. In user mode and in count mode there is none.';

const accesses = (row) => row.reads + row.writes;

export async function loadMemory(base, stop) {
  const parameters = { ...tableParameters('devices'), ...windowParameters(), ...scaleParameters(), by: 'device' };
  const [answer, timeline] = await Promise.all([
    json(apiPath(`${base}/hwaddr`, parameters), stop),
    json(apiPath(`${base}/timeline`, { ...windowParameters(), by: 'run' }), stop),
  ]);
  const missing = missingNote(answer.missing);
  if (answer.total === 0) {
    return [missing, empty(USER_MODE)];
  }
  const { ram, io } = answer.sum;
  const all = accesses(ram) + accesses(io);
  const share = (row) => (all > 0 ? accesses(row) / all : 0);
  const note = estimateNote(answer);
  return [
    missing,
    note,
    tiles([
      ['RAM accesses', about(answer, `${count(accesses(ram))} (${percent(share(ram))})`)],
      ['RAM bytes', about(answer, bytes(ram.readBytes + ram.writeBytes))],
      ['I/O accesses', about(answer, `${count(accesses(io))} (${percent(share(io))})`)],
      ['I/O bytes', about(answer, bytes(io.readBytes + io.writeBytes))],
    ]),
    note && timeline.rows.length > 0 && h('p', { class: 'note' }, 'Over time, what was recorded:'),
    ...(timeline.rows.length > 0 ? overTime(timeline) : []),
    dataTable({
      caption: 'Accesses by device; RAM is one of them',
      prefix: 'devices',
      standard: '',
      answer,
      key: (row) => `${row.kind} ${row.device}`,
      csv: { path: `${base}/hwaddr`, parameters, file: 'devices.csv' },
      columns: [
        { label: 'Device', sort: 'device', ascending: true, header: true, cell: (row) => h('bdi', null, name(row.device)) },
        { label: 'Kind', sort: 'kind', ascending: true, cell: (row) => (row.kind === 'IO' ? 'I/O' : name(row.kind)) },
        { label: 'Share of accesses', class: 'share',
          cell: (row) => [bar(share(row), row.kind === 'IO' ? 'io' : 'ram'), h('span', null, percent(share(row)))] },
        { label: 'Reads', sort: 'reads', number: true, scales: true, cell: (row) => count(row.reads) },
        { label: 'Writes', sort: 'writes', number: true, scales: true, cell: (row) => count(row.writes) },
        { label: 'Bytes read', sort: 'readBytes', number: true, scales: true, cell: (row) => count(row.readBytes) },
        { label: 'Bytes written', sort: 'writeBytes', number: true, scales: true, cell: (row) => count(row.writeBytes) },
      ],
    }),
  ];
}

/** Two charts, each with its own scale: RAM is often a thousand times I/O. */
function overTime(timeline) {
  const chart = (title, values) => timeChart({ title, ...lines(timeline, values), width: 560, height: 200 });
  return [h('div', { class: 'side-by-side' },
    chart('RAM accesses per second', { reads: (row) => row.ramReads, writes: (row) => row.ramWrites }),
    chart('I/O accesses per second', { reads: (row) => row.ioReads, writes: (row) => row.ioWrites }))];
}

export async function loadPages(base, stop) {
  const { vcpu } = windowParameters();
  const scale = scaleParameters();
  const parameters = { ...tableParameters('pages'), ...scale, vcpu };
  const path = `${base}/hwaddr/pages`;
  const busiest = await json(apiPath(path, parameters), stop);
  const map = await json(
    apiPath(path, busiest.total > MOST_PAGES ? { ...scale, vcpu, bins: BINS } : { ...scale, vcpu, sort: 'page', limit: MOST_PAGES }), stop);
  const missing = missingNote(map.missing);
  if (map.total === 0) {
    return [missing, empty(USER_MODE)];
  }
  return [
    missing,
    estimateNote(map),
    timesGiven() && h('p', { class: 'note' }, 'RAM pages are counted for the whole run only, not for the window chosen.'),
    heatMap({
      rows: map.rows,
      bucketBytes: map.bucketBytes,
      titleOf: (cellBytes) => `RAM from ${map.lowest} to ${map.highest}, one cell for ${bytes(cellBytes)}`,
      cellText: (row) => `${row.page}: ${about(map, count(row.reads))} reads, ${count(row.writes)} writes in ${count(row.pages)} pages`,
    }),
    dataTable({
      caption: 'The busiest RAM pages',
      prefix: 'pages',
      standard: '-accesses',
      answer: busiest,
      key: (row) => row.page,
      csv: { path, parameters, file: 'pages.csv' },
      columns: [
        { label: 'Page', sort: 'page', ascending: true, header: true, class: 'address', cell: (row) => row.page },
        { label: 'Accesses', sort: 'accesses', number: true, scales: true, cell: (row) => count(accesses(row)) },
        { label: 'Reads', sort: 'reads', number: true, scales: true, cell: (row) => count(row.reads) },
        { label: 'Writes', sort: 'writes', number: true, scales: true, cell: (row) => count(row.writes) },
        { label: 'Bytes read', sort: 'readBytes', number: true, scales: true, cell: (row) => count(row.readBytes) },
        { label: 'Bytes written', sort: 'writeBytes', number: true, scales: true, cell: (row) => count(row.writeBytes) },
      ],
    }),
  ];
}
