/** The same load on Wirebrook and on the engines that teams would otherwise take. */
@NullMarked
package dev.wirebrook.bench.peers;

import org.jspecify.annotations.NullMarked;
