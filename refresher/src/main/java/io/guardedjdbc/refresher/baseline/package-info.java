/** The reviewed references that gates compare with: propose and approve. */
@NullMarked
package io.guardedjdbc.refresher.baseline;

import org.jspecify.annotations.NullMarked;
