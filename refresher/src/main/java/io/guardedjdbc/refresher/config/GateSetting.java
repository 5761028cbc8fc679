package io.guardedjdbc.refresher.config;

import java.util.Map;

/**
 * One gate of a store.
 *
 * @param gate the gate's id
 * @param severity block or warn
 * @param settings values fit for JSON
 */
public record GateSetting(String gate, String severity, Map<String, Object> settings) {
  /** Copies the settings. */
  public GateSetting {
    settings = Map.copyOf(settings);
  }
}
