// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.codec;

/** Where the reading of a column of tokens is. */
enum TokenState {
  /** The next token is to be read. */
  WANTED,
  /** One is read, and its run not used up or its code not carried out. */
  READ,
  /** There is none any more: all is predicted. */
  NO_MORE
}
