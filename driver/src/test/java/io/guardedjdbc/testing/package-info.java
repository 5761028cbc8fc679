/** The PostgreSQL fixture of all modules' tests. */
@NullMarked
package io.guardedjdbc.testing;

import org.jspecify.annotations.NullMarked;
