// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.export;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Events as CSV, addresses as 0x and hexadecimal digits. */
final class CsvSink implements EventSink {
  private static final int BUFFER = 1 << 16;

  private final Writer writer;
  private final StringBuilder line = new StringBuilder();

  CsvSink(Path file) throws IOException {
    writer = new BufferedWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), BUFFER);
    writer.write("vcpu,generation,instruction,kind,vaddr,size,physical,device,number,value\n");
  }

  @Override
  public void event(
      int vcpu,
      int generation,
      long instruction,
      int kind,
      long vaddr,
      long size,
      long physical,
      String device,
      long number,
      long value)
      throws IOException {
    line.setLength(0);
    line.append(vcpu).append(',').append(generation).append(',').append(instruction).append(',');
    line.append(KINDS[kind]);
    address(vaddr);
    number(size);
    address(physical);
    line.append(',');
    if (device != null) {
      quote(device);
    }
    number(number);
    number(value);
    line.append('\n');
    writer.append(line);
  }

  private void number(long value) {
    line.append(',');
    if (value != NONE) {
      line.append(value);
    }
  }

  private void address(long value) {
    line.append(',');
    if (value != NONE) {
      line.append("0x").append(Long.toHexString(value));
    }
  }

  /** A device's name is the guest's to choose: it must stay one field on one line. */
  private void quote(String text) {
    line.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        line.append("\"\"");
      } else {
        line.append(c < ' ' ? '?' : c);
      }
    }
    line.append('"');
  }

  @Override
  public void finish() throws IOException {
    writer.close();
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      // What mattered was written by finish.
    }
  }
}
