// SPDX-License-Identifier: Apache-2.0
// Requests to the server that this page came from.

const TOKEN = 'tracefleet.token';
const ANSWER_MILLIS = 15000;
const SILENCE_MILLIS = 25000; // the server says something every 10 s
const LONGEST_WAIT_MILLIS = 30000;

let askForToken = () => {};

/** Who is told that a token is missing or wrong: function(text). */
export function onUnauthorized(listener) {
  askForToken = listener;
}

export function setToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** An answer that is no answer: `message` is for people. */
export class ApiError extends Error {
  constructor(status, message, retryMillis) {
    super(message);
    this.status = status;
    this.retryMillis = retryMillis;
  }
}

async function request(path, accept, signal) {
  const headers = { Accept: accept };
  const token = sessionStorage.getItem(TOKEN);
  if (token !== null) {
    headers.Authorization = `Bearer ${token}`;
  }
  let response;
  try {
    response = await fetch(path, { headers, signal, cache: 'no-store' });
  } catch (e) {
    if (signal?.aborted && signal.reason?.name !== 'TimeoutError') {
      throw e;
    }
    throw new ApiError(0, 'The server does not answer. This page tries again.', 2000);
  }
  if (response.ok) {
    return response;
  }
  let message = `The server answered ${response.status}.`;
  try {
    message = (await response.json()).error.message;
  } catch {
    // Something in between answered; the status has to do.
  }
  if (response.status === 401) {
    askForToken(message);
  }
  const retry = Number(response.headers.get('Retry-After'));
  throw new ApiError(response.status, message, response.status === 503 ? Math.max(1, retry) * 1000 : null);
}

/** The JSON at a path; throws ApiError. */
export async function json(path, signal) {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MILLIS)]);
  const response = await request(path, 'application/json', bounded);
  try {
    return await response.json();
  } catch (e) {
    if (signal.aborted) {
      throw e;
    }
    throw new ApiError(0, 'The answer broke off. This page tries again.', 2000);
  }
}

/** Lets the browser save the CSV at a path. It may be long: only silence ends the wait. */
export async function saveCsv(path, fileName) {
  const silent = new AbortController();
  let silence = 0;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => silent.abort(new DOMException('silence', 'TimeoutError')), ANSWER_MILLIS);
  };
  const parts = [];
  heard();
  try {
    const reader = (await request(path, 'text/csv', silent.signal)).body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      heard();
      parts.push(part.value);
    }
  } catch (e) {
    throw e instanceof ApiError && e.status !== 0 ? e : new ApiError(0, 'the server does not answer, or the answer broke off', null);
  } finally {
    clearTimeout(silence);
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type: 'text/csv' }));
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/**
 * Follows an event stream until `signal` is aborted; connects again with growing pauses.
 * `onData(object)` for each event, `onState('live' | 'waiting' | 'refused')`.
 */
export async function follow(path, signal, onData, onState) {
  let wait = 1000;
  while (!signal.aborted) {
    const one = new AbortController();
    const both = AbortSignal.any([signal, one.signal]);
    let silence = setTimeout(() => one.abort(), SILENCE_MILLIS);
    try {
      const response = await request(path, 'text/event-stream', both);
      onState('live');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) {
          break;
        }
        clearTimeout(silence);
        silence = setTimeout(() => one.abort(), SILENCE_MILLIS);
        const events = (rest + value).replaceAll('\r\n', '\n').split('\n\n');
        rest = events.pop();
        for (const event of events) {
          const data = event.split('\n').filter((l) => l.startsWith('data:')).map((l) => l.slice(5)).join('\n');
          if (data !== '') {
            wait = 1000;
            onData(JSON.parse(data));
          }
        }
      }
    } catch (e) {
      if (signal.aborted) {
        return;
      }
      if (e instanceof ApiError && e.status >= 400 && e.status < 500) {
        onState('refused'); // asking again would not help
        return;
      }
      wait = Math.max(wait, e.retryMillis ?? 0);
    } finally {
      clearTimeout(silence);
    }
    onState('waiting');
    await pause(wait * (0.75 + Math.random() / 2), signal);
    wait = Math.min(wait * 2, LONGEST_WAIT_MILLIS);
  }
}

function pause(millis, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
