// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.schemas.clients;

import java.util.regex.Pattern;

/**
 * What may be shown of a schema registry's URL, or of several with commas between them, each of
 * which may hold a user name and a password. Stateless.
 */
public final class RegistryUrls {
  /** Up to the last @ before a path: whoever did not encode a password is not given away. */
  private static final Pattern CREDENTIALS = Pattern.compile("//[^/]*@");

  private RegistryUrls() {}

  /** For messages and logs: the same without user names and passwords. */
  public static String withoutPassword(String urls) {
    return CREDENTIALS.matcher(urls).replaceAll("//");
  }

  /** Whether there is a user name or a password in it. */
  public static boolean hasPassword(String urls) {
    return CREDENTIALS.matcher(urls).find();
  }
}
