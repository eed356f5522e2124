// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.node.qemu;

/**
 * Which plugin API a release of QEMU has, and which version the plugin claims there.
 *
 * @param min oldest that it accepts
 * @param current its own
 * @param claim what the plugin says it is
 */
record PluginApi(int min, int current, int claim) {
  /** Releases that the plugin knows: from this one. */
  static final String OLDEST = "4.2";

  /** Releases that the plugin knows: before this one. */
  static final String END = "12.0";

  /** The API of a release, or null if the plugin does not know that release. */
  static PluginApi of(int major, int minor) {
    int release = major * 100 + minor;
    if (release < 402 || release >= 1200) {
      return null;
    }
    if (release < 600) {
      return new PluginApi(0, 0, 0);
    }
    if (release < 900) {
      return new PluginApi(0, 1, 0);
    }
    if (release < 901) {
      return new PluginApi(2, 2, 2);
    }
    if (release < 902) {
      return new PluginApi(2, 3, 2);
    }
    if (release < 1001) {
      return new PluginApi(2, 4, 2);
    }
    if (release < 1100) {
      return new PluginApi(2, 5, 2);
    }
    if (release < 1101) {
      return new PluginApi(2, 6, 6);
    }
    return new PluginApi(7, 7, 7);
  }
}
