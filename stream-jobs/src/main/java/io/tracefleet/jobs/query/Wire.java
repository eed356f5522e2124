// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.query;

import io.tracefleet.jobs.flow.SectionId;
import io.tracefleet.jobs.table.Chunk;
import io.tracefleet.jobs.table.ChunkKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Asks and answers between instances, big-endian. An instance of another release that speaks
 * another version is reported as missing. Version 2: chunks of rows say how many columns they have.
 *
 * <pre>
 * asks:    u8 version, i32 asks, each: u8 table, u128 run, i64 from, i64 to, u8 version only
 * answers: u8 version, i32 partitions, each: i32 partition, an answer to each ask:
 *          i64 version, i32 chunks, each: 33 bytes key, i32 length, value
 * </pre>
 */
public final class Wire {
  private static final int VERSION = 2;

  /** Most asks in one request. */
  public static final int MAX_ASKS = 10_000;

  /** Most bytes of a request. */
  public static final int MAX_REQUEST_BYTES = 5 + MAX_ASKS * 34;

  private Wire() {}

  static byte[] encodeAsks(List<Ask> asks) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(5 + asks.size() * 34);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(asks.size());
      for (Ask ask : asks) {
        out.writeByte(ask.table().id());
        out.writeLong(ask.run().getMostSignificantBits());
        out.writeLong(ask.run().getLeastSignificantBits());
        out.writeLong(ask.from());
        out.writeLong(ask.to());
        out.writeBoolean(ask.versionOnly());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IOException if these are not asks
   */
  public static List<Ask> decodeAsks(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    checkVersion(in);
    int count = in.readInt();
    if (count < 0 || count > MAX_ASKS) {
      throw new IOException(count + " asks are too many");
    }
    List<Ask> asks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      byte table = in.readByte();
      asks.add(
          new Ask(
              section(table),
              new UUID(in.readLong(), in.readLong()),
              in.readLong(),
              in.readLong(),
              in.readBoolean()));
    }
    return asks;
  }

  private static SectionId section(byte id) throws IOException {
    for (SectionId section : SectionId.values()) {
      if (section.id() == id && section != SectionId.SEQUENCES) {
        return section;
      }
    }
    throw new IOException("there is no table " + id);
  }

  /** Answers by partition. */
  public static byte[] encodeAnswers(Map<Integer, List<Answer>> answers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(answers.size());
      for (Map.Entry<Integer, List<Answer>> partition : answers.entrySet()) {
        out.writeInt(partition.getKey());
        for (Answer answer : partition.getValue()) {
          out.writeLong(answer.version());
          out.writeInt(answer.chunks().size());
          for (Chunk chunk : answer.chunks()) {
            out.write(chunk.key().encode());
            out.writeInt(chunk.value().length);
            out.write(chunk.value());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  static Map<Integer, List<Answer>> decodeAnswers(byte[] bytes, int asks) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    checkVersion(in);
    int partitions = in.readInt();
    Map<Integer, List<Answer>> answers = new TreeMap<>();
    for (int i = 0; i < partitions; i++) {
      int partition = in.readInt();
      List<Answer> ofPartition = new ArrayList<>(asks);
      for (int ask = 0; ask < asks; ask++) {
        long version = in.readLong();
        int count = in.readInt();
        List<Chunk> chunks = new ArrayList<>();
        for (int c = 0; c < count; c++) {
          ChunkKey key = ChunkKey.decode(exactly(in, ChunkKey.BYTES));
          chunks.add(new Chunk(key, exactly(in, in.readInt())));
        }
        ofPartition.add(new Answer(version, chunks));
      }
      answers.put(partition, ofPartition);
    }
    return answers;
  }

  private static byte[] exactly(DataInputStream in, int length) throws IOException {
    if (length < 0) {
      throw new IOException("a length is below zero");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length != length) {
      throw new IOException("the answer is cut off");
    }
    return bytes;
  }

  private static void checkVersion(DataInputStream in) throws IOException {
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("it speaks version " + version + ", this instance " + VERSION);
    }
  }
}
