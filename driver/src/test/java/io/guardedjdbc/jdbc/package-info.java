/** Tests of the facades: the delegation contract, and every route against a real server. */
@NullMarked
package io.guardedjdbc.jdbc;

import org.jspecify.annotations.NullMarked;
