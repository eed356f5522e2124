// SPDX-License-Identifier: Apache-2.0
package io.tracefleet.cli.see;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/**
 * Asks one thing again and again over one connection, HTTP/1.1. It does as little as it can: the
 * server that is measured shares the machine with it. Used by one thread.
 */
final class LoopbackClient implements AutoCloseable {
  private static final int LIMIT_MILLIS = (int) Duration.ofSeconds(20).toMillis();
  private static final int BUFFER = 64 << 10;
  private static final String LENGTH = "content-length:";
  private static final String CHUNKED = "transfer-encoding: chunked";

  private final Socket socket = new Socket();
  private final byte[] buffer = new byte[BUFFER];
  private final byte[] request;
  private final InputStream in;
  private final OutputStream out;

  LoopbackClient(URI url) throws IOException {
    boolean connected = false;
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(LIMIT_MILLIS);
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), LIMIT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream(), BUFFER);
      out = socket.getOutputStream();
      connected = true;
    } finally {
      if (!connected) {
        socket.close();
      }
    }
    String path = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
    request =
        ("GET " + path + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the answer's length when all of it is here; any status but 200 is an error. */
  int ask() throws IOException {
    out.write(request);
    String status = line();
    if (!status.startsWith("HTTP/1.1 200 ")) {
      throw new IOException("the API answered \"" + status + "\"");
    }
    int length = -1;
    boolean chunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String header = line.toLowerCase(Locale.ROOT);
      chunked |= header.equals(CHUNKED);
      if (header.startsWith(LENGTH)) {
        length = Integer.parseInt(line.substring(LENGTH.length()).strip());
      }
    }
    if (chunked) {
      return chunks();
    }
    if (length < 0) {
      throw new IOException("the API's answer has no length");
    }
    skip(length);
    return length;
  }

  private int chunks() throws IOException {
    int total = 0;
    while (true) {
      int length = Integer.parseInt(line(), 16);
      skip(length);
      line(); // behind each chunk, the last and empty one too
      if (length == 0) {
        return total;
      }
      total += length;
    }
  }

  private void skip(int length) throws IOException {
    for (int left = length; left > 0; ) {
      int read = in.read(buffer, 0, Math.min(left, buffer.length));
      if (read < 0) {
        throw new EOFException("the API ended in the middle of an answer");
      }
      left -= read;
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the API closed the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
