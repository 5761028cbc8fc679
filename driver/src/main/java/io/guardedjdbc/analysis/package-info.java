/**
 * What does this SQL touch? Pure text analysis: no connection, no catalog, safe for use by several
 * threads.
 *
 * <p>The proof that a statement reads nothing guarded rests on this package, so everything in it
 * errs in one direction: it may report a name too many, never one too few. {@link
 * io.guardedjdbc.analysis.CachedAnalyzer} is the way in.
 */
@NullMarked
package io.guardedjdbc.analysis;

import org.jspecify.annotations.NullMarked;
