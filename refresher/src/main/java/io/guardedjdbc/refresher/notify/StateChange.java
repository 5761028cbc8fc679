package io.guardedjdbc.refresher.notify;

import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.run.RunResult;
import io.guardedjdbc.refresher.text.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A store stands otherwise than before a run: the one asked for, or one that shares its views. What
 * is told names gates, never rows: those stay in the database.
 *
 * @param from empty when the database did not know the store
 */
public record StateChange(
    Optional<StoreState> from, StoreState to, RunResult run, String host, Instant at) {
  /** Whether there is anything to tell. */
  public static boolean happened(Optional<StoreState> from, StoreState to) {
    return from.filter(to::equals).isEmpty();
  }

  /** The document that is sent: stable fields, {@code text} first for chat programs. */
  public String json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("text", text());
    json.put("event", "state_changed");
    json.put("store", to.store());
    json.put("entrypoint", to.entrypoint());
    json.put("good", to.isGood());
    json.put("from", from.map(StoreState::json).orElse(null));
    json.put("to", to.json());
    json.put("run_id", run.header().runId());
    json.put(
        "failed_gates",
        run.gates().stream()
            .filter(gate -> !gate.passed() && (own() || gate.store().equals(to.store())))
            .map(GateResult::gate)
            .map(gate -> gate.gate().id())
            .distinct()
            .toList());
    json.put("standing", run.standing());
    json.put("next_command", to.isGood() ? null : "refresher explain " + to.store());
    json.put("host", host);
    json.put("at", at.toString());
    return Json.compact(json);
  }

  private boolean own() {
    return to.store().equals(run.header().store());
  }

  private String text() {
    return "Store "
        + to.store()
        + ": "
        + from.map(StoreState::phrase).orElse("unknown")
        + " → "
        + to.phrase()
        + "; "
        + (own()
            ? run.standing()
            : "by run " + run.header().runId() + " of store " + run.header().store())
        + (to.isGood() ? "" : ". Run: refresher explain " + to.store());
  }
}
