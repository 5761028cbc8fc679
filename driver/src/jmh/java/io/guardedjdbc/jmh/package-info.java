/** What the driver costs, measured beside plain pgjdbc and other wrappers in one run. */
@NullMarked
package io.guardedjdbc.jmh;

import org.jspecify.annotations.NullMarked;
