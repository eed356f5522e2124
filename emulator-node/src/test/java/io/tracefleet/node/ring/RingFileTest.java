// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tracefleet.node.qemu.ProcessIdentity;
import io.tracefleet.node.ring.RingLayout.Header;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RingFileTest {
  private static final String RUN = "01890a5d-ac96-774b-bcce-b302099a8057";
  private static final String PARENT = "01890a5d-ac96-774b-bcce-b302099a8056";

  @TempDir private Path directory;
  private FakeRing fake;

  @BeforeEach
  void createRing() {
    fake = FakeRing.create(directory, RUN, PARENT, new ProcessIdentity(77, 88), 2);
  }

  @Test
  void theHeaderIsRead() throws Exception {
    fake.putText(Header.IMAGE, "/bin/guest").putLong(Header.START_CODE, 0x400000);

    try (RingReader reader = RingReader.open(fake.path())) {
      RingInfo info = reader.info();

      assertThat(info.runId()).isEqualTo(RUN);
      assertThat(info.parentRunId()).contains(PARENT);
      assertThat(info.process()).isEqualTo(new ProcessIdentity(77, 88));
      assertThat(info.target()).isEqualTo("x86_64");
      assertThat(info.image()).contains("/bin/guest");
      assertThat(info.startCode()).hasValue(0x400000);
      assertThat(info.endCode()).isEmpty();
    }
  }

  /** Ways in which a ring may be broken, and what the message must say. */
  enum Damage {
    NO_MAGIC(ring -> ring.putLong(Header.MAGIC, 0), "not a ring"),
    OTHER_VERSION(ring -> ring.put(Header.VERSION, 1), "layout 1, this node reads 2"),
    HEADER_SIZE(ring -> ring.put(Header.HEADER_SIZE, 64), "header_size is 64"),
    NO_SLOTS(ring -> ring.put(Header.VCPU_SLOTS, 0), "vcpu_slots is 0"),
    NEGATIVE_SLOTS(ring -> ring.put(Header.VCPU_SLOTS, -1), "vcpu_slots is -1"),
    MANY_SLOTS(ring -> ring.put(Header.VCPU_SLOTS, 60_000), "descriptors_offset"),
    DESCRIPTORS_INSIDE_SLOTS(
        ring -> ring.putLong(Header.DESCRIPTORS_OFFSET, 4096), "descriptors_offset is 4096"),
    DESCRIPTORS_FAR_AWAY(
        ring -> ring.putLong(Header.DESCRIPTORS_OFFSET, Long.MAX_VALUE - 3), "descriptors_offset"),
    BUFFERS_INSIDE_DESCRIPTORS(
        ring -> ring.putLong(Header.BUFFERS_OFFSET, 4096), "buffers_offset is 4096"),
    BUFFERS_UNALIGNED(
        ring -> ring.putLong(Header.BUFFERS_OFFSET, 16385), "buffers_offset is 16385"),
    BUFFERS_FAR_AWAY(
        ring -> ring.putLong(Header.BUFFERS_OFFSET, Long.MAX_VALUE & ~4095), "buffers_offset"),
    NO_BUFFERS(ring -> ring.put(Header.BUFFER_COUNT, 0), "buffer_count is 0"),
    MANY_BUFFERS(ring -> ring.put(Header.BUFFER_COUNT, 60_000), "the descriptors end"),
    LARGE_BUFFERS(ring -> ring.put(Header.BUFFER_SIZE, 1 << 30), "its buffers end at"),
    SMALL_BUFFERS(ring -> ring.put(Header.BUFFER_SIZE, 0), "buffer_size is 0"),
    COLUMN_BEFORE_BUFFER(ring -> ring.put(Header.COLUMN_OFFSET, 0), "column 0 is at 0"),
    COLUMN_BEYOND_BUFFER(ring -> ring.put(Header.COLUMN_CAPACITY + 28, 8192), "column 7 is at"),
    NEGATIVE_COLUMN(ring -> ring.put(Header.COLUMN_CAPACITY, -1), "column 0 is at"),
    BUFFER_LIMIT(ring -> ring.put(Header.BUFFER_LIMIT, 3), "buffer_limit is 3 of 2"),
    MODE(ring -> ring.put(Header.MODE, 9), "mode is 9"),
    WHEN_FULL(ring -> ring.put(Header.WHEN_FULL, 0), "when_full is 0");

    final Consumer<FakeRing> damage;
    final String message;

    Damage(Consumer<FakeRing> damage, String message) {
      this.damage = damage;
      this.message = message;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBrokenHeaderIsOneClearError(Damage how) {
    how.damage.accept(fake);

    assertThatThrownBy(
            () -> {
              try (RingReader reader = RingReader.open(fake.path())) {
                reader.info();
                reader.poll(batch -> true);
              }
            })
        .isInstanceOf(RingException.class)
        .hasMessageStartingWith("ring " + fake.path() + ": ")
        .hasMessageContaining(how.message)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void aFileThatIsTooShortIsOneClearError() throws Exception {
    Path file = Files.write(directory.resolve("short.ring"), new byte[100]);

    assertThatThrownBy(() -> RingReader.open(file))
        .isInstanceOf(RingException.class)
        .hasMessageContaining("too short, 100 bytes");
  }

  @Test
  void unusedSlotsAreNotTouched() throws Exception {
    fake.open(2);

    try (RingFile ring = RingFile.open(fake.path())) {
      assertThat(ring.usedSlots()).containsExactly(2);
    }
  }
}
