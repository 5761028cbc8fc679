package io.guardedjdbc.refresher.report;

import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The last line of a terminal, written over every second while something lasts; nothing at all
 * elsewhere. Thread-safe; whoever prints goes through it.
 */
final class LiveLine implements AutoCloseable {
  private static final String ERASE = "\r\u001b[2K";
  private static final int WIDTH = 79;

  private final PrintWriter out;
  private final Paint paint;
  private final ReentrantLock lock = new ReentrantLock();
  private final ScheduledExecutorService ticker;
  private @Nullable Future<?> ticking;
  private Supplier<String> shown = () -> "";
  private boolean visible;

  LiveLine(PrintWriter out, Paint paint) {
    this.out = out;
    this.paint = paint;
    this.ticker =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "progress");
              thread.setDaemon(true);
              return thread;
            });
    if (paint.live()) {
      ticking = ticker.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    }
  }

  /** Shows a line that is asked for again every second. */
  void show(Supplier<String> line) {
    if (!paint.live()) {
      return;
    }
    lock.lock();
    try {
      shown = line;
      visible = true;
      draw();
    } finally {
      lock.unlock();
    }
  }

  /** Takes it away, prints, and leaves the line empty. */
  void print(Runnable printing) {
    lock.lock();
    try {
      erase();
      printing.run();
      out.flush();
    } finally {
      lock.unlock();
    }
  }

  private void tick() {
    lock.lock();
    try {
      if (visible) {
        draw();
      }
    } finally {
      lock.unlock();
    }
  }

  private void draw() {
    String line = shown.get();
    String fits = line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…";
    out.print(ERASE + paint.dim(fits));
    out.flush();
  }

  private void erase() {
    if (visible) {
      visible = false;
      out.print(ERASE);
    }
  }

  @Override
  public void close() {
    if (ticking != null) {
      ticking.cancel(false);
    }
    ticker.shutdown();
    print(() -> {});
  }
}
