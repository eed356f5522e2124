// SPDX-License-Identifier: Apache-2.0
// Not a module: it runs before the first paint, so that the page does not flash in the other colours.
'use strict';
(function () {
  try {
    const kept = localStorage.getItem('tracefleet.theme');
    if (kept === 'light' || kept === 'dark') {
      document.documentElement.dataset.theme = kept;
    }
  } catch {
    // Storage is forbidden: the system's colours it is.
  }
})();
