package io.guardedjdbc.guard;

/** One thing that may happen next, and the world after it. */
record Move(String what, World to) {}
