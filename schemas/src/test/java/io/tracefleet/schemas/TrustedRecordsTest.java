// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;

final class TrustedRecordsTest {
  @Test
  void aRecordIsFoundByTheNameInItsSchema() {
    assertThat(SpecificData.get().getClass(Hwaddr.getClassSchema())).isEqualTo(Hwaddr.class);
  }

  @Test
  void aRecordWithinARecordIsFound() {
    Schema instructions = BlockDetail.getClassSchema().getField("instructions").schema();

    assertThat(SpecificData.get().getClass(instructions.getElementType()))
        .isEqualTo(Instruction.class);
  }

  @Test
  void otherClassesStayForbidden() {
    assertThat(Hwaddr.getClassSchema()).isNotNull();
    for (String name : new String[] {"java.lang.ProcessBuilder", TrustedRecords.class.getName()}) {
      Schema schema = SchemaBuilder.record(name).fields().endRecord();

      assertThatThrownBy(() -> SpecificData.get().getClass(schema))
          .isInstanceOf(SecurityException.class)
          .hasMessageContaining(name);
    }
  }
}
