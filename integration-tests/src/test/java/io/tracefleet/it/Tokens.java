// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.it;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;

/** Signs JSON web tokens as an identity provider would, and publishes its key. */
final class Tokens {
  static final String AUDIENCE = "tracefleet";

  private final KeyPair keys;

  Tokens() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    keys = generator.generateKeyPair();
  }

  /** The key set by which a broker checks tokens. */
  String jwks() {
    RSAPublicKey key = (RSAPublicKey) keys.getPublic();
    return """
        {"keys":[{"kty":"RSA","kid":"1","use":"sig","alg":"RS256","n":"%s","e":"%s"}]}"""
        .formatted(unsigned(key.getModulus()), unsigned(key.getPublicExponent()));
  }

  /** A token that is good for an hour. */
  String token(String subject) throws GeneralSecurityException {
    long now = System.currentTimeMillis() / 1000;
    String signed =
        base64("{\"alg\":\"RS256\",\"kid\":\"1\",\"typ\":\"JWT\"}")
            + "."
            + base64(
                "{\"sub\":\"%s\",\"aud\":\"%s\",\"iss\":\"test\",\"iat\":%d,\"exp\":%d}"
                    .formatted(subject, AUDIENCE, now - 10, now + 3600));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(keys.getPrivate());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String unsigned(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int skip = bytes[0] == 0 ? 1 : 0;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Arrays.copyOfRange(bytes, skip, bytes.length));
  }
}
