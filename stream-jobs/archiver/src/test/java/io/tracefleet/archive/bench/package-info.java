// SPDX-License-Identifier: Apache-2.0
/** Measures archiver and SQL; not a test. */
package io.tracefleet.archive.bench;
