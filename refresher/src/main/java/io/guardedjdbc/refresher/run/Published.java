package io.guardedjdbc.refresher.run;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A certificate that a run gave.
 *
 * @param certifiedAt server time before the first input was read
 */
public record Published(String store, String entrypoint, long certificateId, Instant certifiedAt) {
  /** The stable fields, in order. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("store", store);
    json.put("entrypoint", entrypoint);
    json.put("certificate_id", certificateId);
    json.put("certified_at", certifiedAt.toString());
    return json;
  }
}
