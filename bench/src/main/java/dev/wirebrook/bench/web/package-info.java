/** What JSON costs: a service of one method behind the HTTP listener. */
@NullMarked
package dev.wirebrook.bench.web;

import org.jspecify.annotations.NullMarked;
