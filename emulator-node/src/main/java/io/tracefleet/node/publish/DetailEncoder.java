// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.publish;

import io.tracefleet.codec.DetailReader;
import io.tracefleet.codec.TraceFormatException;
import io.tracefleet.node.symbols.Code;
import io.tracefleet.node.symbols.Place;
import io.tracefleet.node.symbols.Symbolizer;
import io.tracefleet.schemas.BlockDetail;
import io.tracefleet.schemas.BlockKey;
import io.tracefleet.schemas.Instruction;
import io.tracefleet.schemas.serde.SerdeFactory;
import io.tracefleet.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;

/** Turns batches of block details into records that say what the code is called. For one thread. */
final class DetailEncoder implements AutoCloseable {
  /** Blocks whose names may become known: a kernel's, until it is known where it moved itself. */
  private static final int WAITING_MOST = 4096;

  private record Block(BlockDetail value, Code code, boolean systemEmulation) {}

  private final Symbolizer symbols;
  private final Serializer<BlockKey> keys;
  private final Serializer<BlockDetail> values;
  private final DetailReader details = new DetailReader();
  private final List<Block> waiting = new ArrayList<>();

  DetailEncoder(SerdeFactory serdes, Symbolizer symbols) {
    this.symbols = symbols;
    keys = serdes.keySerializer(BlockKey.class);
    values = serdes.valueSerializer(BlockDetail.class);
  }

  /**
   * One record for each block, and again one for those before that are only now known.
   *
   * @param payload of codec 3
   */
  List<ProducerRecord<byte[], byte[]>> encode(RunSource source, String runId, byte[] payload)
      throws TraceFormatException {
    List<Block> blocks = read(source, runId, payload);
    symbols.learn(source.info().systemEmulation(), blocks.stream().map(Block::code).toList());
    List<Block> known = new ArrayList<>();
    waiting.removeIf(block -> !isUndecided(block) && known.add(block));
    known.addAll(blocks);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(known.size());
    for (Block block : known) {
      describe(block);
      BlockDetail value = block.value();
      BlockKey key = new BlockKey(value.getRunId(), value.getVaddr(), value.getCodeHash());
      records.add(
          new ProducerRecord<>(
              Topics.BLOCKS,
              keys.serialize(Topics.BLOCKS, key),
              values.serialize(Topics.BLOCKS, value)));
      if (isUndecided(block) && waiting.size() < WAITING_MOST) {
        waiting.add(block);
      }
    }
    return records;
  }

  private boolean isUndecided(Block block) {
    return symbols.isUndecided(block.systemEmulation(), block.code());
  }

  private List<Block> read(RunSource source, String runId, byte[] payload)
      throws TraceFormatException {
    List<Block> blocks = new ArrayList<>();
    details.wrap(payload, 0, payload.length);
    while (details.next()) {
      List<Instruction> instructions = new ArrayList<>(details.instructions());
      ByteArrayOutputStream code = new ByteArrayOutputStream(details.bytes());
      BlockDetail.Builder value =
          BlockDetail.newBuilder()
              .setRunId(runId)
              .setVaddr(details.vaddr())
              .setCodeHash(details.codeHash())
              .setSymbol(details.symbol())
              .setPage(details.page());
      String image = details.image();
      long imageOffset = details.imageOffset();
      long vaddr = details.vaddr();
      while (details.nextInstruction()) {
        byte[] bytes = details.code();
        code.writeBytes(bytes);
        instructions.add(new Instruction(ByteBuffer.wrap(bytes), details.disassembly()));
      }
      if (image == null && source.textOffset().isPresent() && source.isInImage(vaddr)) {
        // QEMU copies a program into memory where it cannot map it.
        image = source.info().image().orElseThrow();
        imageOffset =
            vaddr - source.info().startCode().getAsLong() + source.textOffset().getAsLong();
      }
      blocks.add(
          new Block(
              value.setInstructions(instructions).build(),
              new Code(vaddr, code.toByteArray(), image, imageOffset),
              source.info().systemEmulation()));
    }
    return blocks;
  }

  private void describe(Block block) {
    Place place = symbols.place(block.systemEmulation(), block.code());
    BlockDetail value = block.value();
    value.setImage(place.image());
    value.setImageOffset(place.imageOffset());
    value.setBuildId(place.buildId());
    value.setFunction(place.function());
    value.setFunctionOffset(place.functionOffset());
    value.setSourceFile(place.sourceFile());
    value.setSourceLine(place.sourceLine());
  }

  @Override
  public void close() {
    symbols.close();
  }
}
