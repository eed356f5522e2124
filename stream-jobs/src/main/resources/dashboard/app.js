// SPDX-License-Identifier: Apache-2.0
// Which page is shown, what it follows, and what the whole window has: links, filters, colours, the token.
import { follow, hasToken, onUnauthorized, saveCsv, setToken } from './api.js';
import { h } from './dom.js';
import { filterChanges } from './filters.js';
import { fleetPage } from './fleet.js';
import { name } from './format.js';
import { withParameters } from './place.js';
import { runPage } from './run.js';

/** Between two questions of the same page while something changes. */
const REFRESH_MILLIS = 3000;

/** Between two sentences to those who listen. */
const ANNOUNCE_MILLIS = 15000;

const STATES = { connecting: 'connecting', live: 'live', waiting: 'reconnecting', refused: 'not live' };

const main = document.getElementById('main');
const live = document.getElementById('live');
const announcer = document.getElementById('announce');
const tokenDialog = document.getElementById('token');

let page = null;
let leaving = new AbortController();
let stream = null;
let refreshTimer = 0;
let announced = 0;
let path = null;

function pageOf(pathname, signal) {
  const run = /^\/runs\/([^/]+)\/?$/.exec(pathname);
  if (run) {
    try {
      return runPage(decodeURIComponent(run[1]), signal);
    } catch (e) {
      if (!(e instanceof URIError)) {
        throw e;
      }
    }
  }
  return pathname === '/' ? fleetPage(signal) : {
    title: 'Not found',
    element: h('div', null, h('h1', { tabindex: '-1' }, 'There is no such page'), h('p', null, h('a', { href: '/' }, 'To the fleet'))),
    events: null,
    refresh() {},
  };
}

/** Shows what the URL says. `again` makes the page anew though its path is the same. */
function show(again) {
  if (path === location.pathname && !again) {
    page.refresh(true);
    return;
  }
  const first = path === null || again;
  path = location.pathname;
  leaving.abort();
  leaving = new AbortController();
  page = pageOf(path, leaving.signal);
  document.title = `${page.title} – Tracefleet`;
  main.replaceChildren(page.element);
  for (const link of document.querySelectorAll('header nav a')) {
    if (link.getAttribute('href') === path) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
  if (!first) {
    scrollTo(0, 0);
    main.querySelector('h1').focus({ preventScroll: true });
  }
  page.refresh(true);
  connect();
}

function go(url) {
  history.pushState(null, '', url);
  show(false);
}

// ---- events

function setLive(state) {
  live.dataset.state = state;
  live.textContent = STATES[state];
}

function connect() {
  stream?.abort();
  stream = null;
  live.hidden = page.events === null;
  if (page.events === null || document.hidden) {
    return;
  }
  stream = new AbortController();
  const shown = page;
  setLive('connecting');
  follow(shown.events, AbortSignal.any([stream.signal, leaving.signal]), (data) => {
    const sentence = shown.progress(data);
    announce(sentence);
    if (refreshTimer === 0) {
      refreshTimer = setTimeout(() => {
        refreshTimer = 0;
        page.refresh(false);
      }, REFRESH_MILLIS);
    }
  }, setLive);
}

function announce(sentence) {
  const now = Date.now();
  if (sentence !== null && now - announced >= ANNOUNCE_MILLIS) {
    announced = now;
    announcer.textContent = sentence;
  }
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    stream?.abort(); // places for streams are few
  } else {
    page.refresh(false);
    connect();
  }
});

// ---- links and filters

document.addEventListener('click', (event) => {
  const clear = event.target.closest('[data-clear]');
  if (clear) {
    go(withParameters(filterChanges(clear.form, true)));
    return;
  }
  const link = event.target.closest('a[href]');
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
    return;
  }
  const url = new URL(link.href);
  if (link.dataset.csv !== undefined) {
    event.preventDefault();
    saveCsv(url.pathname + url.search, link.dataset.csv).catch((e) => {
      const text = `The file could not be had: ${name(e.message)}`;
      announcer.textContent = text;
      link.parentElement?.append(h('span', { class: 'bad' }, text));
    });
  } else if (url.origin === location.origin && !url.pathname.startsWith('/api/') && link.getAttribute('href') !== '#main' && !link.download) {
    event.preventDefault();
    go(url.pathname + url.search);
  }
});

document.addEventListener('submit', (event) => {
  event.preventDefault();
  if (event.target.dataset.filters !== undefined) {
    go(withParameters(filterChanges(event.target, false)));
  }
});

addEventListener('popstate', () => show(false));

// ---- the token

onUnauthorized((message) => {
  document.getElementById('token-text').textContent = hasToken()
    ? `The token was not accepted. ${name(message)}`
    : 'This server answers those who have its token. It is kept in this tab until it is closed.';
  if (!tokenDialog.open) {
    tokenDialog.showModal();
  }
});

tokenDialog.querySelector('form').addEventListener('submit', (event) => {
  const field = event.target.elements.token;
  setToken(field.value.trim());
  field.value = '';
  tokenDialog.close();
  show(true);
});
tokenDialog.querySelector('button[value=cancel]').addEventListener('click', () => tokenDialog.close());

// ---- colours

const themeButton = document.getElementById('theme');
const systemDark = matchMedia('(prefers-color-scheme: dark)');

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined ? systemDark.matches : chosen === 'dark';
}

function nameTheme() {
  themeButton.textContent = isDark() ? 'Light colours' : 'Dark colours';
}

themeButton.addEventListener('click', () => {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('tracefleet.theme', theme);
  } catch {
    // Storage is forbidden: it holds until the page is left.
  }
  nameTheme();
});
systemDark.addEventListener('change', nameTheme);
nameTheme();

show(false);
