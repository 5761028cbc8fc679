/** How the driver refuses: states, exceptions, and the grammar of their messages. */
@NullMarked
package io.guardedjdbc.error;

import org.jspecify.annotations.NullMarked;
