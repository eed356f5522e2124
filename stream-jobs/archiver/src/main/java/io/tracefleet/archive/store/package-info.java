// SPDX-License-Identifier: Apache-2.0
/**
 * Where an archive is kept: a directory, or a bucket of an S3-compatible service.
 *
 * <p>Nothing here knows what the files hold. Stores are used by one thread.
 */
package io.tracefleet.archive.store;
