// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

import io.tracefleet.node.ring.RingInfo;
import java.util.OptionalLong;

/**
 * What the records of one run have in common.
 *
 * @param info from the ring's header
 * @param textOffset file offset of the start of the image's text, bytes, where known
 */
public record RunSource(RingInfo info, OptionalLong textOffset) {
  /** Whether {@code vaddr} is in the text of the image. */
  boolean isInImage(long vaddr) {
    return info.image().isPresent()
        && info.startCode().isPresent()
        && info.endCode().isPresent()
        && Long.compareUnsigned(vaddr, info.startCode().getAsLong()) >= 0
        && Long.compareUnsigned(vaddr, info.endCode().getAsLong()) < 0;
  }
}
