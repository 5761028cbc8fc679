package io.guardedjdbc.refresher.page;

import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.gate.Gate;
import io.guardedjdbc.refresher.gate.RecordedFindings;
import io.guardedjdbc.refresher.page.StoreHistory.Change;
import io.guardedjdbc.refresher.page.StoreHistory.PastRun;
import io.guardedjdbc.refresher.report.StoreRemark;
import io.guardedjdbc.refresher.report.StoreStatus;
import io.guardedjdbc.refresher.text.DurationText;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** How stores stand and how they came to that, as a page. */
public final class StatusPage {
  private static final int LAST_CHANGES = 12;

  private StatusPage() {}

  /**
   * The page.
   *
   * @param made one line for the foot
   */
  public static String of(List<StoreHistory> stores, String made) {
    Markup out = new Markup();
    out.open("header").element("h1", "Feature stores");
    if (stores.isEmpty()) {
      out.element("p", "No store yet. Run: refresher init STORE.yaml");
    }
    out.closeLine();
    if (stores.size() > 1) {
      out.open("nav", "aria-label", "Stores").open("ul");
      for (StoreHistory store : stores) {
        out.open("li").element("a", store.status().store(), "href", "#" + id(store));
        Page.verdict(out, store.status());
        out.close();
      }
      out.close().closeLine();
    }
    stores.forEach(store -> store(out, store));
    return Page.of("Feature stores", "", out, made);
  }

  private static String id(StoreHistory store) {
    return "store-" + store.status().store().replaceAll("[^A-Za-z0-9_.-]", "-");
  }

  private static void store(Markup out, StoreHistory store) {
    StoreStatus status = store.status();
    out.open("section", "class", "store", "id", id(store));
    out.open("header").element("h2", status.store());
    Page.verdict(out, status);
    out.element("p", status.entrypoint(), "class", "name");
    if (!status.whyNot().isEmpty()) {
      out.element("p", status.whyNot(), "class", "why");
    }
    out.closeLine();
    facts(out, status);
    ages(out, store);
    runs(out, store);
    gates(out, store);
    changes(out, store);
    out.closeLine();
  }

  private static void facts(Markup out, StoreStatus status) {
    out.open("dl", "class", "facts");
    fact(out, "certificate", status.certificateId().map(String::valueOf).orElse("none"));
    fact(out, "certified at", status.certifiedAt().map(StatusPage::second).orElse("never"));
    fact(out, "its age", against(status.age(), Optional.of(status.maxAge())));
    fact(out, "age of the data", against(status.dataAge(), status.maxDataAge()));
    out.closeLine();
    if (!status.remarks().isEmpty()) {
      out.open("ul", "class", "remarks");
      for (StoreRemark remark : status.remarks()) {
        out.open("li").element("b", remark.kind()).text(" " + remark.text()).close();
      }
      out.closeLine();
    }
  }

  private static void fact(Markup out, String name, String value) {
    out.open("div").element("dt", name).element("dd", value).close();
  }

  private static String against(Optional<Duration> age, Optional<Duration> limit) {
    return age.map(DurationText::readable).orElse("unknown")
        + limit.map(most -> " of " + DurationText.readable(most)).orElse(", no limit");
  }

  /** Without what comes after the second. */
  private static String second(String moment) {
    return moment.replaceFirst("\\.\\d+Z$", "Z");
  }

  private static void ages(Markup out, StoreHistory store) {
    out.open("div", "class", "charts", "id", id(store) + "-ages");
    new AgeChart(
            id(store) + "-certificate-age",
            "Age of the certificate",
            store,
            false,
            Change::certifiedAt,
            Change::maxAge)
        .draw(out);
    new AgeChart(
            id(store) + "-data-age",
            "Age of the data",
            store,
            true,
            Change::refreshedAt,
            Change::maxDataAge)
        .draw(out);
    out.closeLine();
  }

