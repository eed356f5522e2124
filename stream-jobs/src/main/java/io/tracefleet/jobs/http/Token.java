// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.jobs.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** What users and other instances must give. */
final class Token {
  private static final int LEAST = 16;
  private static final String SCHEME = "Bearer ";

  private final String secret;

  private Token(String secret) {
    this.secret = secret;
  }

  /**
   * @throws HttpException if the file cannot be read or what is in it is no token
   */
  static Token read(Path file) throws HttpException {
    String secret;
    try {
      secret = Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new HttpException(
          "Token file " + file + " cannot be read: " + e.getClass().getSimpleName() + ".", e);
    }
    if (!secret.matches("[\\x21-\\x7e]{" + LEAST + ",}")) {
      throw new HttpException(
          "Token file "
              + file
              + " must hold one line of at least "
              + LEAST
              + " printable characters without blanks.",
          null);
    }
    return new Token(secret);
  }

  String secret() {
    return secret;
  }

  /** True if the header is this token, in a time that does not tell how much of it is. */
  boolean matches(String header) {
    return header != null
        && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(
            header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8),
            secret.getBytes(StandardCharsets.UTF_8));
  }
}
