/** The public face of the guarded JDBC driver: driver, data sources, properties, lineage. */
@NullMarked
package io.guardedjdbc;

import org.jspecify.annotations.NullMarked;
