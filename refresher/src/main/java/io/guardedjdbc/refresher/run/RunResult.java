package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.gate.GateResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param certificates those given; empty unless certified
 * @param closed entrypoints that this run closed to readers
 * @param standing what readers see now, one sentence
 * @param failure why it ended without a verdict; empty when the gates gave one
 */
public record RunResult(
    RunHeader header,
    Outcome outcome,
    List<StepResult> steps,
    List<GateResult> gates,
    List<Published> certificates,
    List<String> closed,
    String standing,
    Duration took,
    Optional<Failure> failure) {
  /** The words of {@code audit.run.outcome}. */
  public enum Outcome {
    /** All gates passed, the certificate is published. */
    CERTIFIED("certified"),
    /** A gate failed. */
    FAILED("failed"),
    /** It could not be done. */
    ERROR("error"),
    /** It was asked to stop. */
    INTERRUPTED("interrupted");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    /** As written into the history. */
    public String word() {
      return word;
    }
  }

  /** Copies the lists. */
  public RunResult {
    steps = List.copyOf(steps);
    gates = List.copyOf(gates);
    certificates = List.copyOf(certificates);
    closed = List.copyOf(closed);
  }

  /** What the process should end with. */
  public ExitCode exitCode() {
    if (failure.isPresent()) {
      return failure.get().exitCode();
    }
    return outcome == Outcome.CERTIFIED && closed.isEmpty() ? ExitCode.OK : ExitCode.NOT_CERTIFIED;
  }

  /** All findings, in the order of the gates. */
  public List<Finding> findings() {
    return gates.stream().flatMap(gate -> gate.findings().stream()).toList();
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", header.store());
    json.put("entrypoint", header.entrypoint());
    json.put("run_id", header.runId());
    json.put("mode", header.mode());
    json.put("outcome", outcome.word());
    json.put("exit_code", exitCode().code());
    json.put("duration_ms", took.toMillis());
    json.put("certificates", certificates.stream().map(Published::json).toList());
    json.put("closed", closed);
    json.put("standing", standing);
    json.put("steps", steps.stream().map(StepResult::json).toList());
    json.put("gates", gates.stream().map(GateResult::json).toList());
    json.put("error", failure.map(Failure::lines).orElse(null));
    return json;
  }
}
