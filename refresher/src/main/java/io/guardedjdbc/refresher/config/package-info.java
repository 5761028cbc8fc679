/** A store as its YAML file says it, and as the database keeps it. */
@NullMarked
package io.guardedjdbc.refresher.config;

import org.jspecify.annotations.NullMarked;
