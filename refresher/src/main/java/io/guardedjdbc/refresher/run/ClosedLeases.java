package io.guardedjdbc.refresher.run;

import io.guardedjdbc.registry.Stamp;
import java.time.Duration;

/**
 * Leases that nobody can take any more, and that readers may still be on.
 *
 * @param since the writer's clocks after what they were granted on was seen, or made, closed
 * @param longest of the leases; zero: none was granted
 */
record ClosedLeases(Stamp since, Duration longest) {}
