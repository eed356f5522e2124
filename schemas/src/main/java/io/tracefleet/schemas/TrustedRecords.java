// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas;

import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro that the records of this package may be made from a schema's name.
 *
 * <p>Avro asks before it loads a class that a schema names, and its own answer is no, unless every
 * JVM is started with a system property. The build makes each generated record take its model from
 * here, so that the answer is there before the first record is.
 */
final class TrustedRecords {
  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), TrustedRecords::isOurs));
  }

  private TrustedRecords() {}

  /** A new model, for one class of records. */
  static SpecificData model() {
    return new SpecificData();
  }

  private static boolean isOurs(Class<?> type) {
    return type.getPackageName().equals(TrustedRecords.class.getPackageName())
        && SpecificRecord.class.isAssignableFrom(type);
  }
}
