// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map of so many entries at most: the one that was used longest ago goes. */
public final class Recent<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  public Recent(int most) {
    super(16, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
