// SPDX-License-Identifier: Apache-2.0
/**
 * Decoded events as rows: from batches, through the codec's event decoder, to a file.
 *
 * <p>Nothing here holds more than one batch and a bounded number of rows. Used by one thread.
 */
package io.tracefleet.archive.export;
