// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.store;

import io.tracefleet.archive.store.ArchiveException.Kind;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a user gives as archive: a directory, or {@code s3://BUCKET/PREFIX}.
 *
 * @param directory of a local archive, else null
 * @param bucket of one in S3, else null
 * @param prefix of its keys, empty or ending with a slash
 * @param endpoint URL of an S3-compatible service; null: AWS
 */
public record StoreLocation(Path directory, String bucket, String prefix, String endpoint) {
  private static final Pattern S3 = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,62})(?:/(.*))?");
  private static final long CACHE_BYTES = 4L << 30;

  /**
   * @param text a directory or s3://BUCKET/PREFIX
   * @param endpoint URL of an S3-compatible service, or null
   */
  public static StoreLocation parse(String text, String endpoint) throws ArchiveException {
    if (text.startsWith("s3:")) {
      Matcher matcher = S3.matcher(text);
      if (!matcher.matches()) {
        throw new ArchiveException(
            Kind.USAGE, "Archive \"" + text + "\" is not s3://BUCKET/PREFIX: correct it.");
      }
      checkEndpoint(endpoint);
      String prefix = matcher.group(2) == null ? "" : matcher.group(2).replaceAll("/+$", "");
      return new StoreLocation(
          null, matcher.group(1), prefix.isEmpty() ? "" : prefix + "/", endpoint);
    }
    if (endpoint != null) {
      throw new ArchiveException(
          Kind.USAGE, "--endpoint is for s3://BUCKET/PREFIX, not for " + text + ": leave it out.");
    }
    try {
      return new StoreLocation(Path.of(text), null, null, null);
    } catch (InvalidPathException e) {
      throw new ArchiveException(
          Kind.USAGE, "Archive \"" + text + "\" is no directory: " + e.getReason() + ".", e);
    }
  }

  private static void checkEndpoint(String endpoint) throws ArchiveException {
    try {
      if (endpoint == null || URI.create(endpoint).getHost() != null) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new ArchiveException(
        Kind.USAGE, "Endpoint \"" + endpoint + "\" is not one: give http://HOST:PORT.");
  }

  /** Opens it to write; it need not be there. */
  public ArchiveStore openToWrite() throws ArchiveException {
    return directory == null ? new S3Store(this, cache()) : new LocalStore(directory, true);
  }

  /** Opens it to read. */
  public ArchiveStore openToRead() throws ArchiveException {
    return directory == null ? new S3Store(this, cache()) : new LocalStore(directory, false);
  }

  /** Under {@code $XDG_CACHE_HOME} or {@code ~/.cache}, one for each place. */
  private S3Cache cache() {
    String home = System.getenv("XDG_CACHE_HOME");
    Path caches =
        home == null || home.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(home);
    byte[] place = (this + " " + endpoint).getBytes(StandardCharsets.UTF_8);
    return new S3Cache(
        caches.resolve("tracefleet").resolve("archive-" + UUID.nameUUIDFromBytes(place)),
        CACHE_BYTES);
  }

  @Override
  public String toString() {
    return directory == null ? "s3://" + bucket + "/" + prefix : directory.toString();
  }
}
