/** Texts in and out: YAML with complaints, JSON, durations; knows nothing of stores. */
@NullMarked
package io.guardedjdbc.refresher.text;

import org.jspecify.annotations.NullMarked;
