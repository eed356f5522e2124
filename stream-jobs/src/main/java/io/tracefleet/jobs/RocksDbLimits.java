// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/**
 * Keeps a task's RocksDB small: some 16 MiB instead of 100 MiB and more. Rows that are used lie in
 * the heap already, so what RocksDB reads is needed once. Made by Kafka Streams, by its class name.
 */
public final class RocksDbLimits implements RocksDBConfigSetter {
  private static final long BLOCK_CACHE_BYTES = 4L << 20;
  private static final long WRITE_BUFFER_BYTES = 4L << 20;
  private static final int WRITE_BUFFERS = 3;

  private LRUCache cache;

  @Override
  public void setConfig(String store, Options options, Map<String, Object> config) {
    cache = new LRUCache(BLOCK_CACHE_BYTES);
    BlockBasedTableConfig tables = (BlockBasedTableConfig) options.tableFormatConfig();
    tables.setBlockCache(cache);
    tables.setCacheIndexAndFilterBlocks(true);
    options.setTableFormatConfig(tables);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(WRITE_BUFFERS);
    options.setCompressionType(CompressionType.LZ4_COMPRESSION);
  }

  @Override
  public void close(String store, Options options) {
    cache.close();
  }
}
