package io.guardedjdbc.refresher.page;

import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.gate.Gate;
import io.guardedjdbc.refresher.gate.Gates;
import java.util.List;

/** The findings of a run as a list: what, where, what to do. */
public final class FindingList {
  private static final int MOST = 20;

  private FindingList() {}

  /** Writes them, gate by gate in the order in which gates run; nothing for none. */
  public static void write(Markup out, List<Finding> findings) {
    for (Gate gate : Gates.all()) {
      List<Finding> own = findings.stream().filter(f -> f.gate().equals(gate.id())).toList();
      if (!own.isEmpty()) {
        boolean blocks = own.stream().anyMatch(Finding::blocks);
        out.open("section", "class", "finding " + (blocks ? "bad" : "warn"));
        out.open("h4").text((blocks ? "✗ " : "! ") + gate.id());
        out.element("small", gate.explanation().failureClass()).close();
        out.open("ul");
        own.stream().limit(MOST).forEach(finding -> one(out, finding));
        if (own.size() > MOST) {
          out.element("li", "and " + (own.size() - MOST) + " more: refresher explain shows all");
        }
        out.close();
        out.element("p", "What to do: " + gate.explanation().action());
        own.stream()
            .flatMap(finding -> finding.nextCommand().stream())
            .distinct()
            .limit(3)
            .forEach(command -> out.open("p").element("code", command).close());
        out.closeLine();
      }
    }
  }

  private static void one(Markup out, Finding finding) {
    out.open("li").text(finding.message().strip());
    String path = String.join(" → ", finding.path());
    if (finding.path().size() > 1 && !finding.message().contains(path)) {
      out.element("div", path, "class", "path");
    }
    out.close();
  }
}
