@NullMarked
package io.guardedjdbc.catalog;

import org.jspecify.annotations.NullMarked;
