// SPDX-License-Identifier: Apache-2.0
// What is shown is in the URL: filters, order and page of every table are parameters, so that a link shows the same.

/** The parameters of the URL. */
export function here() {
  return new URLSearchParams(location.search);
}

/** The same place with some parameters changed: null removes, an array repeats. */
export function withParameters(changes) {
  const parameters = here();
  for (const [key, value] of Object.entries(changes)) {
    parameters.delete(key);
    if (Array.isArray(value)) {
      value.forEach((v) => parameters.append(key, v));
    } else if (value !== null && value !== '') {
      parameters.set(key, value);
    }
  }
  const text = parameters.toString();
  return location.pathname + (text === '' ? '' : `?${text}`);
}

/** A path of the API with parameters; null and '' are left out, an array repeats. */
export function apiPath(path, parameters) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') {
        query.append(key, one);
      }
    }
  }
  const text = query.toString();
  return path + (text === '' ? '' : `?${text}`);
}

/** The path of a run's page. */
export function runPath(runId) {
  return `/runs/${encodeURIComponent(runId)}`;
}
