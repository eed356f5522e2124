// SPDX-License-Identifier: Apache-2.0
/**
 * Checks the manifests: rendered as {@code kubectl} does it, then read strictly by the models of
 * Kubernetes, Strimzi and the Prometheus operator, then compared with the code that they configure.
 */
package io.tracefleet.k8s;
