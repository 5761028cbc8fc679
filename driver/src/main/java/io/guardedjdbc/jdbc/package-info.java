/**
 * What the application holds: facades of pgjdbc's objects. Forwarding is generated ({@code
 * Delegating*}, by {@code src/codegen/java/Delegates.java}); written here is only what differs.
 * Every way by which SQL is sent or a row comes out asks the {@link
 * io.guardedjdbc.guard.SessionGuard} or is refused.
 */
@NullMarked
package io.guardedjdbc.jdbc;

import org.jspecify.annotations.NullMarked;
