// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.answers;

import static io.tracefleet.jobs.answers.Answered.hex;
import static io.tracefleet.jobs.answers.Answered.row;

import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.Instruction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What a block is, as named values. */
final class CodeJson {
  /** Names of the values, in order. */
  static final List<String> COLUMNS =
      List.of(
          "symbol",
          "function",
          "functionOffset",
          "file",
          "line",
          "image",
          "imageOffset",
          "buildId",
          "code");

  private CodeJson() {}

  /**
   * @param detail null if it is not known
   */
  static Map<String, Object> of(BlockDetail detail) {
    return row(
        "symbol",
        detail == null ? null : detail.getSymbol(),
        "function",
        detail == null ? null : detail.getFunction(),
        "functionOffset",
        detail == null ? null : offset(detail.getFunctionOffset()),
        "file",
        detail == null ? null : detail.getSourceFile(),
        "line",
        detail == null ? null : detail.getSourceLine(),
        "image",
        detail == null ? null : detail.getImage(),
        "imageOffset",
        detail == null ? null : offset(detail.getImageOffset()),
        "buildId",
        detail == null ? null : detail.getBuildId(),
        "code",
        detail == null ? null : code(detail));
  }

  private static String offset(Long bytes) {
    return bytes == null ? null : hex(bytes.longValue());
  }

  private static List<Map<String, Object>> code(BlockDetail detail) {
    List<Map<String, Object>> code = new ArrayList<>(detail.getInstructions().size());
    long vaddr = detail.getVaddr();
    for (Instruction instruction : detail.getInstructions()) {
      ByteBuffer buffer = instruction.getCode().duplicate();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      code.add(
          row(
              "vaddr", hex(vaddr),
              "bytes", HexFormat.of().formatHex(bytes),
              "text", instruction.getDisassembly()));
      vaddr += bytes.length;
    }
    return code;
  }
}
