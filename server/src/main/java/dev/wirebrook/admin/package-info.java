/** What operators ask of a node: status, queries, dead letters, drain. Handlers only translate. */
@NullMarked
package dev.wirebrook.admin;

import org.jspecify.annotations.NullMarked;
