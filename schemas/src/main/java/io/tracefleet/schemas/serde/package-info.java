// SPDX-License-Identifier: Apache-2.0
/**
 * Turns records into bytes and back: Avro in Confluent's wire format, with the schemas in a schema
 * registry.
 *
 * <p>Everything public here is safe for use by several threads. Only {@link
 * io.tracefleet.schemas.serde.SchemaRegistry} holds a resource; the serdes that come from it own
 * nothing, so closing one of them leaves the others at work.
 */
package io.tracefleet.schemas.serde;
