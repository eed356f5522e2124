// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

import io.tracefleet.schemas.BlockDetail;

/**
 * Where a block's code comes from, as far as that is known; what is not known is null.
 *
 * @param image file
 * @param imageOffset in it, bytes, wherever it was loaded
 * @param buildId GNU build-id of the file
 * @param function by the symbols of the file
 * @param symbol what QEMU calls the address
 */
public record CodePlace(
    String image, Long imageOffset, String buildId, String function, String symbol) {
  /** Nothing is known. */
  public static final CodePlace UNKNOWN = new CodePlace(null, null, null, null, null);

  /** What a node said. */
  public static CodePlace of(BlockDetail detail) {
    return detail == null
        ? UNKNOWN
        : new CodePlace(
            detail.getImage(),
            detail.getImageOffset(),
            detail.getBuildId(),
            detail.getFunction(),
            detail.getSymbol());
  }

  /** The function by its image, or else by QEMU; null if neither knows. */
  public String functionName() {
    return function != null ? function : symbol;
  }

  /** True if image and offset say what code it is; else only its address does. */
  public boolean isInImage() {
    return image != null && imageOffset != null;
  }
}
