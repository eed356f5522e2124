// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.symbols;

/**
 * Where a block's code is from. Each component is null where it is not known; the names are the
 * guest's, bounded and otherwise as they are.
 *
 * @param image path of the file
 * @param imageOffset where in it, bytes
 * @param buildId the image's GNU build-id, hexadecimal
 * @param function name, demangled where there is a tool for it
 * @param functionOffset bytes from the function's beginning
 * @param sourceFile of the code at the block's address
 * @param sourceLine from 1
 */
public record Place(
    String image,
    Long imageOffset,
    String buildId,
    String function,
    Long functionOffset,
    String sourceFile,
    Integer sourceLine) {

  /** Nothing is known. */
  public static final Place NONE = new Place(null, null, null, null, null, null, null);

  static Place inImage(String image, long offset, String buildId) {
    return new Place(image, offset, buildId, null, null, null, null);
  }

  Place withFunction(String name, long offset) {
    return new Place(image, imageOffset, buildId, name, offset, sourceFile, sourceLine);
  }

  Place withSource(SourceLine line) {
    return line == null
        ? this
        : new Place(
            image, imageOffset, buildId, function, functionOffset, line.file(), line.line());
  }
}
