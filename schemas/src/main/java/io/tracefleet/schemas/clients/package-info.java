// SPDX-License-Identifier: Apache-2.0
/**
 * How every part of Tracefleet reaches Kafka and the schema registry: the client settings with
 * their secrets, what a refusal means, and what each part must be allowed.
 *
 * <p>All classes are immutable or stateless and safe for use by several threads.
 */
package io.tracefleet.schemas.clients;
