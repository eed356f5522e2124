// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

/**
 * What tells images apart: the build-id, on every node and under every path; without one target and
 * path; the target alone for code of no known image. What does not matter is null.
 */
record CodeOrigin(String buildId, String target, String path) {
  static CodeOrigin of(String target, CodePlace place) {
    if (place.image() == null) {
      return ofNoImage(target);
    }
    return place.buildId() != null
        ? new CodeOrigin(place.buildId(), null, null)
        : new CodeOrigin(null, target, place.image());
  }

  static CodeOrigin ofNoImage(String target) {
    return new CodeOrigin(null, target, null);
  }
}
