package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.report.Paint;
import io.guardedjdbc.refresher.run.Interruption;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Map;

/**
 * What a command sees of the world.
 *
 * @param out documents and progress
 * @param err what went wrong
 * @param env environment variables
 * @param paint what {@code out} can show
 */
record Surroundings(
    PrintWriter out,
    PrintWriter err,
    Map<String, String> env,
    InstantSource clock,
    Interruption interruption,
    Paint paint) {}