  private static void runs(Markup out, StoreHistory store) {
    out.open("div", "id", id(store) + "-runs").element("h3", "Runs");
    if (store.runs().isEmpty()) {
      out.element("p", "None yet. Run: refresher run " + store.status().store()).closeLine();
      return;
    }
    out.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Runs");
    new RunChart(id(store) + "-durations", store.runs()).draw(out);
    out.closeLine();
    out.open("details").element("summary", "As a table");
    table(out, "Runs as a table", "run", "mode", "outcome", "started", "took", "what it said");
    for (int i = store.runs().size() - 1; i >= 0; i--) {
      PastRun run = store.runs().get(i);
      out.open("tr").element("td", Long.toString(run.id())).element("td", run.mode());
      out.element("td", run.outcome());
      out.element("td", run.started().truncatedTo(ChronoUnit.SECONDS).toString());
      out.element("td", run.took().map(DurationText::readable).orElse(""), "class", "number");
      out.element("td", run.message().orElse("")).closeLine();
    }
    out.close().close().close().close().closeLine();
  }

  private static void table(Markup out, String label, String... heads) {
    out.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", label)
        .open("table")
        .open("thead")
        .open("tr");
    for (String head : heads) {
      out.element("th", head, "scope", "col");
    }
    out.close().close().open("tbody");
  }

  private static void gates(Markup out, StoreHistory store) {
    out.open("div", "id", id(store) + "-gates").element("h3", "Gates in the last run");
    table(out, "Gates", "gate", "checks", "severity", "last outcome");
    for (ConfiguredGate gate : store.gates()) {
      String id = gate.gate().id();
      String outcome = outcome(store, gate.gate()).orElse("not run");
      out.open(
          "tr",
          "class",
          outcome.startsWith("failed") ? "bad" : outcome.startsWith("warned") ? "warn" : "");
      out.element("th", id, "scope", "row", "class", "name").element("td", gate.gate().checks());
      out.element("td", gate.severity()).element("td", outcome).closeLine();
    }
    out.close().close().close();
    store.found().filter(run -> !run.isOwn()).ifPresent(run -> others(out, run));
    store.found().map(RecordedFindings::findings).ifPresent(found -> FindingList.write(out, found));
    out.closeLine();
  }

  private static void others(Markup out, RecordedFindings run) {
    out.element("p", "Run " + run.runId() + " " + run.headline(), "class", "quiet");
    run.aftermath().ifPresent(line -> out.element("p", line));
  }

  /** What was found of this store; a run has a step for each store that it judges. */
  private static Optional<String> outcome(StoreHistory store, Gate gate) {
    Optional<List<Finding>> found =
        store.found().map(run -> RecordedFindings.of(gate, run.findings()));
    if (found.filter(findings -> !findings.isEmpty()).isPresent()) {
      List<Finding> findings = found.get();
      return Optional.of(
          (findings.stream().anyMatch(Finding::blocks) ? "failed, " : "warned, ")
              + findings.size()
              + (findings.size() == 1 ? " finding" : " findings"));
    }
    if (store.found().filter(run -> !run.isOwn()).isPresent()) {
      return Optional.of("nothing found");
    }
    return store.runs().stream()
        .filter(run -> store.found().filter(last -> last.runId() == run.id()).isPresent())
        .flatMap(run -> run.steps().stream())
        .filter(step -> step.kind().equals("gate") && step.object().equals(gate.id()))
        .filter(step -> !List.of("failed", "warned").contains(step.outcome()))
        .map(step -> step.outcome() + step.detail().map(detail -> ", " + detail).orElse(""))
        .findFirst();
  }

  private static void changes(Markup out, StoreHistory store) {
    List<Change> all = store.changes();
    out.open("div", "id", id(store) + "-changes");
    out.element("h3", "Last changes of the certificate");
    table(out, "Changes", "when", "status", "certificate", "gate", "run", "by", "notes");
    for (int i = all.size() - 1; i >= Math.max(0, all.size() - LAST_CHANGES); i--) {
      Change change = all.get(i);
      out.open("tr").element("td", change.at().truncatedTo(ChronoUnit.SECONDS).toString());
      out.element("td", change.status());
      out.element("td", change.certificateId().map(String::valueOf).orElse(""));
      out.element("td", change.failedGate().orElse(""));
      out.element("td", change.runId().map(String::valueOf).orElse(""));
      out.element("td", change.by()).element("td", change.notes().orElse("")).closeLine();
    }
    out.close().close().close().closeLine();
  }
}
