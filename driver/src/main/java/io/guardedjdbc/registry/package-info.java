/** What is certified, and until when: certificates, looks, and how they are read. */
@NullMarked
package io.guardedjdbc.registry;

import org.jspecify.annotations.NullMarked;
