// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.archive.store;

import io.tracefleet.archive.store.ArchiveException.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * An archive in a bucket. Each file is put by one request, so it is there whole or not at all.
 * Files that are read are kept in a cache directory with the same names.
 */
final class S3Store implements ArchiveStore {
  private static final int PRECONDITION_FAILED = 412;
  private static final int CONFLICT = 409;

  private final String location;
  private final String bucket;
  private final String prefix;
  private final S3Client client;
  private final S3Cache cache;
  private final Map<String, String> etags = new HashMap<>();
  private Path work;

  S3Store(StoreLocation place, S3Cache cache) throws ArchiveException {
    this.location = place.toString();
    this.bucket = place.bucket();
    this.prefix = place.prefix();
    this.cache = cache;
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            // Not every compatible service knows the newer checksums.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(
                S3Configuration.builder()
                    .pathStyleAccessEnabled(place.endpoint() != null)
                    .chunkedEncodingEnabled(false)
                    .build());
    if (place.endpoint() != null) {
      builder.endpointOverride(URI.create(place.endpoint())).region(region());
    }
    try {
      this.client = builder.build();
    } catch (SdkException e) {
      throw new ArchiveException(
          Kind.USAGE,
          "Archive %s: %s Set AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile."
              .formatted(location, e.getMessage()),
          e);
    }
  }

  /** A service of one's own has a region only by name. */
  private static Region region() {
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion();
    } catch (SdkException e) {
      return Region.US_EAST_1;
    }
  }

  @Override
  public String location() {
    return location;
  }

  private String key(String name) {
    return prefix + name;
  }

  @Override
  public List<String> list(String below) throws ArchiveException {
    try {
      TreeSet<String> names = new TreeSet<>();
      for (S3Object object :
          client
              .listObjectsV2Paginator(request -> request.bucket(bucket).prefix(key(below)))
              .contents()) {
        String name = object.key().substring(prefix.length());
        names.add(name);
        etags.put(name, object.eTag());
      }
      return new ArrayList<>(names);
    } catch (SdkException e) {
      throw failed("cannot be listed", e);
    }
  }

  @Override
  public Path local(String name) throws ArchiveException {
    Path cached = cache.path(name);
    try {
      String etag = etags.get(name);
      if (etag != null && cache.has(name, etag)) {
        return cached;
      }
      Path file = cache.temporary();
      try (var stream = client.getObject(request -> request.bucket(bucket).key(key(name)))) {
        Files.copy(stream, file, StandardCopyOption.REPLACE_EXISTING);
        cache.add(name, stream.response().eTag(), file);
      }
      return cached;
    } catch (SdkException | IOException e) {
      throw failed("file " + name + " cannot be fetched", e);
    }
  }

  @Override
  public Optional<byte[]> read(String name) throws ArchiveException {
    try (var stream = client.getObject(request -> request.bucket(bucket).key(key(name)))) {
      return Optional.of(stream.readAllBytes());
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    } catch (SdkException | IOException e) {
      throw failed("file " + name + " cannot be read", e);
    }
  }

  @Override
  public void put(String name, Path file) throws ArchiveException {
    put(name, file, PutObjectRequest.builder());
  }

  @Override
  public boolean putNew(String name, Path file) throws ArchiveException {
    try {
      put(name, file, PutObjectRequest.builder().ifNoneMatch("*"));
      return true;
    } catch (ArchiveException e) {
      if (e.getCause() instanceof S3Exception refused
          && (refused.statusCode() == PRECONDITION_FAILED || refused.statusCode() == CONFLICT)) {
        return false;
      }
      throw e;
    }
  }

  private void put(String name, Path file, PutObjectRequest.Builder request)
      throws ArchiveException {
    try {
      String etag =
          client
              .putObject(request.bucket(bucket).key(key(name)).build(), RequestBody.fromFile(file))
              .eTag();
      // It is likely to be read again: chunks are, when their run is complete.
      cache.add(name, etag, file);
    } catch (SdkException | IOException e) {
      throw failed("file " + name + " cannot be written", e);
    }
  }

  @Override
  public void delete(List<String> names) throws ArchiveException {
    try {
      for (String name : names) {
        client.deleteObject(request -> request.bucket(bucket).key(key(name)));
        cache.remove(name);
      }
    } catch (SdkException | IOException e) {
      throw failed("files cannot be deleted", e);
    }
  }

  @Override
  public Path work() throws ArchiveException {
    try {
      if (work == null) {
        work = Files.createTempDirectory("tracefleet-s3-");
      }
      return work;
    } catch (IOException e) {
      throw failed("needs a temporary directory", e);
    }
  }

  /** A bucket has no locks: chunks that exist are refused instead, see {@link #putNew}. */
  @Override
  public void lock(String under) {}

  @Override
  public void close() {
    client.close();
    try {
      if (work != null) {
        LocalStore.deleteTree(work);
      }
      cache.close();
    } catch (IOException e) {
      // Temporary files only.
    }
  }

  private ArchiveException failed(String what, Exception e) {
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    return new ArchiveException(
        Kind.STORE,
        "Archive %s %s: %s; check bucket, endpoint and credentials."
            .formatted(location, what, reason.replaceAll("\\s*\\R\\s*", " ")),
        e);
  }
}
