// SPDX-License-Identifier: Apache-2.0
/**
 * The topics: their names, settings and subjects, and how they are created at start.
 *
 * <p>All classes are immutable, except that {@link io.tracefleet.schemas.topics.TopicCreator} uses
 * the admin client that it was given; that client is safe for use by several threads, so the
 * creator is, too.
 */
package io.tracefleet.schemas.topics;
