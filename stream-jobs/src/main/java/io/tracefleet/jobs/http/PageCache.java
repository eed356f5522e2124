// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import io.tracefleet.jobs.answers.Recent;
import java.util.Map;
import java.util.Optional;

/** Rendered answers of the last requests, each valid as long as what it was made from. */
final class PageCache {
  private static final int PAGES = 64;
  private static final int LARGEST_BYTES = 512 << 10;

  private final Map<String, Page> pages = new Recent<>(PAGES);

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Page(Object madeFrom, long version, byte[] bytes) {}

  /**
   * @param madeFrom the very object
   */
  synchronized Optional<byte[]> find(String request, Object madeFrom, long version) {
    Page page = pages.get(request);
    return page != null && page.madeFrom == madeFrom && page.version == version
        ? Optional.of(page.bytes)
        : Optional.empty();
  }

  synchronized void keep(String request, Object madeFrom, long version, byte[] bytes) {
    if (bytes.length <= LARGEST_BYTES) {
      pages.put(request, new Page(madeFrom, version, bytes));
    }
  }
}
