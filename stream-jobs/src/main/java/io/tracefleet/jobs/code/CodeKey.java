// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.code;

/**
 * Which blocks are the same code: those at one place of one image, or, where that is not known, at
 * one address; with the same bytes.
 */
record CodeKey(CodeOrigin origin, long at, int codeHash, int instructions) {
  static CodeKey of(String target, long vaddr, int codeHash, int instructions, CodePlace place) {
    return place.isInImage()
        ? new CodeKey(CodeOrigin.of(target, place), place.imageOffset(), codeHash, instructions)
        : new CodeKey(CodeOrigin.ofNoImage(target), vaddr, codeHash, instructions);
  }
}
