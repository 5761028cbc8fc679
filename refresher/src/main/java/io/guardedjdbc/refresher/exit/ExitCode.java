package io.guardedjdbc.refresher.exit;

import java.util.Collection;
import java.util.List;

/** What the process tells its caller. The one place of these numbers; they are never renumbered. */
public enum ExitCode {
  /** Certified, or nothing wrong. */
  OK(0, "certified / fine"),
  /** A gate failed, or a store is not certified. */
  NOT_CERTIFIED(1, "a gate failed, or a store is not certified"),
  /** Wrong usage or configuration: running it again changes nothing. */
  USAGE(2, "usage or configuration"),
  /** The question could not be answered: server, lock or permission. */
  COULD_NOT_CHECK(3, "could not check: server, lock or permission"),
  /** Another run holds the lock of this store. */
  LOCKED(4, "another run holds the lock"),
  /** SIGINT, after roll-back and record. */
  INTERRUPTED(130, "interrupted (SIGINT), rolled back and recorded"),
  /** SIGTERM, after roll-back and record. */
  TERMINATED(143, "terminated (SIGTERM), rolled back and recorded");

  private static final List<ExitCode> WORST_FIRST =
      List.of(TERMINATED, INTERRUPTED, USAGE, LOCKED, COULD_NOT_CHECK, NOT_CERTIFIED, OK);

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /** The number given to the operating system. */
  public int code() {
    return code;
  }

  /** One phrase, for help and documentation. */
  public String meaning() {
    return meaning;
  }

  /** The code for several stores: a signal first, then 2, 4, 3, 1, 0. Empty is {@link #OK}. */
  public static ExitCode worst(Collection<ExitCode> codes) {
    return WORST_FIRST.stream().filter(codes::contains).findFirst().orElse(OK);
  }
}
