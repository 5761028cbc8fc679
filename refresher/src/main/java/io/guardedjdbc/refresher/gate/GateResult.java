package io.guardedjdbc.refresher.gate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one gate said about one store.
 *
 * @param checked how much it looked at ("32 definitions"), empty when it does not count
 */
public record GateResult(
    String store,
    ConfiguredGate gate,
    Duration took,
    Optional<String> checked,
    List<Finding> findings) {
  /** Copies the findings. */
  public GateResult {
    findings = List.copyOf(findings);
  }

  /** Whether nothing blocks. */
  public boolean passed() {
    return findings.stream().noneMatch(Finding::blocks);
  }

  /** Passed, passed with warnings, or failed. */
  public String outcome() {
    if (!passed()) {
      return "failed";
    }
    return findings.isEmpty() ? "passed" : "warned";
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", store);
    json.put("gate", gate.gate().id());
    json.put("kind", gate.gate().kind().name().toLowerCase(Locale.ROOT));
    json.put("outcome", outcome());
    json.put("checked", checked.orElse(null));
    json.put("duration_ms", took.toMillis());
    json.put("findings", findings.stream().map(Finding::json).toList());
    return json;
  }
}
