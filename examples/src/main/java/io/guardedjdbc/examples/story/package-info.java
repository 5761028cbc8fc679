/** The story that the README's first command tells: a store's good day, bad day, and repair. */
@NullMarked
package io.guardedjdbc.examples.story;

import org.jspecify.annotations.NullMarked;
