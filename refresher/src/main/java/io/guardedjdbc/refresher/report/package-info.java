/** What people and programs get to read: text and JSON. */
@NullMarked
package io.guardedjdbc.refresher.report;

import org.jspecify.annotations.NullMarked;
