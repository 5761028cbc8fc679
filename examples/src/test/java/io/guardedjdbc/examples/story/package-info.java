/** Tests of the story. */
@NullMarked
package io.guardedjdbc.examples.story;

import org.jspecify.annotations.NullMarked;
