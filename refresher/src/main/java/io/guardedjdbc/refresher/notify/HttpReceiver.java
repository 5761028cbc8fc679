package io.guardedjdbc.refresher.notify;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * An address on the web: a document is posted to it as JSON, an empty text is a plain GET. The
 * address may hold a secret: messages name its host alone.
 */
public final class HttpReceiver implements Receiver {
  /** How long connecting may take, and then the answer. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final URI address;
  private final Duration patience;

  HttpReceiver(URI address, Duration patience) {
    this.address = address;
    this.patience = patience;
  }

  /**
   * Checks an address before any work is done.
   *
   * @param option what gave it, for the message
   * @throws Failure {@link ExitCode#USAGE} when it is none
   */
  public static HttpReceiver of(String option, String text) {
    try {
      URI uri = new URI(text.strip());
      boolean web =
          "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
      if (web && uri.getHost() != null) {
        return new HttpReceiver(uri, PATIENCE);
      }
    } catch (URISyntaxException e) {
      // told below, without the text: it may hold a secret
    }
    throw new Failure(
        ExitCode.USAGE, option + " is no address of the form http://HOST/… or https://HOST/…");
  }

  @Override
  public void tell(String text) throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address).timeout(patience).header("User-Agent", "guarded-refresher");
    HttpRequest ready =
        text.isEmpty()
            ? request.GET().build()
            : request
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(BodyPublishers.ofString(text))
                .build();
    HttpResponse<Void> answer;
    try {
      answer = client.send(ready, BodyHandlers.discarding());
    } catch (IOException e) {
      throw new IOException(address.getHost() + " could not be reached", e);
    }
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(address.getHost() + " answered " + answer.statusCode());
    }
  }
}
