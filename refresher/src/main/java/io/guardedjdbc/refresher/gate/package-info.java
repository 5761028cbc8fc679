/** One class a gate: settings, the call of its SQL function, the explanation of its findings. */
@NullMarked
package io.guardedjdbc.refresher.gate;

import org.jspecify.annotations.NullMarked;
