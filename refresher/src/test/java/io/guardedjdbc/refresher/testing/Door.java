package io.guardedjdbc.refresher.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Another way to a server, over loopback, that sees every piece of bytes and may change it. */
public final class Door implements Closeable {
  /** Decides about a piece, read as ISO 8859-1: what goes on; empty shuts both ends. */
  @FunctionalInterface
  public interface Keeper {
    /** Called from several threads. */
    Optional<String> pass(String piece, boolean fromClient);
  }

  private final ExecutorService pumps = Executors.newCachedThreadPool();
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final String url;
  private final int port;
  private final Keeper keeper;

  /** In front of the server of a URL. */
  public Door(String url, Keeper keeper) throws IOException {
    this.url = url;
    this.port = URI.create(url.substring("jdbc:".length())).getPort();
    this.keeper = keeper;
    pumps.execute(this::listen);
  }

  /** The same URL, through this door. */
  public String url() {
    return url.replaceFirst(":\\d+/", ":" + listener.getLocalPort() + "/");
  }

  @Override
  public void close() throws IOException {
    listener.close();
    pumps.shutdownNow();
  }

  private void listen() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        pumps.execute(() -> pump(client, server, true));
        pumps.execute(() -> pump(server, client, false));
      }
    } catch (IOException e) {
      // closed: the test is over
    }
  }

  private void pump(Socket from, Socket to, boolean fromClient) {
    byte[] buffer = new byte[65_536];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        Optional<String> piece =
            keeper.pass(new String(buffer, 0, n, StandardCharsets.ISO_8859_1), fromClient);
        if (piece.isEmpty()) {
          return;
        }
        out.write(piece.get().getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      }
    } catch (IOException e) {
      // the other half has closed it
    }
  }
}
