package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.Nearest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What guards the stores, and what gets past it. */
@Command(
    name = "doctor",
    description = {
      "Shows what is sealed, what can be read around the guard, and the GRANTs that reading needs.",
      "With each way around the guard, the REVOKE that closes it.",
      "Exit code 1 when a protection is broken. Changes nothing."
    })
final class DoctorCommand extends DatabaseCommand {
  @Option(names = "--role", paramLabel = "NAME", description = "Look at this role only.")
  private @Nullable String role;

  DoctorCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    try (Session session = open(Access.OPERATE)) {
      requireKnown(session, role);
      List<Map<String, @Nullable Object>> findings =
          session.list(
              "SELECT store, area, severity, finding, remedy FROM audit.doctor(?::text)",
              DoctorCommand::finding,
              role);
      document.put("findings", findings);
      boolean broken = false;
      for (Map<String, @Nullable Object> finding : findings) {
        boolean problem = "problem".equals(finding.get("severity"));
        broken |= problem;
        String line = line(finding);
        out().println(line);
        if (problem && isQuiet()) {
          surroundings.out().println(line);
        }
      }
      return broken ? ExitCode.NOT_CERTIFIED : ExitCode.OK;
    }
  }

  private static void requireKnown(Session session, @Nullable String role) throws SQLException {
    if (role == null) {
      return;
    }
    List<String> roles =
        session.list("SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1));
    if (!roles.contains(role)) {
      String hint = Nearest.to(role, roles).map(near -> " (did you mean " + near + "?)").orElse("");
      throw new Failure(
          ExitCode.USAGE, "--role is '" + role + "'; there is no such role on this server" + hint);
    }
  }

  private static Map<String, @Nullable Object> finding(ResultSet row) throws SQLException {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    for (String field : List.of("store", "area", "severity", "finding", "remedy")) {
      json.put(field, row.getString(field));
    }
    return json;
  }

  private static String line(Map<String, @Nullable Object> finding) {
    return String.format(
        Locale.ROOT,
        "%-8s %-9s %s%s%s",
        finding.get("severity"),
        finding.get("area"),
        Optional.ofNullable(finding.get("store")).map(store -> store + ": ").orElse(""),
        finding.get("finding"),
        Optional.ofNullable(finding.get("remedy")).map(remedy -> "  →  " + remedy).orElse(""));
  }
}
