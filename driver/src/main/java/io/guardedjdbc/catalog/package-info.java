/**
 * What names mean on one server: which relations, functions, operators and types lead to something
 * guarded, and how. Loaded from the catalog in one query, shared by the connections of the JVM.
 */
@NullMarked
package io.guardedjdbc.catalog;

import org.jspecify.annotations.NullMarked;
