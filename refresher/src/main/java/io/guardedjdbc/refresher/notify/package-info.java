/** What others are told: that a store's state changed, and that runs still happen. */
@NullMarked
package io.guardedjdbc.refresher.notify;

import org.jspecify.annotations.NullMarked;
