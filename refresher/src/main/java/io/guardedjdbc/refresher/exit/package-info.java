/** How the command line ends: exit codes, failures, and what a SQLState means for them. */
@NullMarked
package io.guardedjdbc.refresher.exit;

import org.jspecify.annotations.NullMarked;
