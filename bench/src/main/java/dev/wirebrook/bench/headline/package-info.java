/** Ten million log rows: inserted into PostgreSQL one by one, and sent through Wirebrook. */
@NullMarked
package dev.wirebrook.bench.headline;

import org.jspecify.annotations.NullMarked;
