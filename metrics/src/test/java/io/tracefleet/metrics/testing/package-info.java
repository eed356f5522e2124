// SPDX-License-Identifier: Apache-2.0
/** What tests of components need to read what Prometheus would. */
package io.tracefleet.metrics.testing;
