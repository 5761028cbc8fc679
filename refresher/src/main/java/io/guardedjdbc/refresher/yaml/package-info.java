/** Reads YAML key by key and collects complaints; knows nothing of stores. */
@NullMarked
package io.guardedjdbc.refresher.yaml;

import org.jspecify.annotations.NullMarked;
