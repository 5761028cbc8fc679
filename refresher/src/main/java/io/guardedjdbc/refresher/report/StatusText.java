package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.text.DurationText;
import java.io.PrintWriter;
import java.util.List;

/** Prints how stores stand: a line a store, and a line on what is wrong. */
public final class StatusText {
  private final PrintWriter out;
  private final Paint paint;

  /** Prints to this writer. */
  public StatusText(PrintWriter out, Paint paint) {
    this.out = out;
    this.paint = paint;
  }

  /** Prints them. */
  public void print(List<StoreStatus> stores) {
    for (StoreStatus store : stores) {
      String certificate =
          store.certificateId().map(id -> "certificate " + id).orElse("no certificate");
      String ages =
          "age "
              + StoreStatus.readable(store.age())
              + " of "
              + DurationText.readable(store.maxAge())
              + paint.dot()
              + "data "
              + StoreStatus.readable(store.dataAge())
              + store
                  .maxDataAge()
                  .map(limit -> " of " + StoreStatus.readable(store.maxDataAge()))
                  .orElse("");
      out.println(
          word(store.verdict())
              + "  "
              + paint.strong(store.store())
              + "  "
              + store.entrypoint()
              + paint.dot()
              + certificate
              + store.age().map(age -> paint.dot() + ages).orElse("")
              + store.lastRun().map(run -> paint.dot() + "last " + run).orElse(""));
      if (!store.whyNot().isEmpty()) {
        out.println("             " + store.whyNot());
      }
      store.remarks().forEach(remark -> out.println("             " + remark.text()));
    }
    out.flush();
  }

  private String word(StoreStatus.Verdict verdict) {
    return switch (verdict) {
      case CERTIFIED -> paint.good("CERTIFIED  ");
      case AGING -> paint.warn("AGING      ");
      case TOO_OLD -> paint.bad("TOO OLD    ");
      case CLOSED -> paint.bad("CLOSED     ");
      case NO_CERTIFICATE -> paint.bad("NONE       ");
    };
  }
}
